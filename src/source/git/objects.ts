import { EngineError } from '../../model/index.ts';
import type { ByteCache } from '../byte-cache.ts';
import { DamagedMirror } from './damaged-mirror.ts';
import type { GitObject, ObjectReader, ReadResult } from './object-reader.ts';
import { type GitCommit, type GitTreeEntry, parseCommitObject, parseTreeObject } from './parse-objects.ts';
import type { ReaderPool } from './reader-pool.ts';

/** Limits on single objects, bytes. */
export type ObjectLimits = { readonly file: number; readonly tree: number };

/** What was read of objects, shared by all mirrors of the room. */
export type ObjectCache = ByteCache<GitCommit | ReadonlyMap<string, GitTreeEntry> | Buffer>;

const smallBlob = 32 * 1024;

/** Parsed objects of one mirror, from the shared cache where possible; equal reads at one time become one. */
export class GitObjects {
  readonly #name: string;
  readonly #reader: ObjectReader;
  readonly #pool: ReaderPool;
  readonly #cache: ObjectCache;
  readonly #limits: ObjectLimits;
  readonly #running = new Map<string, Promise<ReadResult>>();
  readonly #parsing = new Map<string, Promise<ReadonlyMap<string, GitTreeEntry>>>();

  constructor(options: {
    /** Distinguishes mirrors in the cache: what one credential may read says nothing about another's. */
    readonly name: string;
    readonly reader: ObjectReader;
    readonly pool: ReaderPool;
    readonly cache: ObjectCache;
    readonly limits: ObjectLimits;
  }) {
    this.#name = options.name;
    this.#reader = options.reader;
    this.#pool = options.pool;
    this.#cache = options.cache;
    this.#limits = options.limits;
  }

  /** The commit that `id` (a commit, an annotated tag, or a short SHA) leads to; undefined when it is not here. */
  async commit(id: string): Promise<(GitCommit & { readonly id: string }) | undefined> {
    const known = this.#cache.get(`${this.#name}/${id}`);
    if (known !== undefined && 'tree' in known) return { ...known, id };
    const object = await this.#read(`${id}^{commit}`, this.#limits.tree);
    if (object === 'ambiguous') {
      throw new EngineError('revision-not-found', `revision: several commits begin with: ${id}`, { about: id });
    }
    if (typeof object === 'string' || 'large' in object || object.type !== 'commit') return undefined;
    const commit = parseCommitObject(object.bytes, object.id);
    this.#cache.set(`${this.#name}/${object.id}`, commit, 400 + 2 * commit.message.length);
    return { ...commit, id: object.id };
  }

  /** The entries of a tree object when they are in memory. */
  keptChildren(id: string): ReadonlyMap<string, GitTreeEntry> | undefined {
    const known = this.#cache.get(`${this.#name}/${id}`);
    return known instanceof Map ? known : undefined;
  }

  /** The entries of a tree object. DamagedMirror when it is not there. */
  async children(id: string): Promise<ReadonlyMap<string, GitTreeEntry>> {
    const known = this.keptChildren(id) ?? this.#parsing.get(id);
    if (known !== undefined) return known;
    // Many applications meet at the same directories: each is read and parsed once.
    const parsing = this.#parse(id);
    this.#parsing.set(id, parsing);
    return parsing.finally(() => this.#parsing.delete(id));
  }

  /** Bytes of a file; EngineError `render-limit` over the limit. */
  async blob(id: string, path: string): Promise<Buffer> {
    const key = `${this.#name}/${id}`;
    const known = this.#cache.get(key);
    if (known instanceof Uint8Array) return known;
    const { bytes } = await this.#must(id, 'blob', this.#limits.file, path);
    if (bytes.length <= smallBlob) this.#cache.set(key, bytes, bytes.length + 200);
    return bytes;
  }

  /** Starts the process that reads, because a read is about to come. */
  warm(): void {
    this.#pool.admit(this.#reader);
    this.#reader.warm();
  }

  stop(): void {
    this.#reader.stop();
  }

  async #parse(id: string): Promise<ReadonlyMap<string, GitTreeEntry>> {
    const object = await this.#must(id, 'tree', this.#limits.tree, id);
    const entries = parseTreeObject(object.bytes, object.id);
    // As measured: an entry in a Map takes about 250 bytes besides its name.
    this.#cache.set(`${this.#name}/${id}`, entries, 300 + entries.size * 250 + object.bytes.length);
    return entries;
  }

  async #must(id: string, type: string, limit: number, about: string): Promise<GitObject> {
    const object = await this.#read(id, limit);
    if (typeof object === 'object' && 'large' in object) {
      const size = `${Math.ceil(object.large / 1024 / 1024)} MiB`;
      throw new EngineError('render-limit', `file: larger than its limit (${size}): ${about}`, { about });
    }
    if (typeof object === 'string' || object.type !== type) {
      throw new DamagedMirror(`git object: not in the mirror: ${type} ${id}`);
    }
    return object;
  }

  async #read(name: string, limit: number): Promise<ReadResult> {
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    this.#pool.admit(this.#reader);
    const reading = this.#reader.read(name, limit);
    this.#running.set(name, reading);
    try {
      return await reading;
    } finally {
      this.#running.delete(name);
    }
  }
}
