// Who lives in the namespaces that somebody asks about: their top-level objects, whoever's they are. Of kinds that are
// watched anyway the facts know them; of all others the metadata is watched, and identities are kept of these namespaces
// alone. Where nobody asks, nothing is watched and nothing is kept.
//
//   follow ─► (a moment) ─► watch what nobody else watches ─► known ─► told of every change, a few at once
import { idOf, type ObjectId, type ObjectRef, type Resident } from '../model/index.ts';
import type { Clock, Random } from '../ports/index.ts';
import type { Client } from './client.ts';
import type { ServedKind } from './discovery.ts';
import type { FactStore, Happening } from './fact-store.ts';
import type { Fact } from './facts.ts';
import type { Kinds } from './kinds.ts';
import { MetadataWatch } from './metadata-watch.ts';
import type { TrackingRules } from './tracking.ts';
import type { Watches } from './watches.ts';

/** What the residents are made of. */
export type ResidentsOptions = {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly kinds: Kinds;
  readonly watches: () => Watches;
  readonly facts: () => FactStore;
  readonly rules: () => TrackingRules;
  readonly isExcluded: (group: string, kind: string) => boolean;
  readonly emit: (happening: Happening) => void;
};

/** Applications that start begin their own watches meanwhile: nothing is watched twice. */
const headStart = 500;
/** Changes so close to each other are told once. */
const together = 200;
const longPause = 10_000;
/** The control plane makes them for each Service, and changes them all the time. */
const mirrors = new Set(['/Endpoints', 'discovery.k8s.io/EndpointSlice']);

export class Residents {
  readonly #options: ResidentsOptions;
  #spaces: ReadonlySet<string> = new Set();
  readonly #light = new Map<string, MetadataWatch>();
  readonly #answers = new Map<string, readonly Resident[]>();
  readonly #waiting: { readonly namespace: string; readonly resolve: (residents: readonly Resident[]) => void }[] = [];
  /** Namespaces in which something has changed that nobody has been told of. */
  readonly #news = new Set<string>();
  readonly #timers = new Map<() => void, () => void>();
  /** Those who look for one answer, at namespaces that are not followed. */
  readonly #visitors = new Set<Residents>();
  #begun = false;

  constructor(options: ResidentsOptions) {
    this.#options = options;
  }

