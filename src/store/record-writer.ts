// Keeps records of commits as resources: behind everything else, a few at a time, each once, and the oldest go.
import {
  type AppKey,
  asEngineError,
  type CommitRecord,
  isJsonObject,
  type JsonObject,
  listAt,
  objectAt,
  parseInstant,
  type SignedRecord,
  stringAt,
} from '../model/index.ts';
import type { Clock, KubeApi, Log } from '../ports/index.ts';
import { recordName, recordResource, recordState, recordsPath } from './record-names.ts';

/** How many of each application, and for how long (ms, 0 without end). */
export type Retention = { readonly keep: number; readonly maxAge: number };

type World = {
  readonly api: KubeApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly retention: () => Retention;
  /** Something more important waits to be written. */
  readonly busy: () => boolean;
};
type Waiting = { readonly signed: SignedRecord; readonly since: number; readonly done: (() => void)[] };
/** What is known of a kept record. */
type Entry = { readonly application: AppKey; readonly seen: number; state: string };
type Shelf = Map<string, Entry>;

/** Pause between two looks at the queue, ms; and how long it must have been quiet. */
const pace = 100;
const quietFor = 1_000;
/** After so long a record is written though it is not quiet, ms. */
const patience = 30_000;
const atOnce = 4;
/** Pauses after the server refused, or did not know the kind, ms: growing. */
const refusedPause = 15_000;
const longestPause = 600_000;
/** So many records that could not be kept are remembered, the newest: their definition may be installed later. */
const mostMissed = 1_000;
const failurePause = 5_000;
const mostAtEnd = 100;

