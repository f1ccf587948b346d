// The end of an application: its objects go in the reverse order of their waves, then its own resource is released.
import { isOurs } from '../diff/index.ts';
import {
  type Application,
  asEngineError,
  describe,
  EngineError,
  type Hold,
  idOf,
  type Json,
  type LiveObject,
  parseInstant,
  type Report,
  type SyncOptions,
  sameJson,
} from '../model/index.ts';
import { inTiers } from '../plan/index.ts';
import { stamped, troubleOf } from '../report/index.ts';
import { type HooksRun, runDeletionHooks } from './deletion-hooks.ts';
import { reportedRefs } from './desire.ts';
import type { Engine } from './engine.ts';
import type { Next } from './next.ts';
import { accountOf } from './project.ts';
import { directivesOf } from './steering.ts';

/** Says that the objects of a deleted application stay: the way out when its cluster is gone. */
export const orphanAnnotation = 'plumbline.dev/orphan';

const orphanChoice = `; to leave its objects behind: ${orphanAnnotation}: "true", or plumb app delete --cascade none`;

/** One pass of a deletion: deletes what may go now, or releases the resource when nothing is left. */
export async function finalize(engine: Engine, app: Application): Promise<Next> {
  const cascade = app.deletion?.cascade ?? 'none';
  const hooked = app.finalizers.some((one) => /^(pre|post)-delete-finalizer\./.test(one));
  // Hooks and objects are out of reach for one who says that they are to be left behind.
  if ((cascade === 'none' && !hooked) || app.annotations[orphanAnnotation] === 'true') return release(engine, app);
  try {
    const cluster = await engine.clusters.get(app.destination, app.project);
    // Of an application that nobody has compared yet nothing is known: it is not let go before its cluster answers.
    if (cascade !== 'none') await cluster.version();
    const before = await runDeletionHooks(engine, app, cluster, 'PreDelete');
    if (before.outcome !== 'done') return holdHooks(engine, app, before);
    const identity = { name: app.trackingName, settings: engine.store.settings() };
    const { objects } = await cluster.observe({
      tracking: app.trackingName,
      refs: reportedRefs(engine, cluster.server, app.report),
    });
    const all = cascade === 'none' ? [] : [...objects.values()];
    const left = all.filter((object) => goes(engine, app, cluster.server, object, identity));
    if (left.length === 0) {
      const after = await runDeletionHooks(engine, app, cluster, 'PostDelete');
      return after.outcome === 'done' ? release(engine, app) : holdHooks(engine, app, after);
    }
    const confirm = left.filter((object) => asksFirst(app, object));
    if (confirm.length > 0) return hold(engine, app, confirmHold(confirm));
    const wave = Math.max(...left.map((object) => waveOf(object)));
    const now = left.filter((object) => waveOf(object) === wave && object.deletedAt === undefined);
    const propagation = cascade === 'background' ? 'background' : 'foreground';
    const account = accountOf(engine, app, cluster);
    const as = account === undefined ? {} : { as: account };
    for (const tier of inTiers(now, true)) {
      await Promise.all(tier.map((object) => cluster.delete(object.ref, { uid: object.uid, propagation, ...as })));
    }
    const [first] = left;
    const name = first === undefined ? '' : describe(first.ref);
    const message =
      left.length === 1 ? `${name} is being deleted` : `${left.length} objects are being deleted, ${name} among them`;
    const waiting: Hold = { reason: 'waits-for-deletion', message, objects: left.map((object) => idOf(object.ref)) };
    return hold(engine, app, waiting);
  } catch (thrown) {
    const error = asEngineError(thrown);
    const choice = /^cluster-/.test(error.code) ? orphanChoice : '';
    const finding = { type: 'DeletionError', message: `${error.message}${choice}` };
    const report = troubleOf(app.report, finding, app.report?.operation, engine.clock.now());
    engine.store.save(app.key, report, { urgency: 'now' });
    throw new EngineError(error.code, error.message, { about: error.about, retry: 'backoff', cause: error });
  }
}

function goes(
  engine: Engine,
  app: Application,
  server: string,
  object: LiveObject,
  identity: Parameters<typeof isOurs>[0],
): boolean {
  if (!isOurs(identity, object.tracking) || object.owners.length > 0) return false;
  // A CRD takes every object of its kind along, whoever's they are; an application that holds itself is on its way.
  if (object.ref.kind === 'CustomResourceDefinition' || isItself(app, object)) return false;
  // Hooks of syncs go along; those of the deletion have a policy of their own.
  if (directivesOf(object).hooks.some((phase) => phase === 'PreDelete' || phase === 'PostDelete')) return false;
  if (consentOf(app, object) === 'no') return false;
  return engine.claims.wantedElsewhere(server, app.trackingName, idOf(object.ref)) === undefined;
}

function isItself(app: Application, { ref }: LiveObject): boolean {
  const application = ref.group === 'argoproj.io' && ref.kind === 'Application';
  return application && ref.namespace === app.namespace && ref.name === app.name;
}

function asksFirst(app: Application, object: LiveObject): boolean {
  if (consentOf(app, object) !== 'confirm') return false;
  const at = parseInstant(app.annotations['argocd.argoproj.io/deletion-approved'] ?? '');
  return !(at >= parseInstant(app.deletion?.requestedAt ?? '') - 1_000);
}

function consentOf(app: Application, object: LiveObject): SyncOptions['delete'] {
  return directivesOf(object).options.delete ?? app.syncPolicy.options.delete;
}

function waveOf(object: LiveObject): number {
  return directivesOf(object).wave;
}

function holdHooks(engine: Engine, app: Application, { outcome, message, wrote, again }: HooksRun): Next {
  const waiting: Hold = {
    reason: outcome === 'failed' ? 'gave-up' : 'waits-for-health',
    message: `deletion: ${message}`,
    objects: [],
  };
  // Argo CD's users look for the condition.
  const next = hold(engine, app, waiting, outcome === 'failed' ? message : undefined);
  if (wrote === true) return { ...next, again: 0 };
  return again === undefined ? next : { ...next, again };
}

function confirmHold(objects: readonly LiveObject[]): Hold {
  const names = objects.slice(0, 3).map((object) => describe(object.ref));
  return {
    reason: 'delete-needs-confirmation',
    message: `deleting ${names.join(', ')} needs a confirmation`,
    objects: objects.map((object) => idOf(object.ref)),
  };
}

function hold(engine: Engine, app: Application, waiting: Hold, failure?: string): Next {
  const before = engine.store.application(app.key)?.report;
  if (before === undefined) return {};
  const now = engine.clock.now();
  const others = before.conditions.filter(({ type }) => type !== 'DeletionError');
  const conditions =
    failure === undefined
      ? others
      : troubleOf(before, { type: 'DeletionError', message: failure }, before.operation, now).conditions;
  const report: Report = { ...before, conditions, holds: stamped([waiting], before.holds, now) };
  const same =
    before.holds.length === 1 &&
    before.holds[0]?.message === waiting.message &&
    sameJson(conditions as unknown as Json, before.conditions as unknown as Json);
  if (!same) engine.store.save(app.key, report, { urgency: 'now' });
  return {};
}

async function release(engine: Engine, app: Application): Promise<Next> {
  await engine.store.release(app.key);
  return { woken: engine.claims.drop(app.key) };
}
