// The comparison of the two worlds: desired manifests and live facts, object by object.
import {
  type Change,
  type Directives,
  describe,
  type IgnoreRule,
  idOf,
  type LiveObject,
  type Manifest,
  type ObjectId,
  type Prediction,
} from '../model/index.ts';
import { byId, type Identity, isOurs, trackedBy } from './identity.ts';
import { countedFields } from './ignore.ts';

/** Both sides of one application. */
export type Sides = {
  readonly manifests: readonly Manifest[];
  readonly live: ReadonlyMap<ObjectId, LiveObject>;
  /** Answers of the server for manifests whose state is not known from memory. */
  readonly predictions: ReadonlyMap<ObjectId, Prediction>;
  readonly identity: Identity;
  readonly rules: readonly IgnoreRule[];
  /** The annotations of a live object, understood. */
  readonly directives: (object: Pick<LiveObject, 'steering'>) => Directives;
  /** True when the application that an object is tracked by still wants it. */
  readonly wantedBy: (owner: string, id: ObjectId) => boolean;
};

/** The manifests whose effect only the server can tell: they exist, and are not known to match. */
export function unpredicted(sides: Pick<Sides, 'manifests' | 'live' | 'predictions'>): readonly Manifest[] {
  const unknown: Manifest[] = [];
  for (const [id, manifest] of byId(sides.manifests)) {
    const live = sides.live.get(id);
    if (live !== undefined && live.matches !== manifest.digest && !sides.predictions.has(id)) unknown.push(manifest);
  }
  return unknown;
}

/** Every object of either side once, in the order of the manifests, then what is to be pruned. */
export function compare(sides: Sides): readonly Change[] {
  const desired = byId(sides.manifests);
  const changes: Change[] = [];
  for (const [id, manifest] of desired) changes.push(compareOne(sides, id, manifest));
  for (const [id, live] of sides.live) {
    if (desired.has(id) || !isOurs(sides.identity, live.tracking)) continue;
    // Hooks come and go by their own rules, and an owner's garbage is collected by the cluster.
    const { hooks, skip } = sides.directives(live);
    if (hooks.length > 0 || skip || live.owners.length > 0) continue;
    changes.push({ id, ref: live.ref, kind: 'prune', live, fields: [] });
  }
  return changes;
}

function compareOne(sides: Sides, id: ObjectId, manifest: Manifest): Change {
  const live = sides.live.get(id);
  const prediction = sides.predictions.get(id);
  const common = { id, ref: manifest.ref, desired: manifest, ...(live === undefined ? {} : { live }) };
  if (live !== undefined) {
    const owner = trackedBy(live.tracking);
    if (live.tracking !== '' && !isOurs(sides.identity, live.tracking) && sides.wantedBy(owner, id)) {
      const message = `${describe(manifest.ref)} belongs to application ${owner}`;
      return { ...common, kind: 'foreign', fields: [], message };
    }
    if (live.matches === manifest.digest) return { ...common, kind: 'same', fields: [] };
  }
  return fromPrediction(sides, common, prediction);
}

function fromPrediction(
  sides: Sides,
  common: Omit<Change, 'kind' | 'fields'>,
  prediction: Prediction | undefined,
): Change {
  const absent = common.live === undefined;
  if (prediction === undefined) return { ...common, kind: absent ? 'create' : 'update', fields: [] };
  switch (prediction.kind) {
    case 'same':
      return { ...common, kind: absent ? 'create' : 'same', fields: [] };
    case 'create':
      return { ...common, kind: 'create', fields: [] };
    case 'update': {
      const fields = countedFields(common.ref, prediction.fields, sides.rules);
      const ignored = prediction.fields.length > 0 && fields.length === 0;
      // A value that somebody else has set to what Git says is as Git says; it becomes ours again at the next write.
      const alike = prediction.fields.length === 0 && common.live?.drifted === true;
      return { ...common, kind: ignored || alike ? 'same' : 'update', fields };
    }
    case 'rejected':
      return { ...common, kind: 'rejected', fields: [], message: prediction.message };
    default:
      return { ...common, kind: prediction.kind, fields: [] };
  }
}

/** True when a change makes the application OutOfSync. */
export function counts(change: Change, directives: Directives): boolean {
  if (directives.hooks.length > 0 || directives.skip) return false;
  if (change.kind === 'prune') return !directives.ignoreExtraneous && change.live?.deletedAt === undefined;
  return change.kind !== 'same';
}

/** The ids of the manifests, for whoever has to know what an application wants. */
export function wantedIds(manifests: readonly Manifest[]): ReadonlySet<ObjectId> {
  return new Set(manifests.map((manifest) => idOf(manifest.ref)));
}