  /** The namespaces to know, from now on and no others. */
  follow(namespaces: ReadonlySet<string>): void {
    const before = this.#spaces;
    if (before.size === namespaces.size && [...namespaces].every((space) => before.has(space))) return;
    this.#spaces = namespaces;
    for (const space of before) if (!namespaces.has(space)) this.#answers.delete(space);
    for (const space of namespaces) if (!before.has(space)) this.#news.add(space);
    if (namespaces.size === 0) this.stop();
    else if (this.#begun) this.sync();
    else this.#later(headStart, this.#begin);
  }

  follows(namespace: string): boolean {
    return this.#spaces.has(namespace);
  }

  /** Somebody has come, gone or changed hands; `told` when it is about what belongs to no application. */
  moved(namespace: string, told: boolean): void {
    if (!this.#spaces.has(namespace)) return;
    this.#answers.delete(namespace);
    if (!told) return;
    this.#news.add(namespace);
    this.#later(together, this.#tell);
  }

  /** See the port. */
  of(namespace: string): readonly Resident[] | Promise<readonly Resident[]> {
    const known = this.#answers.get(namespace);
    if (known !== undefined) return known;
    if (!this.#spaces.has(namespace)) return this.#visit(namespace);
    if (this.#isKnown()) return this.#answer(namespace);
    return new Promise((resolve) => {
      this.#waiting.push({ namespace, resolve });
    });
  }

  /** Follows a namespace for the moment of one answer. */
  #visit(namespace: string): Promise<readonly Resident[]> {
    const visitor = new Residents({ ...this.#options, emit: () => undefined });
    this.#visitors.add(visitor);
    visitor.#spaces = new Set([namespace]);
    visitor.#begin();
    return Promise.resolve(visitor.of(namespace)).finally(() => {
      this.#visitors.delete(visitor);
      visitor.stop();
    });
  }

  /** Watches what has to be watched, and no more. Called whenever kinds, watches or namespaces have changed. */
  sync(): void {
    for (const visitor of this.#visitors) visitor.sync();
    const catalog = this.#options.kinds.current;
    if (!this.#begun || catalog === undefined) return;
    for (const [key, [served]] of catalog.kinds) {
      if (served !== undefined && this.#isOurs(key, served)) this.#watch(key, served);
      else this.#drop(key);
    }
    for (const key of this.#light.keys()) if (!catalog.kinds.has(key)) this.#drop(key);
    this.#settle();
  }

  /** Other tracking rules: everything is read anew. */
  restart(): void {
    for (const key of [...this.#light.keys()]) this.#drop(key);
    this.#answers.clear();
    this.sync();
  }

  stop(): void {
    for (const visitor of this.#visitors) visitor.stop();
    this.#spaces = new Set();
    this.#begun = false;
    for (const key of [...this.#light.keys()]) this.#drop(key);
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#answers.clear();
    this.#news.clear();
    for (const { resolve } of this.#waiting.splice(0)) resolve([]);
  }

  readonly #begin = (): void => {
    this.#options.kinds.catalog().then(
      () => {
        this.#begun = this.#spaces.size > 0;
        this.sync();
      },
      () => this.#spaces.size > 0 && this.#later(longPause, this.#begin),
    );
  };

  readonly #tell = (): void => {
    if (!this.#isKnown()) return;
    const news = [...this.#news];
    this.#news.clear();
    for (const namespace of news)
      this.#options.emit({ id: idOf(spaceRef(namespace)), tracking: [], what: 'residents' });
  };

  #isOurs(key: string, served: ServedKind): boolean {
    if (!served.namespaced || mirrors.has(key)) return false;
    if (!served.verbs.includes('list') || !served.verbs.includes('watch')) return false;
    if (this.#options.isExcluded(served.group, served.kind)) return false;
    return this.#options.watches().known(served.group, served.kind) === undefined;
  }

  #watch(key: string, served: ServedKind): void {
    const watches = this.#options.watches();
    const spaces = new Set([...this.#spaces].filter((space) => !watches.isOutside(served, space)));
    const known = this.#light.get(key);
    const light = known ?? this.#begunOn(served);
    if (known === undefined) this.#light.set(key, light);
    light.follow(spaces);
  }

  #begunOn(served: ServedKind): MetadataWatch {
    const { client, clock, random, rules, watches } = this.#options;
    const { narrow } = watches();
    return new MetadataWatch({ client, clock, random, rules, served, narrow }, (namespace) => {
      if (namespace === undefined) this.#settle();
      else this.moved(namespace, true);
    });
  }

  #drop(key: string): void {
    this.#light.get(key)?.stop();
    this.#light.delete(key);
  }

  #isKnown(): boolean {
    const catalog = this.#options.kinds.current;
    if (!this.#begun || catalog === undefined) return false;
    for (const light of this.#light.values()) if (!light.isSettled) return false;
    for (const [served] of catalog.kinds.values()) {
      if (served?.namespaced && this.#options.watches().isComing(served.group, served.kind)) return false;
    }
    return true;
  }

  /** Tells those who wait, once everything is known. */
  #settle(): void {
    if (!this.#isKnown()) return;
    for (const { namespace, resolve } of this.#waiting.splice(0)) {
      resolve(this.#spaces.has(namespace) ? this.#answer(namespace) : []);
    }
    if (this.#news.size > 0) this.#later(together, this.#tell);
  }

  #answer(namespace: string): readonly Resident[] {
    const found = new Map<ObjectId, Resident>();
    const add = (resident: Resident): void => void found.set(idOf(resident.ref), resident);
    for (const [key, [served]] of this.#options.kinds.current?.kinds ?? []) {
      if (served === undefined || mirrors.has(key)) continue;
      for (const fact of this.#options.facts().inNamespace(served, namespace)) {
        if (fact.extras.owners.length === 0) add(residentOf(fact));
      }
    }
    for (const light of this.#light.values()) for (const resident of light.in(namespace)) add(resident);
    const residents = [...found.values()];
    this.#answers.set(namespace, residents);
    return residents;
  }

  /** Runs later, once, however often it is asked for meanwhile. */
  #later(ms: number, run: () => void): void {
    if (this.#timers.has(run)) return;
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(run);
      run();
    });
    this.#timers.set(run, cancel);
  }
}

function residentOf({ kind, namespace, name, uid, version, app, createdAt }: Fact): Resident {
  return {
    ref: { ...kind, namespace, name },
    uid,
    tracking: app,
    createdAt: new Date(createdAt * 1000).toISOString().replace('.000Z', 'Z'),
    resourceVersion: version,
  };
}

function spaceRef(name: string): ObjectRef {
  return { group: '', version: 'v1', kind: 'Namespace', namespace: '', name };
}
