// Reduces a live object to what the pure rooms need. Facts are small (about 300 bytes): strings are shared, absent
// things cost nothing, and what can be derived is derived when somebody asks.
import { hash } from 'node:crypto';
import { type Health, type KubeObject, type LiveObject, listAt, type ObjectRef, stringAt } from '../model/index.ts';
import { isMigratable } from './field-sets.ts';
import { inheritedDigest } from './inherited.ts';
import { managedFields, type OwnedDigest, ownedDigest } from './owned.ts';
import { imagesOf, steeringOf, urlsOf } from './shown.ts';
import { type TrackingRules, trackingId, trackingOf } from './tracking.ts';

/** Judges an object, at once or later; given by the composition root. Its promise never fails. */
export type Assess = (object: KubeObject) => Health | undefined | Promise<Health | undefined>;

/** Group, kind and the version in which it is watched: one shared object per kind. */
export type WatchedKind = { readonly group: string; readonly version: string; readonly kind: string };

/** What most objects do not have; one frozen instance serves all of those. */
type Extras = {
  readonly finalizers: readonly string[];
  readonly owners: readonly string[];
  readonly steering: Readonly<Record<string, string>>;
  readonly images: readonly string[];
  readonly urls: readonly string[];
};

/** What is known of one live object. `known` is the digest of the manifest that it was last seen equal to. */
export type Fact = {
  readonly kind: WatchedKind;
  readonly namespace: string;
  readonly name: string;
  uid: string;
  version: string;
  app: string;
  /** The tracking as written, '' where it is the usual id of `app`. */
  rawTracking: string;
  owned: OwnedDigest;
  known: string;
  knownOwned: OwnedDigest;
  /** See `shapeOf`; 0 while the object matches, or nobody is concerned. */
  shape: number;
  /** The result of the last prediction and what it was made of, while it is not `same`. */
  predicted: unknown;
  health: Health | undefined;
  /** Seconds since the epoch. */
  createdAt: number;
  deletedAt: string;
  extras: Extras;
  /** Somebody whose fields an apply should take over has an entry in managedFields. */
  migratable: boolean;
  /** The list in which it was last seen. */
  seen: number;
};

/** Facts of one object, nothing remembered yet. */
export function factOf(object: KubeObject, kind: WatchedKind, rules: TrackingRules, health: Health | undefined): Fact {
  const { metadata } = object;
  const namespace = share(stringAt(metadata, 'namespace') ?? '');
  const name = stringAt(metadata, 'name') ?? '';
  const ref = { ...kind, namespace, name };
  const { app, raw } = trackingOf(object, ref, rules);
  const usual = app !== '' && (rules.trackingMethod === 'label' ? raw === app : raw === trackingId(app, ref));
  return {
    kind,
    namespace,
    name,
    uid: stringAt(metadata, 'uid') ?? '',
    version: stringAt(metadata, 'resourceVersion') ?? '',
    app: share(app),
    rawTracking: usual ? '' : raw,
    owned: ownedDigest(object) || (app === '' ? '' : inheritedDigest(object)),
    known: '',
    knownOwned: '',
    shape: 0,
    predicted: undefined,
    health: shareHealth(health),
    createdAt: Math.floor(Date.parse(stringAt(metadata, 'creationTimestamp') ?? '') / 1000) || 0,
    deletedAt: stringAt(metadata, 'deletionTimestamp') ?? '',
    extras: extrasOf(object),
    migratable: managedFields(object).some(isMigratable),
    seen: 0,
  };
}

/** True when the object equals the manifest that it was last seen equal to. */
export function isMatching(fact: Fact): boolean {
  return fact.known !== '' && fact.knownOwned === fact.owned;
}

/**
 * A short digest of everything but status and bookkeeping: tells whether an object that does not match has changed.
 * Never 0. Seven hex digits are a small integer, which takes no memory of its own.
 */
export function shapeOf(object: KubeObject): number {
  const { metadata, status: _status, ...rest } = object;
  const { labels, annotations, finalizers, ownerReferences } = metadata;
  const text = JSON.stringify([rest, labels, annotations, finalizers, ownerReferences]);
  return Number.parseInt(hash('sha1', text, 'hex').slice(0, 7), 16) + 1;
}

/** The fact in the words of the model. */
export function liveOf(fact: Fact, rules: TrackingRules): LiveObject {
  const ref: ObjectRef = { ...fact.kind, namespace: fact.namespace, name: fact.name };
  const matching = isMatching(fact);
  return {
    ref,
    uid: fact.uid,
    resourceVersion: fact.version,
    tracking: trackingText(fact, ref, rules),
    drifted: fact.known !== '' && !matching,
    createdAt: new Date(fact.createdAt * 1000).toISOString().replace('.000Z', 'Z'),
    ...fact.extras,
    ...(matching ? { matches: fact.known } : {}),
    ...(fact.health === undefined ? {} : { health: fact.health }),
    ...(fact.deletedAt === '' ? {} : { deletedAt: fact.deletedAt }),
  };
}

function trackingText(fact: Fact, ref: ObjectRef, rules: TrackingRules): string {
  if (fact.rawTracking !== '' || fact.app === '') return fact.rawTracking;
  return rules.trackingMethod === 'label' ? fact.app : trackingId(fact.app, ref);
}

const none: readonly string[] = Object.freeze([]);
const noExtras: Extras = Object.freeze({
  finalizers: none,
  owners: none,
  steering: Object.freeze({}),
  images: none,
  urls: none,
});

function extrasOf(object: KubeObject): Extras {
  const finalizers = listAt(object.metadata, 'finalizers').filter((item) => typeof item === 'string');
  const owners: string[] = [];
  for (const owner of listAt(object.metadata, 'ownerReferences')) {
    const uid = stringAt(owner, 'uid');
    if (uid !== undefined) owners.push(uid);
  }
  const steering = steeringOf(object);
  const images = imagesOf(object);
  const urls = urlsOf(object);
  const plain =
    finalizers.length === 0 &&
    owners.length === 0 &&
    images.length === 0 &&
    urls.length === 0 &&
    Object.keys(steering).length === 0;
  if (plain) return noExtras;
  const extras: Extras = { finalizers, owners, steering, images, urls };
  // Many objects run the same image; owners and addresses are each object's own.
  return owners.length === 0 && urls.length === 0 ? shareExtras(extras) : extras;
}

const shared = new Map<string, string>();
const healths = new Map<string, Health>();
const extrasSeen = new Map<string, Extras>();
const mostShared = 20_000;

/** One instance of equal strings: a parsed object brings its own copy of every namespace and image. */
function share(text: string): string {
  if (text === '') return '';
  const known = shared.get(text);
  if (known !== undefined) return known;
  if (shared.size >= mostShared) shared.clear();
  shared.set(text, text);
  return text;
}

function shareExtras(extras: Extras): Extras {
  const key = JSON.stringify(extras);
  const known = extrasSeen.get(key);
  if (known !== undefined) return known;
  if (extrasSeen.size >= mostShared) extrasSeen.clear();
  extrasSeen.set(key, extras);
  return extras;
}

/** One instance of equal healths. */
export function shareHealth(health: Health | undefined): Health | undefined {
  if (health === undefined) return undefined;
  const key = `${health.status} ${health.message ?? ''}`;
  const known = healths.get(key);
  if (known !== undefined) return known;
  if (healths.size >= mostShared) healths.clear();
  healths.set(key, health);
  return health;
}
