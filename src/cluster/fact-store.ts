// The facts of one cluster, and the judgement whether a change of one matters to anybody. Watches feed it, writes tell
// it their answers first, so that the echo of a write is recognised and wakes no one.
import {
  type Health,
  idOf,
  type KubeObject,
  type LiveObject,
  type ObjectId,
  type ObjectRef,
  stringAt,
} from '../model/index.ts';
import type { LiveEvent } from '../ports/index.ts';
import { type Assess, type Fact, factOf, isMatching, liveOf, shapeOf, shareHealth, type WatchedKind } from './facts.ts';
import { type TrackingRules, trackingKey } from './tracking.ts';

/** A change that matters, without the cluster's address. */
export type Happening = Omit<LiveEvent, 'server'>;

/** Where an event of a watch comes from. `quiet` events belong to the first list: nobody has looked yet. */
export type Sighting = { readonly list: number; readonly quiet: boolean };

/** Who wants to know everybody in a namespace. `told` is false where only an application's own objects moved. */
export type Census = { follows(namespace: string): boolean; moved(namespace: string, told: boolean): void };

type Names = Map<string, Fact>;
type Write = { count: number; readonly held: (() => unknown)[] };

export class FactStore {
  readonly #assess: Assess;
  readonly #emit: (happening: Happening) => void;
  readonly #kinds = new Map<string, Map<string, Names>>();
  readonly #apps = new Map<string, Set<Fact>>();
  /** Who asked for an object that is not tracked as theirs, by object and by who asked. */
  readonly #askers = new Map<ObjectId, Set<string>>();
  readonly #asked = new Map<string, readonly ObjectId[]>();
  readonly #writes = new Map<ObjectId, Write>();
  /** Facts whose health is still being judged. */
  readonly #judging = new Map<Fact, Promise<void>>();
  readonly #rules: TrackingRules;
  readonly #census: Census;

  constructor(rules: TrackingRules, assess: Assess, emit: (happening: Happening) => void, census: Census) {
    this.#rules = rules;
    this.#census = census;
    this.#assess = assess;
    this.#emit = emit;
  }

  find(ref: Omit<ObjectRef, 'version'>): Fact | undefined {
    return this.#kinds.get(`${ref.group}/${ref.kind}`)?.get(ref.namespace)?.get(ref.name);
  }

  /** Everything of a kind in a namespace. */
  inNamespace(kind: Omit<WatchedKind, 'version'>, namespace: string): Iterable<Fact> {
    return this.#kinds.get(`${kind.group}/${kind.kind}`)?.get(namespace)?.values() ?? [];
  }

  trackedBy(tracking: string): Iterable<Fact> {
    return this.#apps.get(trackingKey(tracking, this.#rules)) ?? [];
  }

