// Both sides of an application compared: from memory where nothing changed, by dry runs where only the server knows.
import { compare, dress, isOurs, trackedBy, unpredicted, unsaid } from '../diff/index.ts';
import {
  type Application,
  asEngineError,
  type Change,
  describe,
  idOf,
  type LiveObject,
  type Manifest,
  type ObjectId,
  type ObjectRef,
  type Prediction,
} from '../model/index.ts';
import type { Hook } from '../plan/index.ts';
import type { ApplyOptions, Cluster } from '../ports/index.ts';
import { type Desired, reportedRefs } from './desire.ts';
import { type Engine, type Memo, memoOf } from './engine.ts';
import { type Finding, faultsOf, spared, statusRules } from './ignore.ts';
import { directivesOf } from './steering.ts';

/** Both sides, compared. */
export type View = {
  readonly changes: readonly Change[];
  readonly hooks: readonly Hook[];
  /** The change of the namespace that is made first, when there is one to make. */
  readonly namespace: Change | undefined;
  readonly live: ReadonlyMap<ObjectId, LiveObject>;
  /** Live objects of ours. */
  readonly ours: number;
  /** What people have to know of what was compared, and of what was not. */
  readonly findings: readonly Finding[];
};

/** How hard to look: `preflight` also dry-runs what does not exist yet. */
export type Look = { readonly preflight: boolean; readonly hooks: readonly Manifest[] };

/** Compares. Asks the server only about what is neither remembered nor known to match. Throws EngineError. */
export async function see(
  engine: Engine,
  app: Application,
  cluster: Cluster,
  desired: Desired,
  look: Look,
): Promise<View> {
  const memo = memoOf(engine, app.key);
  const { identity, manifests, namespace } = desired;
  const wanted = [...manifests, ...look.hooks, ...(namespace === undefined ? [] : [namespace])];
  const refs: ObjectRef[] = [
    ...wanted.map((manifest) => manifest.ref),
    ...reportedRefs(engine, cluster.server, app.report),
  ];
  const { objects, unknownKinds } = await cluster.observe({ tracking: identity.name, refs });
  const live = scoped(objects, wanted, identity, app);
  const predictions = new Map<ObjectId, Prediction>();
  for (const manifest of manifests) {
    if (unknownKinds.includes(`${manifest.ref.group}/${manifest.ref.kind}`)) {
      predictions.set(idOf(manifest.ref), { kind: 'unknown-kind' });
    }
  }
  const wantedBy = (owner: string, id: ObjectId): boolean => engine.claims.wants(cluster.server, owner, id);
  const open = [
    ...unpredicted({ manifests, live, predictions }).filter((manifest) => mayAsk(manifest, live, identity, wantedBy)),
    ...(look.preflight ? manifests.filter((manifest) => absent(manifest, live, predictions)) : []),
  ];
  await Promise.all(open.map((manifest) => predictOne(engine, cluster, desired, memo, live, predictions, manifest)));
  const rules = [...statusRules(engine.store.settings()), ...desired.rules];
  // What another application wants by now is handed over to it, not pruned.
  const changes = compare({ manifests, live, predictions, identity, rules, directives: directivesOf, wantedBy }).filter(
    (change) =>
      change.kind !== 'prune' || engine.claims.wantedElsewhere(cluster.server, identity.name, change.id) === undefined,
  );
  for (const { id, kind, desired: manifest } of changes) {
    if (kind === 'same' && manifest !== undefined) memo.proven.set(id, manifest.digest);
    else if (kind === 'prune') memo.proven.delete(id);
  }
  const ours = [...live.values()].filter((object) => isOurs(identity, object.tracking)).length;
  const hooks = look.hooks.map((manifest) => withLive(manifest, live));
  const findings = [...desired.findings, ...(await faultsOf(engine.languages, desired.rules))];
  return { changes, hooks, namespace: namespaceChange(app, namespace, live), live, ours, findings };
}

// Objects that only an old report names, and that are not ours, are none of our business.
function scoped(
  objects: ReadonlyMap<ObjectId, LiveObject>,
  wanted: readonly Manifest[],
  identity: Desired['identity'],
  app: Application,
): ReadonlyMap<ObjectId, LiveObject> {
  const ids = new Set(wanted.map((manifest) => idOf(manifest.ref)));
  const scope = new Map<ObjectId, LiveObject>();
  for (const [id, object] of objects) {
    if (ids.has(id) || (isOurs(identity, object.tracking) && object.uid !== app.uid)) scope.set(id, object);
  }
  return scope;
}

function mayAsk(
  manifest: Manifest,
  live: ReadonlyMap<ObjectId, LiveObject>,
  identity: Desired['identity'],
  wantedBy: (owner: string, id: ObjectId) => boolean,
): boolean {
  const id = idOf(manifest.ref);
  const tracking = live.get(id)?.tracking ?? '';
  return tracking === '' || isOurs(identity, tracking) || !wantedBy(trackedBy(tracking), id);
}

