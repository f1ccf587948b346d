// The top-level objects of one kind in some namespaces, by a watch of metadata alone: a watch for each namespace while
// they are few, one for the whole cluster when they are many. Objects of other namespaces are passed over.
import { type KubeObject, listAt, type Resident, stringAt } from '../model/index.ts';
import type { Clock, Random } from '../ports/index.ts';
import type { Client } from './client.ts';
import { collectionPath, type ServedKind } from './discovery.ts';
import { type TrackingRules, trackingOf } from './tracking.ts';
import { type Follow, startWatch } from './watch.ts';

/** What it is made of. */
export type MetadataWatchOptions = {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly rules: () => TrackingRules;
  readonly served: ServedKind;
  /** The credentials are for single namespaces. */
  readonly narrow: boolean;
};

type Seen = { readonly resident: Resident; list: number };
type Place = {
  readonly covers: ReadonlySet<string>;
  follow: Follow | undefined;
  list: number;
  settled: boolean;
  /** When it was refused, ms since the epoch. */
  deniedAt?: number;
};

const metadata = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const metadataOrList = `${metadata},application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`;
const few = 3;
const refusedFor = 600_000;

export class MetadataWatch {
  readonly #options: MetadataWatchOptions;
  readonly #told: (namespace: string | undefined) => void;
  readonly #spaces = new Map<string, Map<string, Seen>>();
  readonly #places = new Map<string, Place>();
  #wanted: ReadonlySet<string> = new Set();
  #lists = 0;

  /** `told` hears of the namespace in which somebody has come, gone or changed hands, and of undefined when it is settled. */
  constructor(options: MetadataWatchOptions, told: (namespace: string | undefined) => void) {
    this.#options = options;
    this.#told = told;
  }

  /** True when every namespace is known, or known to be out of reach. */
  get isSettled(): boolean {
    for (const place of this.#places.values()) if (!place.settled) return false;
    return true;
  }

  /** The namespaces to know from now on. */
  follow(spaces: ReadonlySet<string>): void {
    this.#wanted = spaces;
    for (const space of this.#spaces.keys()) if (!spaces.has(space)) this.#spaces.delete(space);
    const paths = this.#options.narrow || spaces.size <= few ? [...spaces] : [''];
    const now = this.#options.clock.now();
    for (const [path, place] of this.#places) {
      const old = place.deniedAt !== undefined && now - place.deniedAt > refusedFor;
      const covered = path !== '' || [...spaces].every((space) => place.covers.has(space));
      if (paths.includes(path) && covered && !old) continue;
      place.follow?.stop();
      this.#places.delete(path);
    }
    for (const path of paths) if (!this.#places.has(path)) this.#start(path, spaces);
  }

  *in(namespace: string): Iterable<Resident> {
    for (const { resident } of this.#spaces.get(namespace)?.values() ?? []) yield resident;
  }

  stop(): void {
    for (const { follow } of this.#places.values()) follow?.stop();
    this.#places.clear();
    this.#spaces.clear();
  }

  #start(path: string, covers: ReadonlySet<string>): void {
    const { client, clock, random, served } = this.#options;
    const place: Place = { covers: path === '' ? covers : new Set([path]), follow: undefined, list: 0, settled: false };
    this.#places.set(path, place);
    place.follow = startWatch(
      { client, clock, random, path: collectionPath(served, path), accept: metadataOrList },
      {
        listing: () => {
          place.list = ++this.#lists;
        },
        put: (object) => this.#put(object, place),
        gone: (object) => this.#gone(text(object, 'namespace'), text(object, 'name'), text(object, 'uid')),
        listed: () => {
          this.#sweep(place);
          this.#settled(place);
        },
        reset: () => {
          for (const space of place.covers) this.#spaces.delete(space);
        },
        state: (error) => {
          // A kind that cannot be seen hides only itself.
          if (error !== undefined) this.#settled(place);
          if (error?.code !== 'cluster-denied') return;
          place.deniedAt = clock.now();
          place.follow?.stop();
        },
      },
    );
  }

  #settled(place: Place): void {
    if (place.settled) return;
    place.settled = true;
    this.#told(undefined);
  }

  #put(object: KubeObject, place: Place): void {
    const [namespace, name] = [text(object, 'namespace'), text(object, 'name')];
    if (!this.#wanted.has(namespace)) return;
    if (listAt(object.metadata, 'ownerReferences').length > 0) {
      this.#gone(namespace, name, '');
      return;
    }
    const { group, version, kind } = this.#options.served;
    const ref = { group, version, kind, namespace, name };
    const resident: Resident = {
      ref,
      uid: text(object, 'uid'),
      tracking: trackingOf(object, ref, this.#options.rules()).app,
      createdAt: text(object, 'creationTimestamp'),
      resourceVersion: text(object, 'resourceVersion'),
    };
    const names = this.#spaces.get(namespace) ?? new Map<string, Seen>();
    this.#spaces.set(namespace, names);
    const before = names.get(name)?.resident;
    names.set(name, { resident, list: place.list });
    if (before?.uid !== resident.uid || before.tracking !== resident.tracking) this.#told(namespace);
  }

  #gone(namespace: string, name: string, uid: string): void {
    const names = this.#spaces.get(namespace);
    const known = names?.get(name)?.resident;
    if (known === undefined || (uid !== '' && known.uid !== uid)) return;
    names?.delete(name);
    if (names?.size === 0) this.#spaces.delete(namespace);
    this.#told(namespace);
  }

  #sweep({ covers, list }: Place): void {
    for (const space of covers) {
      for (const [name, seen] of this.#spaces.get(space) ?? []) if (seen.list < list) this.#gone(space, name, '');
    }
  }
}

function text(object: KubeObject, field: string): string {
  return stringAt(object.metadata, field) ?? '';
}
