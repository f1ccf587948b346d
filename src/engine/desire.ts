// The desired side of an application: revisions resolved, manifests rendered, each with its namespace.

import { byId, type Identity, localize, rulesMark, wantedIds } from '../diff/index.ts';
import {
  type Application,
  asEngineError,
  describe,
  type Hold,
  type IgnoreRule,
  idOf,
  type Manifest,
  type ObjectId,
  type ObjectRef,
  type Report,
  type Source,
  type SyncOptions,
} from '../model/index.ts';
import { isExcludedKind } from '../policy/index.ts';
import type { Cluster, Rendered, Resolved } from '../ports/index.ts';
import type { Engine } from './engine.ts';
import { type Finding, rulesFor, rulesOf } from './ignore.ts';
import { accountOf } from './project.ts';
import { renderedFor } from './render-for.ts';
import { directivesOf } from './steering.ts';

/** Sources at revisions; an empty revision means the source's own target. */
export type Want = {
  readonly sources: readonly Source[];
  readonly revisions: readonly string[];
  readonly fresh: boolean;
};

/** What an application should be. */
export type Desired = {
  readonly sources: readonly Source[];
  readonly revisions: readonly string[];
  readonly rendered: Rendered;
  readonly identity: Identity;
  /** Objects to compare and to apply. */
  readonly manifests: readonly Manifest[];
  /** Objects that run in phases. */
  readonly hooks: readonly Manifest[];
  /** The namespace that is made first because the options ask for it. */
  readonly namespace: Manifest | undefined;
  readonly ids: ReadonlySet<ObjectId>;
  readonly options: SyncOptions;
  /** In whose name it is written; the engine's own when absent. */
  readonly as?: string;
  /** Differences that do not count, of the application and of the whole system. */
  readonly rules: readonly IgnoreRule[];
  /** What people have to know of the manifests: objects that the settings exclude. */
  readonly findings: readonly Finding[];
  /** When its revisions were known, and when it was rendered; ms since the epoch. */
  readonly times: { readonly seen: number; readonly rendered: number };
  /** Set when a source does not answer and its last known state is used. */
  readonly holds: readonly Hold[];
};

type Arranged = Omit<Desired, 'sources' | 'revisions' | 'rendered' | 'times' | 'holds'>;

/** What the application declares now: a rollback that is pinned, or its own sources at their targets. */
export async function target(engine: Engine, app: Application): Promise<Want> {
  const plain: Want = { sources: app.sources, revisions: [], fresh: app.refresh !== undefined };
  if (app.pin === undefined) return plain;
  const now = await Promise.all(app.sources.map((source) => engine.sources.resolve(source, app.project)));
  const moved = now.some((one, i) => one.revision !== app.pin?.untilRevisionChangesFrom[i]);
  if (moved) {
    await engine.store.unpin(app.key);
    return plain;
  }
  return { sources: app.pin.sources, revisions: app.pin.revisions, fresh: false };
}

/** Resolves and renders. Throws EngineError. */
export async function desire(
  engine: Engine,
  app: Application,
  cluster: Cluster,
  want: Want,
  options: SyncOptions,
): Promise<Desired> {
  const resolved = await Promise.all(want.sources.map((source, i) => resolveOne(engine, app, source, want, i)));
  const revisions = resolved.map((one) => one.revision);
  const seen = engine.clock.now();
  const settings = engine.store.settings();
  const { kubeVersion, apiVersions } = await cluster.version();
  const application = renderedFor(engine.store, app);
  const request = { application, sources: want.sources, revisions, kubeVersion, apiVersions, settings };
  if (app.refresh === 'hard') engine.renderer.forget(request);
  const rendered = await engine.renderer.render(request);
  const times = { seen, rendered: engine.clock.now() };
  const made = await arrange(engine, app, cluster, rendered.manifests, options);
  return { sources: want.sources, revisions, rendered, ...made, times, holds: staleHolds(want.sources, resolved) };
}

