// Writes reports: a few at a time, the urgent ones first, never two of one application at once, and of several reports
// of an application only the newest.
import {
  type AppKey,
  asEngineError,
  type EngineError,
  isJsonObject,
  type JsonObject,
  type KubeObject,
} from '../model/index.ts';
import type { Clock, KubeApi, Log, Random } from '../ports/index.ts';
import { applicationPath } from './resource.ts';
import type { Shelf } from './shelf.ts';

const usualAtOnce = 8;
const laterAtOnce = 2;
/** How long a report that may wait does wait, ms: newer ones replace it meanwhile, a sync's by that of its health. */
const patience = 600;
const firstPause = 200;
const longestPause = 30_000;
/** Pause after a refusal that a retry alone will not change, ms. */
const refusedPause = 60_000;

type World = {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly shelf: Shelf;
  /** Writes side by side; 8 unless given. */
  readonly writes?: number;
  /** Somebody else changed what an application wants. */
  changed(key: AppKey): void;
};

/** The queue of writes. */
export class StatusWriter {
  readonly #world: World;
  readonly #now = new Set<AppKey>();
  /** Since when each waits; a newer report takes the place of an older one. */
  readonly #later = new Map<AppKey, number>();
  /** Failed before; number of failures in a row. Not ready until its pause is over. */
  readonly #paused = new Map<AppKey, { readonly failures: number; readonly refused: boolean }>();
  readonly #failures = new Map<AppKey, number>();
  readonly #locked = new Set<AppKey>();
  readonly #unlocks = new Map<AppKey, (() => void)[]>();
  readonly #idle: (() => void)[] = [];
  #running = 0;
  #timer: (() => void) | undefined;
  #hurried = false;
  #stopped = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** A report is pending on the shelf. */
  add(key: AppKey, urgency: 'now' | 'later'): void {
    if (urgency === 'now' || this.#now.has(key)) {
      this.#later.delete(key);
      this.#now.add(key);
    } else if (!this.#later.has(key)) this.#later.set(key, this.#world.clock.now());
    this.#pump();
  }

  /** Nothing is queued or on its way. */
  get quiet(): boolean {
    return this.#running === 0 && this.#now.size === 0 && this.#later.size === 0;
  }

  /** Resolves when everything is written that can be: refused writes are not waited for. */
  async flush(): Promise<void> {
    this.#hurried = true;
    this.#pump();
    while (!this.#settled()) await new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#hurried = false;
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Patches an application between its other writes: `body` is made when its turn comes, undefined for nothing to do. */
  async patch(key: AppKey, body: () => JsonObject | undefined): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      await this.#lock(key);
      const failure = await this.#write(key, body(), 'other');
      this.#unlock(key);
      this.#pump();
      if (failure === undefined || failure.code === 'object-not-found') return;
      if (failure.code !== 'object-conflict' || attempt >= 10) throw failure;
    }
  }

  #settled(): boolean {
    if (this.#stopped) return true;
    if (this.#running > 0) return false;
    return [...this.#now, ...this.#later.keys()].every((key) => this.#paused.get(key)?.refused === true);
  }

  #pump(): void {
    if (this.#stopped) return;
    while (this.#running < (this.#world.writes ?? usualAtOnce)) {
      const key = first(this.#now, (one) => this.#ready(one)) ?? this.#nextLater();
      if (key === undefined) break;
      this.#now.delete(key);
      this.#later.delete(key);
      void this.#run(key);
    }
    this.#wakeLater();
    if (this.#settled()) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #wakeLater(): void {
    const [oldest] = this.#later.values();
    if (oldest === undefined || this.#timer !== undefined || this.#hurried) return;
    const { clock } = this.#world;
    // Those that are due already wait for their turn, which the end of another write brings; paused ones for longer.
    this.#timer = clock.after(Math.max(patience / 4, oldest + patience - clock.now()), () => {
      this.#timer = undefined;
      this.#pump();
    });
  }

  #nextLater(): AppKey | undefined {
    if (this.#hurried) return first(this.#later.keys(), (key) => this.#ready(key));
    if (this.#running >= laterAtOnce || this.#now.size > 0) return undefined;
    const due = this.#world.clock.now() - patience;
    return first(this.#later.keys(), (key) => (this.#later.get(key) ?? 0) <= due && this.#ready(key));
  }

  #ready(key: AppKey): boolean {
    return !this.#locked.has(key) && !this.#paused.has(key);
  }

  async #run(key: AppKey): Promise<void> {
    this.#locked.add(key);
    this.#running += 1;
    const { shelf } = this.#world;
    const body = shelf.patch(key);
    if (body === undefined) shelf.skip(key);
    const failure = await this.#write(key, body, 'pending');
    this.#running -= 1;
    this.#unlock(key);
    if (failure === undefined || failure.code === 'object-not-found') this.#failures.delete(key);
    else this.#again(key, failure);
    this.#pump();
  }

  /** One request; the shelf learns of the answer. A conflict is followed by a fresh look. */
  async #write(key: AppKey, body: JsonObject | undefined, what: 'pending' | 'other'): Promise<EngineError | undefined> {
    const { api, shelf, changed } = this.#world;
    if (body === undefined) return undefined;
    shelf.begin(key, what);
    try {
      const answer = await api.request('PATCH', `${applicationPath(key)}?fieldManager=plumbline-status`, {
        body,
        contentType: 'application/merge-patch+json',
      });
      if (shelf.written(key, asObject(answer))) changed(key);
      return undefined;
    } catch (thrown) {
      const failure = asEngineError(thrown);
      if (shelf.failed(key)) changed(key);
      if (failure.code === 'object-conflict') await this.#look(key);
      return failure;
    }
  }

  async #look(key: AppKey): Promise<void> {
    const { api, shelf, changed } = this.#world;
    try {
      if (shelf.put(asObject(await api.request('GET', applicationPath(key))))) changed(key);
    } catch {
      // The next attempt, or the watch, will tell.
    }
  }

  #again(key: AppKey, failure: EngineError): void {
    const { clock, random, shelf, log } = this.#world;
    if (!shelf.hasPending(key)) return;
    this.#now.add(key);
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    if (failure.code === 'object-conflict' && failures <= 5) return;
    const refused = failure.code === 'object-rejected' || failure.code === 'cluster-denied';
    log.warn('status cannot be written', { application: key, code: failure.code, reason: failure.message, failures });
    const pause = refused ? refusedPause : Math.min(firstPause * 2 ** (failures - 1), longestPause);
    this.#paused.set(key, { failures, refused });
    clock.after(pause * (0.75 + random.next() / 2), () => {
      this.#paused.delete(key);
      this.#pump();
    });
  }

  #lock(key: AppKey): Promise<void> {
    if (!this.#locked.has(key)) {
      this.#locked.add(key);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#unlocks.set(key, [...(this.#unlocks.get(key) ?? []), resolve]);
    });
  }

  #unlock(key: AppKey): void {
    const [next, ...rest] = this.#unlocks.get(key) ?? [];
    if (rest.length > 0) this.#unlocks.set(key, rest);
    else this.#unlocks.delete(key);
    // The lock passes on to whoever waits.
    if (next === undefined) this.#locked.delete(key);
    else next();
  }
}

function first<T>(set: Iterable<T>, wanted: (item: T) => boolean): T | undefined {
  for (const item of set) if (wanted(item)) return item;
  return undefined;
}

function asObject(answer: JsonObject): KubeObject {
  return isJsonObject(answer.metadata) ? (answer as KubeObject) : { apiVersion: '', kind: '', metadata: {}, ...answer };
}
