// What stands in the way of a pass before it decides anything: the project's rules, and other applications.
import { trackedBy } from '../diff/index.ts';
import type { AppKey, Application, Change, EngineError, Hold, Project, Source } from '../model/index.ts';
import { runningOperation } from '../plan/index.ts';
import { permit, permitObjects, syncWindowHold } from '../policy/index.ts';
import type { Cluster } from '../ports/index.ts';
import type { Desired } from './desire.ts';
import type { Engine } from './engine.ts';

/** Records what the application wants now; answers those that waited for something it does not want any more. */
export function claim(engine: Engine, app: Application, server: string, desired: Desired): readonly AppKey[] {
  const seen = new Map(
    desired.sources.map((source, i) => [sourceKey(engine, source), desired.revisions[i] ?? ''] as const),
  );
  return engine.claims.put({ key: app.key, tracking: app.trackingName, server, ids: desired.ids, seen });
}

/** Notes that an application has been looked at in vain, so that nobody waits for its answer for ever. */
export async function passOver(engine: Engine, app: Application, error: EngineError): Promise<void> {
  const seen = new Map<string, string>();
  for (const source of app.sources) {
    const known = await engine.sources.resolve(source, app.project).catch(() => undefined);
    if (known !== undefined) seen.set(sourceKey(engine, source), known.revision);
  }
  // A folder that is not there any more wants nothing: who has its objects now may take them.
  const [only, ...more] = app.sources;
  const folder = only?.path?.replace(/^(?:\.?\/)+|\/+$/g, '');
  const isGone = error.code === 'path-not-found' && more.length === 0 && error.about === folder;
  engine.claims.pass({ key: app.key, tracking: app.trackingName, seen }, isGone);
}

function sourceKey(engine: Engine, source: Source): string {
  return `${engine.sources.normalize(source.repoURL)}@${source.targetRevision}`;
}

/** True when an object that would be pruned may yet be wanted by an application that has not been looked at. */
export function unsettledPrunes(engine: Engine, app: Application, out: readonly Change[]): boolean {
  if (!out.some((change) => change.kind === 'prune')) return false;
  if (app.syncPolicy.automated?.prune !== true && app.operation?.prune !== true) return false;
  const others = engine.store.applications().filter((other) => mayTakeOver(engine, app, other));
  return !engine.claims.settled(
    app.key,
    others.map((other) => other.key),
  );
}

// A commit can move objects between the applications of one repository, in one cluster.
function mayTakeOver(engine: Engine, app: Application, other: Application): boolean {
  if (other.key === app.key || other.deletion !== undefined || other.skipReconcile) return false;
  const [mine, theirs] = [app.destination.server, other.destination.server];
  if (mine !== undefined && theirs !== undefined && mine !== theirs) return false;
  const repositories = new Set(app.sources.map((source) => engine.sources.normalize(source.repoURL)));
  return other.sources.some((source) => repositories.has(engine.sources.normalize(source.repoURL)));
}

/** Remembers that the application waits for objects of others, so that it is woken when they let go. */
export function contest(engine: Engine, app: Application, out: readonly Change[]): void {
  const foreign = out.filter((change) => change.kind === 'foreign' && change.live !== undefined);
  if (foreign.some((change) => trackedBy(change.live?.tracking ?? '') !== app.trackingName)) {
    engine.claims.contest(app.key);
  }
}

/** Every reason of policy against a write: what the project does not allow, and windows that are closed now. */
export function deniedBy(
  engine: Engine,
  app: Application,
  project: Project,
  cluster: Cluster,
  desired: Desired,
): readonly Hold[] {
  const context = { controlNamespace: engine.controlNamespace };
  const objects = [...desired.manifests, ...desired.hooks].map(({ ref }) => ({
    ref,
    namespaced: ref.namespace !== '',
  }));
  const holds = [
    ...permit(app, project, cluster, context),
    ...permitObjects(project, cluster, app.destination.namespace, objects),
  ];
  if (holds.length > 0 || project.windows.length === 0) return holds;
  const asked = { manual: app.operation !== undefined, running: runningOperation(app.report) !== undefined };
  const closed = syncWindowHold(project, app, engine.clock.now(), asked, engine.zones);
  return closed === undefined ? [] : [closed];
}
