// The watches of one cluster: one per kind that somebody observes, started when it is first asked for. Where only some
// namespaces may be seen, a kind has one per namespace.
import { EngineError, type KubeObject, stringAt } from '../model/index.ts';
import type { Clock, Random } from '../ports/index.ts';
import type { Client } from './client.ts';
import { collectionPath, type ServedKind } from './discovery.ts';
import type { FactStore } from './fact-store.ts';
import type { WatchedKind } from './facts.ts';
import { type Follow, startWatch } from './watch.ts';

/** Which part of a cluster may be seen; no namespaces means all of it. */
export type Scope = { readonly namespaces: readonly string[]; readonly clusterResources: boolean };

/** What the watches need. `connected` hears of losses (an error) and recoveries (undefined). */
export type WatchesOptions = {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly scope: Scope;
  readonly connected: (error: EngineError | undefined) => void;
  /** A kind is watched, known, or watched no more. */
  readonly changed: () => void;
};

type Watched = {
  readonly kind: WatchedKind;
  readonly follows: Follow[];
  /** Watches whose first list is not complete yet. */
  missing: number;
  list: number;
  error: EngineError | undefined;
  /** When its watch began, ms since the epoch. */
  readonly since: number;
  readonly waiting: { resolve: () => void; reject: (error: EngineError) => void }[];
};

const patience = 8_000;

export class Watches {
  readonly #options: WatchesOptions;
  readonly #kinds = new Map<string, Watched>();
  #store: FactStore;

  constructor(options: WatchesOptions, store: FactStore) {
    this.#options = options;
    this.#store = store;
  }

  /** The kind as it is watched, when its facts are complete. */
  complete(group: string, kind: string): WatchedKind | undefined {
    const watched = this.#kinds.get(`${group}/${kind}`);
    return watched !== undefined && watched.missing === 0 ? watched.kind : undefined;
  }

  /** The kind as it is watched, complete or not. */
  known(group: string, kind: string): WatchedKind | undefined {
    return this.#kinds.get(`${group}/${kind}`)?.kind;
  }

  /** True while the facts of a kind are on their way: neither complete nor known to be out of reach. */
  isComing(group: string, kind: string): boolean {
    const watched = this.#kinds.get(`${group}/${kind}`);
    return watched !== undefined && watched.missing > 0 && watched.error === undefined;
  }

  /** The number of the list that a write of this kind belongs to. */
  list(group: string, kind: string): number {
    return this.#kinds.get(`${group}/${kind}`)?.list ?? 0;
  }

  /** Undefined when the facts of a kind are complete; else a promise of it, which fails when the kind cannot be seen. */
  ensure(served: ServedKind): Promise<void> | undefined {
    const key = `${served.group}/${served.kind}`;
    const watched = this.#kinds.get(key) ?? this.#start(key, served);
    if (watched.missing === 0) return undefined;
    if (watched.error !== undefined) return Promise.reject(watched.error);
    return new Promise((resolve, reject) => {
      watched.waiting.push({ resolve, reject });
    });
  }

  /** True where only some namespaces may be seen. */
  get narrow(): boolean {
    return this.#options.scope.namespaces.length > 0;
  }

  /** True when objects of this kind cannot be seen or touched with these credentials. */
  isOutside(served: ServedKind, namespace: string): boolean {
    const { namespaces, clusterResources } = this.#options.scope;
    if (namespaces.length === 0) return false;
    return served.namespaced ? !namespaces.includes(namespace) : !clusterResources;
  }

  /** Ends the watch of a kind that is no longer served as it was, and forgets what it knew; who waits must ask again. */
  drop(key: string): void {
    const watched = this.#kinds.get(key);
    if (watched === undefined) return;
    this.#kinds.delete(key);
    for (const follow of watched.follows) follow.stop();
    this.#store.forget(watched.kind);
    const message = `watch ${key}: the kind or its tracking has just changed`;
    this.#settle(watched, new EngineError('cluster-unreachable', message, { retry: 'backoff' }));
    this.#options.changed();
  }

  /** Starts everything anew over another store of facts. */
  restart(store: FactStore): void {
    for (const key of [...this.#kinds.keys()]) this.drop(key);
    this.#store = store;
  }

  /** The cluster answers again: pauses end now. */
  nudge(): void {
    for (const watched of this.#kinds.values()) for (const follow of watched.follows) follow.nudge();
  }

  stop(): void {
    for (const watched of this.#kinds.values()) {
      for (const follow of watched.follows) follow.stop();
      this.#settle(watched, new EngineError('cluster-unreachable', 'cluster: it is no longer followed'));
    }
    this.#kinds.clear();
  }

  #start(key: string, served: ServedKind): Watched {
    const { scope } = this.#options;
    const kind = { group: served.group, version: served.version, kind: served.kind };
    const spaces = served.namespaced && scope.namespaces.length > 0 ? scope.namespaces : [''];
    const watched: Watched = {
      kind,
      follows: [],
      missing: spaces.length,
      list: 0,
      error: undefined,
      since: this.#options.clock.now(),
      waiting: [],
    };
    this.#kinds.set(key, watched);
    for (const namespace of spaces) watched.follows.push(this.#follow(watched, served, namespace));
    this.#options.changed();
    return watched;
  }

  #follow(watched: Watched, served: ServedKind, namespace: string): Follow {
    const { client, clock, random, connected } = this.#options;
    const { kind } = watched;
    let first = true;
    let listing = false;
    // Several namespaces share the number: a write must belong to the newest list of all of them.
    let list = 0;
    return startWatch(
      {
        client,
        clock,
        random,
        path: collectionPath(served, namespace),
        accept: 'application/json',
      },
      {
        listing: () => {
          list = ++watched.list;
          listing = true;
        },
        put: (object) => this.#store.seen(object, kind, { list: listing ? list : watched.list, quiet: first }),
        gone: (object) => this.#gone(kind, object),
        listed: () => {
          listing = false;
          this.#store.sweep(kind, list, namespace);
          if (first) watched.missing--;
          first = false;
          if (watched.missing === 0) this.#settle(watched, undefined);
        },
        reset: () => this.#store.forget(kind),
        state: (error) => {
          // A server that has just learnt the kind asks for a moment: nobody needs to hear of it.
          if (first && error?.code === 'throttled' && clock.now() - watched.since < patience) return;
          watched.error = error;
          connected(error);
          if (error !== undefined) this.#settle(watched, error);
        },
      },
    );
  }

  #gone(kind: WatchedKind, { metadata }: KubeObject): void {
    const text = (field: string): string => stringAt(metadata, field) ?? '';
    this.#store.gone(kind, text('namespace'), text('name'), text('uid'));
  }

  #settle(watched: Watched, error: EngineError | undefined): void {
    for (const { resolve, reject } of watched.waiting.splice(0)) {
      if (error === undefined) resolve();
      else reject(error);
    }
    if (this.#kinds.has(`${watched.kind.group}/${watched.kind.kind}`)) this.#options.changed();
  }
}