function absent(
  manifest: Manifest,
  live: ReadonlyMap<ObjectId, LiveObject>,
  predictions: ReadonlyMap<ObjectId, Prediction>,
): boolean {
  const id = idOf(manifest.ref);
  return !live.has(id) && !predictions.has(id);
}

async function predictOne(
  engine: Engine,
  cluster: Cluster,
  desired: Desired,
  memo: Memo,
  live: ReadonlyMap<ObjectId, LiveObject>,
  predictions: Map<ObjectId, Prediction>,
  manifest: Manifest,
): Promise<void> {
  const id = idOf(manifest.ref);
  const resourceVersion = live.get(id)?.resourceVersion ?? '';
  const known = memo.predictions.get(id);
  if (known !== undefined && known.digest === manifest.digest && known.resourceVersion === resourceVersion) {
    predictions.set(id, known.prediction);
    return;
  }
  const options = writeOptions(desired, manifest);
  const dressed = dress(manifest, desired.identity);
  const plain = await ask(cluster, dressed, options);
  // Where something differs, the server is asked again with what does not count left as it is: that is about what counts.
  const sent = plain.kind === 'update' ? await sparedFor(engine, cluster, desired, dressed, options.how) : dressed;
  const asked = sent === dressed ? plain : await ask(cluster, sent, { ...options, spared: true });
  const prediction = asked.kind === 'no-namespace' ? withoutNamespace(desired, manifest) : asked;
  predictions.set(id, prediction);
  // An absent object is asked about again before each sync: what refused it may have gone.
  if (resourceVersion !== '') memo.predictions.set(id, { digest: manifest.digest, resourceVersion, prediction });
}

/** The manifest with everything left alone that ignore rules name. */
export function sparedFor(
  engine: Pick<Engine, 'languages'>,
  cluster: Cluster,
  desired: Desired,
  manifest: Manifest,
  how: ApplyOptions['how'],
): Promise<Manifest> {
  return spared(engine.languages, cluster, manifest, desired.rules, how === 'server-side' ? 'owned' : 'all');
}

async function ask(cluster: Cluster, manifest: Manifest, options: Omit<ApplyOptions, 'dryRun'>): Promise<Prediction> {
  try {
    const prediction = await cluster.predict(manifest, options);
    return prediction.kind === 'rejected'
      ? { ...prediction, message: unsaid(prediction.message, manifest) }
      : prediction;
  } catch (thrown) {
    const error = asEngineError(thrown);
    if (error.code === 'object-rejected') return { kind: 'rejected', message: unsaid(error.message, manifest) };
    throw error;
  }
}

/** How one object is written under the options of its sync. */
export function writeOptions(desired: Desired, manifest: Manifest): Omit<ApplyOptions, 'dryRun'> {
  const options = { ...desired.options, ...directivesOf(manifest).options };
  const plain = options.replace ? 'replace' : options.serverSideApply ? 'server-side' : 'client-side';
  const how = options.force ? 'recreate' : plain;
  const as = desired.as === undefined ? {} : { as: desired.as };
  const { validate, migrateManagers, replace } = options;
  return { how, validate, migrateManagers, ...as, ...(options.force && !replace ? { inPlace: true } : {}) };
}

function withoutNamespace(desired: Desired, manifest: Manifest): Prediction {
  const { namespace } = manifest.ref;
  const comes =
    desired.namespace?.ref.name === namespace ||
    desired.manifests.some(({ ref }) => ref.kind === 'Namespace' && ref.group === '' && ref.name === namespace);
  if (comes) return { kind: 'create' };
  return { kind: 'rejected', message: `${describe(manifest.ref)}: namespace ${namespace} does not exist` };
}

function withLive(manifest: Manifest, live: ReadonlyMap<ObjectId, LiveObject>): Hook {
  const id = idOf(manifest.ref);
  const object = live.get(id);
  return { id, manifest, ...(object === undefined ? {} : { live: object }) };
}

// A namespace that is only made because the options ask for it is left alone once it exists, unless they manage it.
function namespaceChange(
  app: Application,
  namespace: Manifest | undefined,
  live: ReadonlyMap<ObjectId, LiveObject>,
): Change | undefined {
  if (namespace === undefined) return undefined;
  const id = idOf(namespace.ref);
  const object = live.get(id);
  const common = { id, ref: namespace.ref, desired: namespace, fields: [] };
  if (object === undefined) return { ...common, kind: 'create' };
  const managed = app.syncPolicy.managedNamespaceMetadata !== undefined;
  const kind = managed && object.matches !== namespace.digest ? 'update' : 'same';
  return { ...common, kind, live: object };
}