/** Manifests as they are compared and applied: with namespaces, told apart from hooks. */
export async function arrange(
  engine: Engine,
  app: Application,
  cluster: Cluster,
  given: readonly Manifest[],
  options: SyncOptions,
): Promise<Arranged> {
  const settings = engine.store.settings();
  const identity: Identity = { name: app.trackingName, namespace: app.destination.namespace, settings };
  const rules = rulesOf(settings, app);
  const findings: Finding[] = [];
  const isNamespaced = await scopes(cluster, given);
  const manifests: Manifest[] = [];
  const hooks: Manifest[] = [];
  for (const localized of localize(given, identity, app.destination.namespace, isNamespaced)) {
    const { ref } = localized;
    if (isExcludedKind(settings, cluster.server, ref.group, ref.kind)) {
      const message = `${describe(ref)} is left alone: resource.exclusions or resource.inclusions exclude ${ref.kind}`;
      findings.push({ type: 'ExcludedResourceWarning', message });
      continue;
    }
    const manifest = marked(localized, rules);
    const { hooks: phases, skip } = directivesOf(manifest);
    if (phases.length > 0) hooks.push(manifest);
    else if (!skip) manifests.push(manifest);
  }
  const unique = [...byId(manifests).values()];
  const namespace = namespaceManifest(app, options, unique);
  const as = accountOf(engine, app, cluster);
  const written = as === undefined ? {} : { as };
  const made = { identity, manifests: unique, hooks, namespace, ids: wantedIds(unique), options, rules, findings };
  return { ...made, ...written };
}

// What is known of an object was found under some rules; under others it has to be found anew.
function marked(manifest: Manifest, rules: readonly IgnoreRule[]): Manifest {
  const mark = rulesMark(rulesFor(rules, manifest.ref));
  return mark === '' ? manifest : { ...manifest, digest: `${manifest.digest}|${mark}` };
}

async function resolveOne(engine: Engine, app: Application, source: Source, want: Want, i: number): Promise<Resolved> {
  const revision = want.revisions[i] ?? '';
  const asked = revision === '' ? source : { ...source, targetRevision: revision };
  return engine.sources.resolve(asked, app.project, { fresh: want.fresh });
}

// Whether a kind is namespaced: as the cluster says, or as the CRD in the same source says.
async function scopes(cluster: Cluster, manifests: readonly Manifest[]): Promise<(ref: ObjectRef) => boolean> {
  const namespaced = new Map<string, boolean>();
  for (const { ref } of manifests) {
    const kind = `${ref.group}/${ref.kind}`;
    if (namespaced.has(kind)) continue;
    const info = await cluster.kind(ref.group, ref.kind);
    namespaced.set(kind, info?.namespaced ?? declaredScope(manifests, ref));
  }
  return (ref) => namespaced.get(`${ref.group}/${ref.kind}`) ?? true;
}

function declaredScope(manifests: readonly Manifest[], ref: ObjectRef): boolean {
  const crd = manifests.find(
    (one) =>
      one.ref.kind === 'CustomResourceDefinition' &&
      one.ref.name.endsWith(`.${ref.group}`) &&
      one.body.includes(`"${ref.kind}"`),
  );
  return crd === undefined || !/"scope":\s*"Cluster"/.test(crd.body);
}

function namespaceManifest(
  app: Application,
  options: SyncOptions,
  manifests: readonly Manifest[],
): Manifest | undefined {
  const name = app.destination.namespace;
  if (!options.createNamespace || name === '') return undefined;
  const ref: ObjectRef = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name };
  if (manifests.some((manifest) => idOf(manifest.ref) === idOf(ref))) return undefined;
  const metadata = { name, ...app.syncPolicy.managedNamespaceMetadata };
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata });
  return { ref, digest: `namespace|${body}`, body, steering: {}, origin: '', source: 0 };
}

function staleHolds(sources: readonly Source[], resolved: readonly Resolved[]): readonly Hold[] {
  return resolved.flatMap((one, i): readonly Hold[] => {
    if (one.stale === undefined) return [];
    const message = `${sources[i]?.repoURL ?? ''} does not answer since ${one.stale.since}: ${one.stale.message}`;
    return [{ reason: 'source-unreachable', message, objects: [] }];
  });
}

/** The refs that the last report names: kinds that may have to be pruned are watched because of them. */
export function reportedRefs(engine: Engine, server: string, report: Report | undefined): readonly ObjectRef[] {
  const settings = engine.store.settings();
  const refs = report?.resources.map((resource) => resource.ref) ?? [];
  return refs.filter(({ group, kind }) => !isExcludedKind(settings, server, group, kind));
}

/** The condition type under which an error is shown (Argo CD's names). */
export function troubleType(thrown: unknown): string {
  const { code } = asEngineError(thrown);
  if (code === 'app-invalid' || code === 'project-not-found' || code === 'not-permitted') return 'InvalidSpecError';
  if (code === 'cluster-not-found') return 'InvalidSpecError';
  return code === 'internal' ? 'UnknownError' : 'ComparisonError';
}