/** The queue of records. */
export class RecordWriter {
  readonly #world: World;
  readonly #waiting = new Map<string, Waiting>();
  readonly #shelves = new Map<string, Promise<Shelf>>();
  #busyAt: number;
  #offUntil = 0;
  #offPause = refusedPause;
  readonly #missed = new Map<string, SignedRecord>();
  #retry: (() => void) | undefined;
  #pausedUntil = 0;
  #timer: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(world: World) {
    this.#world = world;
    this.#busyAt = world.clock.now();
  }

  /** Resolves when it is kept, or when it cannot be: no such kind, no right, or nothing is to be kept. */
  keep(signed: SignedRecord): Promise<void> {
    const { clock, retention } = this.#world;
    if (this.#stopped || retention().keep === 0) return Promise.resolve();
    const key = `${signed.record.application} ${recordName(signed.record)}`;
    if (clock.now() < this.#offUntil) {
      this.#miss(key, signed);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const before = this.#waiting.get(key);
      const since = before?.since ?? clock.now();
      this.#waiting.set(key, { signed, since, done: [...(before?.done ?? []), resolve] });
      this.#wake();
    });
  }

  /** Writes what waits, at once; of very many only some: the next start finds the others in their statuses. */
  async flush(): Promise<void> {
    await this.#running;
    if (!this.#stopped) await this.#writeSome(mostAtEnd);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
    this.#retry?.();
    for (const { done } of this.#waiting.values()) for (const resolve of done) resolve();
    this.#waiting.clear();
  }

  #wake(): void {
    if (this.#timer !== undefined || this.#stopped || this.#waiting.size === 0) return;
    this.#timer = this.#world.clock.after(pace, () => {
      this.#timer = undefined;
      if (this.#stopped || this.#running !== undefined) return;
      const count = this.#mayWrite();
      if (count === 0) return this.#wake();
      this.#running = this.#writeSome(count).finally(() => {
        this.#running = undefined;
        this.#wake();
      });
    });
  }

  /** How many may be written now: none while people wait for other writes, one when it has waited for too long. */
  #mayWrite(): number {
    const now = this.#world.clock.now();
    if (this.#world.busy()) this.#busyAt = now;
    if (now < this.#pausedUntil) return 0;
    if (now - this.#busyAt >= quietFor) return atOnce * 4;
    const [oldest] = this.#waiting.values();
    return oldest !== undefined && now - oldest.since > patience ? 1 : 0;
  }

  async #writeSome(count: number): Promise<void> {
    const batch = [...this.#waiting].slice(0, count);
    const lane = async (): Promise<void> => {
      for (let next = batch.shift(); next !== undefined && !this.#stopped; next = batch.shift()) await this.#one(next);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, batch.length) }, lane));
  }

  async #one([key, waiting]: readonly [string, Waiting]): Promise<void> {
    const { clock, log } = this.#world;
    try {
      if (clock.now() < this.#offUntil) this.#miss(key, waiting.signed);
      else {
        await this.#write(waiting.signed);
        this.#offPause = refusedPause;
        this.#catchUp();
      }
    } catch (thrown) {
      const { code, message } = asEngineError(thrown);
      if (code === 'cluster-unreachable' || code === 'throttled' || code === 'internal') {
        this.#pausedUntil = clock.now() + failurePause;
        return;
      }
      const missing = code === 'kind-unknown' || code === 'object-not-found' || code === 'cluster-denied';
      const known = clock.now() < this.#offUntil || this.#offPause > refusedPause;
      if (missing) this.#turnOff(key, waiting.signed);
      const app = waiting.signed.record.application;
      if (!missing || !known) log.warn('records of commits cannot be kept', { app, code, error: message });
    }
    // A newer form of it may have come meanwhile.
    if (this.#waiting.get(key) === waiting) this.#waiting.delete(key);
    for (const resolve of waiting.done) resolve();
  }

  // The kind or the right may come later: one record is tried then, and when it is kept, all others.
  #turnOff(key: string, signed: SignedRecord): void {
    const { clock } = this.#world;
    this.#shelves.clear();
    this.#miss(key, signed);
    if (this.#retry !== undefined || this.#stopped) return;
    this.#offUntil = clock.now() + this.#offPause;
    this.#retry = clock.after(this.#offPause, () => {
      this.#retry = undefined;
      const [first] = this.#missed.values();
      if (first !== undefined) void this.keep(first);
    });
    this.#offPause = Math.min(longestPause, this.#offPause * 2);
  }

  #miss(key: string, signed: SignedRecord): void {
    this.#missed.delete(key);
    this.#missed.set(key, signed);
    const [oldest] = this.#missed.keys();
    if (this.#missed.size > mostMissed && oldest !== undefined) this.#missed.delete(oldest);
  }

  #catchUp(): void {
    const missed = [...this.#missed.values()];
    this.#missed.clear();
    for (const signed of missed) void this.keep(signed);
  }

  async #write(signed: SignedRecord): Promise<void> {
    const { record } = signed;
    const [namespace = ''] = record.application.split('/');
    const shelf = await this.#shelf(namespace);
    const name = recordName(record);
    const known = shelf.get(name);
    const state = recordState(record);
    if (known?.state !== state) {
      await this.#put(namespace, name, signed, known !== undefined);
      shelf.set(name, { application: record.application, seen: parseInstant(record.stages.seen), state });
    }
    await this.#prune(namespace, shelf, record);
  }

  async #put(namespace: string, name: string, signed: SignedRecord, exists: boolean): Promise<void> {
    const { api } = this.#world;
    const resource = recordResource(signed);
    const path = recordsPath(namespace);
    if (!exists) {
      try {
        await api.request('POST', path, { body: withoutNulls(resource) });
        return;
      } catch (thrown) {
        // Another engine, or this one before it ended, has made it.
        if (asEngineError(thrown).code !== 'object-conflict') throw thrown;
      }
    }
    const body = { spec: objectAt(resource, 'spec') };
    await api.request('PATCH', `${path}/${name}`, { body, contentType: 'application/merge-patch+json' });
  }

  /** Removes what is beyond the retention: of this application by number, of its namespace by age. */
  async #prune(namespace: string, shelf: Shelf, { application }: CommitRecord): Promise<void> {
    const { clock, retention } = this.#world;
    const { keep, maxAge } = retention();
    const own = [...shelf].filter(([, entry]) => entry.application === application);
    const extra = own.sort(([, a], [, b]) => b.seen - a.seen).slice(keep);
    const old = maxAge > 0 ? [...shelf].filter(([, { seen }]) => seen < clock.now() - maxAge).slice(0, 50) : [];
    for (const [name] of new Map([...extra, ...old])) {
      try {
        await this.#world.api.request('DELETE', `${recordsPath(namespace)}/${name}`);
      } catch (thrown) {
        if (asEngineError(thrown).code !== 'object-not-found') throw thrown;
      }
      shelf.delete(name);
    }
  }

  /** What is kept in a namespace already; read once. */
  #shelf(namespace: string): Promise<Shelf> {
    const known = this.#shelves.get(namespace);
    if (known !== undefined) return known;
    const reading = listRecords(this.#world.api, namespace).then((items) => new Map(items.flatMap(entryOf)));
    this.#shelves.set(namespace, reading);
    reading.catch(() => this.#shelves.delete(namespace));
    return reading;
  }
}

/** The CommitRecord resources of a namespace, or of all. */
export async function listRecords(api: KubeApi, namespace: string | undefined): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  let next = '';
  do {
    const more = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
    const page = await api.request('GET', `${recordsPath(namespace)}?limit=500${more}`);
    found.push(...listAt(page, 'items').filter(isJsonObject));
    next = stringAt(page, 'metadata', 'continue') ?? '';
  } while (next !== '');
  return found;
}

function entryOf(item: JsonObject): [string, Entry][] {
  const record = objectAt(item, 'spec', 'record');
  const name = stringAt(item, 'metadata', 'name');
  if (name === undefined) return [];
  const endedAt = stringAt(record, 'endedAt') ?? '';
  const seen = parseInstant(stringAt(record, 'stages', 'seen')) || 0;
  const application = stringAt(record, 'application') ?? '';
  return [[name, { application, seen, state: `${stringAt(record, 'outcome') ?? ''} ${endedAt}` }]];
}

// In a merge patch null removes; in a new resource it is only noise.
function withoutNulls(resource: JsonObject): JsonObject {
  const spec = objectAt(resource, 'spec');
  const clean = (object: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
  return { ...resource, spec: { ...clean(spec), record: clean(objectAt(spec, 'record')) } };
}