  live(fact: Fact): LiveObject {
    return liveOf(fact, this.#rules);
  }

  /** Facts of an object that is not kept. */
  passing(object: KubeObject, kind: WatchedKind): Fact {
    return this.#made(object, kind).fact;
  }

  /** The same, once its health is known. */
  async passingJudged(object: KubeObject, kind: WatchedKind): Promise<Fact> {
    const { fact, later } = this.#made(object, kind);
    if (later !== undefined) fact.health = shareHealth(await later);
    return fact;
  }

  /** Resolves when the health of an application's objects, and of those that it asks for, is known. */
  async judged(tracking: string, refs: readonly ObjectRef[]): Promise<void> {
    if (this.#judging.size === 0) return;
    const facts = [...this.trackedBy(tracking), ...refs.flatMap((ref) => this.find(ref) ?? [])];
    await Promise.all(facts.map((fact) => this.#judging.get(fact)));
  }

  /** Remembers who wants to hear of these objects although they are not tracked as his; replaces what he asked before. */
  ask(tracking: string, ids: readonly ObjectId[]): void {
    const before = this.#asked.get(tracking);
    if (before !== undefined) {
      for (const id of before) {
        const askers = this.#askers.get(id);
        askers?.delete(tracking);
        if (askers?.size === 0) this.#askers.delete(id);
      }
    }
    if (ids.length === 0) {
      this.#asked.delete(tracking);
      return;
    }
    this.#asked.set(tracking, ids);
    for (const id of ids) {
      const askers = this.#askers.get(id);
      if (askers === undefined) this.#askers.set(id, new Set([tracking]));
      else askers.add(tracking);
    }
  }

  /** Whose an object is, or who asked for it: the name under which its requests take turns. */
  turnOf(ref: ObjectRef): string {
    const fact = this.find(ref);
    if (fact !== undefined && fact.app !== '') return fact.app;
    const [first] = this.#askers.get(idOf(ref)) ?? [];
    return first ?? ref.namespace;
  }

  /** A watch shows an object. */
  seen(object: KubeObject, kind: WatchedKind, sighting: Sighting): void {
    const namespace = stringAt(object.metadata, 'namespace') ?? '';
    const name = stringAt(object.metadata, 'name') ?? '';
    const before = this.find({ ...kind, namespace, name });
    const version = stringAt(object.metadata, 'resourceVersion') ?? '';
    // Old news, perhaps of an object that had this name before; most often the echo of our own write.
    if (before !== undefined && (before.version === version || isOlder(version, before.version))) {
      // An event that had to wait may come from an earlier list.
      before.seen = Math.max(before.seen, sighting.list);
      return;
    }
    const id = idOf({ ...kind, namespace, name });
    const write = this.#writes.get(id);
    if (write === undefined) this.#take(object, kind, before, id, sighting);
    else write.held.push(() => this.seen(object, kind, sighting));
  }

  /** A watch shows that an object is gone. */
  gone(kind: WatchedKind, namespace: string, name: string, uid: string): void {
    const ref = { ...kind, namespace, name };
    const id = idOf(ref);
    const drop = (): void => {
      const fact = this.find(ref);
      // Another one may have taken its name already.
      if (fact !== undefined && (uid === '' || fact.uid === uid)) this.#drop(fact, id);
    };
    const write = this.#writes.get(id);
    if (write === undefined) drop();
    else write.held.push(drop);
  }

  /** Everything of a kind that the list with this number (or a later one) has not shown is gone. */
  sweep(kind: WatchedKind, list: number, namespace: string): void {
    const spaces = this.#kinds.get(`${kind.group}/${kind.kind}`);
    if (spaces === undefined) return;
    for (const [space, names] of spaces) {
      if (namespace !== '' && space !== namespace) continue;
      for (const fact of names.values()) {
        if (fact.seen >= list) continue;
        const id = idOf({ ...kind, namespace: fact.namespace, name: fact.name });
        const write = this.#writes.get(id);
        if (write === undefined) this.#drop(fact, id);
        // Its event may be among those that wait for the answer of the write.
        else write.held.push(() => fact.seen < list && names.get(fact.name) === fact && this.#drop(fact, id));
      }
    }
  }

  /** Forgets a kind without telling anybody: its world has started anew. */
  forget(kind: WatchedKind): void {
    const spaces = this.#kinds.get(`${kind.group}/${kind.kind}`);
    this.#kinds.delete(`${kind.group}/${kind.kind}`);
    for (const [space, names] of spaces ?? []) {
      for (const fact of names.values()) this.#unlink(fact);
      this.#census.moved(space, false);
    }
  }

  /** From here to `endWrite` events of this object wait, because the answer of the write may come after its echo. */
  startWrite(id: ObjectId): void {
    const write = this.#writes.get(id);
    if (write === undefined) this.#writes.set(id, { count: 1, held: [] });
    else write.count++;
  }

  endWrite(id: ObjectId): void {
    const write = this.#writes.get(id);
    if (write === undefined || --write.count > 0) return;
    this.#writes.delete(id);
    for (const release of write.held) release();
  }

  /** The answer of a write: the object as it is now, known to equal the manifest with this digest. */
  wrote(object: KubeObject, kind: WatchedKind, digest: string, list: number): Fact {
    const { fact, later } = this.#made(object, kind);
    fact.known = digest;
    fact.knownOwned = fact.owned;
    fact.seen = list;
    const before = this.find({ ...kind, namespace: fact.namespace, name: fact.name });
    if (before !== undefined && isOlder(fact.version, before.version)) return fact;
    if (later !== undefined && before?.uid === fact.uid) fact.health = before.health;
    this.#put(before, fact);
    if (later !== undefined) this.#judge(before ?? fact, later);
    return before ?? fact;
  }

  /** The object was found equal to a manifest. */
  remember(fact: Fact, digest: string): void {
    // What is owned by nobody that we know of cannot be watched for changes.
    if (fact.owned === '') return;
    fact.known = digest;
    fact.knownOwned = fact.owned;
    fact.shape = 0;
    fact.predicted = undefined;
  }

  #take(
    object: KubeObject,
    kind: WatchedKind,
    before: Fact | undefined,
    id: ObjectId,
    { list, quiet }: Sighting,
  ): void {
    const { fact, later } = this.#made(object, kind);
    const same = before !== undefined && before.uid === fact.uid;
    if (same) {
      fact.known = before.known;
      fact.knownOwned = before.knownOwned;
      if (later !== undefined) fact.health = before.health;
    }
    fact.seen = Math.max(before?.seen ?? 0, list);
    const names = this.#concerned(id, before?.app ?? '', fact.app);
    if (names.length > 0 && !isMatching(fact)) fact.shape = shapeOf(object);
    const what = quiet || names.length === 0 ? undefined : whatChanged(before, fact);
    if (same && fact.shape === before.shape) fact.predicted = before.predicted;
    this.#put(before, fact);
    if (later !== undefined) this.#judge(before ?? fact, later);
    if (what !== undefined) this.#emit({ id, tracking: names, what });
  }

  /** A fact; `later` is its health where that is not known at once. */
  #made(object: KubeObject, kind: WatchedKind): { readonly fact: Fact; readonly later?: Promise<Health | undefined> } {
    const health = this.#assess(object);
    if (!(health instanceof Promise)) return { fact: factOf(object, kind, this.#rules, health) };
    return { fact: factOf(object, kind, this.#rules, undefined), later: health };
  }

  /** Takes over a health that comes later, unless the object has changed meanwhile: then another one is on its way. */
  #judge(fact: Fact, later: Promise<Health | undefined>): void {
    const { version } = fact;
    const done: Promise<void> = later.then((health) => {
      if (this.#judging.get(fact) === done) this.#judging.delete(fact);
      if (fact.version !== version) return;
      const before = fact.health;
      fact.health = shareHealth(health);
      const ref = { ...fact.kind, namespace: fact.namespace, name: fact.name };
      if (before === fact.health || this.find(ref) !== fact) return;
      const id = idOf(ref);
      const tracking = this.#concerned(id, '', fact.app);
      if (tracking.length > 0) this.#emit({ id, tracking, what: 'health' });
    });
    this.#judging.set(fact, done);
  }

  #drop(fact: Fact, id: ObjectId): void {
    const spaces = this.#kinds.get(`${fact.kind.group}/${fact.kind.kind}`);
    const names = spaces?.get(fact.namespace);
    names?.delete(fact.name);
    if (names?.size === 0) spaces?.delete(fact.namespace);
    this.#unlink(fact);
    this.#count(fact, undefined);
    const concerned = this.#concerned(id, fact.app, '');
    if (concerned.length > 0) this.#emit({ id, tracking: concerned, what: 'gone' });
  }

  /** Puts the facts in place; an object that was known keeps its place, so that the indices stay as they are. */
  #put(before: Fact | undefined, fact: Fact): void {
    this.#count(before, fact);
    if (before !== undefined) {
      const moved = before.app !== fact.app;
      if (moved) this.#unlink(before);
      Object.assign(before, fact);
      if (moved) this.#link(before);
      return;
    }
    const key = `${fact.kind.group}/${fact.kind.kind}`;
    let spaces = this.#kinds.get(key);
    if (spaces === undefined) {
      spaces = new Map();
      this.#kinds.set(key, spaces);
    }
    let names = spaces.get(fact.namespace);
    if (names === undefined) {
      names = new Map();
      spaces.set(fact.namespace, names);
    }
    names.set(fact.name, fact);
    this.#link(fact);
  }

  #count(before: Fact | undefined, now: Fact | undefined): void {
    const namespace = (now ?? before)?.namespace ?? '';
    if (!this.#census.follows(namespace)) return;
    const [was, is] = [residence(before), residence(now)];
    if (was !== is || before?.uid !== now?.uid) this.#census.moved(namespace, was === '' || is === '');
  }

  #link(fact: Fact): void {
    if (fact.app === '') return;
    const facts = this.#apps.get(fact.app);
    if (facts === undefined) this.#apps.set(fact.app, new Set([fact]));
    else facts.add(fact);
  }

  #unlink(fact: Fact): void {
    const facts = this.#apps.get(fact.app);
    facts?.delete(fact);
    if (facts?.size === 0) this.#apps.delete(fact.app);
  }

  #concerned(id: ObjectId, before: string, now: string): readonly string[] {
    const askers = this.#askers.get(id);
    if (askers === undefined) {
      if (before === now || before === '') return now === '' ? [] : [now];
      return now === '' ? [before] : [before, now];
    }
    const names = new Set(askers);
    if (before !== '') names.add(before);
    if (now !== '') names.add(now);
    return [...names];
  }
}

/** Whose a top-level object is; undefined for what is not there or belongs to another object. */
function residence(fact: Fact | undefined): string | undefined {
  return fact === undefined || fact.extras.owners.length > 0 ? undefined : fact.app;
}

function whatChanged(before: Fact | undefined, now: Fact): Happening['what'] | undefined {
  if (before === undefined) return 'appeared';
  if (before.uid !== now.uid || before.app !== now.app || before.rawTracking !== now.rawTracking) return 'drift';
  const matching = isMatching(now);
  if (isMatching(before) !== matching || (!matching && before.shape !== now.shape)) return 'drift';
  if (before.deletedAt !== now.deletedAt || !sameSteering(before, now)) return 'drift';
  const [a, b] = [before.health, now.health];
  return a?.status === b?.status && a?.message === b?.message ? undefined : 'health';
}

function sameSteering(before: Fact, now: Fact): boolean {
  const [a, b] = [before.extras.steering, now.extras.steering];
  if (a === b) return true;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** Resource versions of one kind are comparable numbers (KEP-5504); others are taken as they come. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [Number(version), Number(than)];
  return Number.isSafeInteger(a) && Number.isSafeInteger(b) && a < b;
}
