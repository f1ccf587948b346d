import { EngineError } from '../../model/index.ts';
import { DamagedMirror } from './damaged-mirror.ts';
import type { Mirror } from './mirror.ts';
import type { GitObjects } from './objects.ts';
import type { GitCommit } from './parse-objects.ts';
import type { GitRemote } from './remote.ts';

/** A commit and its full SHA. */
export type KnownCommit = GitCommit & { readonly id: string };

const everything = ['+refs/heads/*:refs/all/heads/*', '+refs/tags/*:refs/all/tags/*'];
const tidyEvery = 50;
/** ms between two attempts to make a damaged mirror anew. */
const renewPause = 5 * 60_000;

/** The commits of one repository: from the mirror, else from the server; equal fetches at one time become one. */
export class Commits {
  readonly #mirror: Mirror;
  readonly #remote: GitRemote;
  readonly #objects: GitObjects;
  readonly #now: () => number;
  readonly #arriving = new Map<string, Promise<KnownCommit | undefined>>();
  readonly #refreshing = new Map<
    string,
    { readonly running: Promise<unknown>; next?: Promise<KnownRef | undefined> }
  >();
  #fetches = 0;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #renewing: Promise<void> | undefined;

  constructor(parts: {
    readonly mirror: Mirror;
    readonly remote: GitRemote;
    readonly objects: GitObjects;
    readonly now: () => number;
  }) {
    this.#mirror = parts.mirror;
    this.#remote = parts.remote;
    this.#objects = parts.objects;
    this.#now = parts.now;
  }

  /** A commit by its full SHA, undefined when the server does not have it. `tip` tells a ref that points at it. */
  async get(revision: string, tip: () => string | undefined): Promise<KnownCommit | undefined> {
    const here = await this.#here(revision);
    if (here !== undefined) return here;
    const known = this.#arriving.get(revision);
    if (known !== undefined) return known;
    const arriving = this.#fetch(revision, tip()).catch(asFailure);
    this.#arriving.set(revision, arriving);
    return arriving.finally(() => this.#arriving.delete(revision));
  }

  /** The commit whose SHA begins with `prefix`, after all branches and tags were fetched if need be. */
  async find(prefix: string, anyId: string): Promise<KnownCommit | undefined> {
    const here = await this.#here(prefix, anyId);
    if (here !== undefined) return here;
    await this.#fetchInto(everything, anyId);
    return this.#objects.commit(prefix).catch(asFailure);
  }

  /** What a ref of the server is now, fetched with its commit. Who asks while a fetch runs shares the next one. */
  refresh(ref: string, anyId: string): Promise<KnownRef | undefined> {
    const current = this.#refreshing.get(ref);
    if (current !== undefined) {
      current.next ??= current.running.catch(() => {}).then(() => this.refresh(ref, anyId));
      return current.next;
    }
    const running = this.#refresh(ref, anyId);
    this.#refreshing.set(ref, { running });
    return running.finally(() => this.#refreshing.delete(ref));
  }

  /** True when `ancestor` is `commit` or before it; both must be here. */
  isAncestor(ancestor: string, commit: string): Promise<boolean> {
    return this.#mirror.isAncestor(ancestor, commit);
  }

  /** Reads objects of a commit; when the mirror turns out to be damaged it is made anew, and read again. */
  async reading<T>(revision: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof DamagedMirror)) throw error;
      await this.#repair(revision, error);
      return read();
    }
  }

  async #repair(revision: string, why: Error): Promise<void> {
    await this.#renew(why);
    if ((await this.get(revision, () => undefined)) === undefined) asFailure(why);
  }

  /** Makes the mirror anew, once for all who found it damaged. */
  async #renew(why: Error): Promise<void> {
    if (this.#renewing === undefined) {
      if (this.#now() - this.#renewedAt < renewPause) return asFailure(why);
      this.#renewedAt = this.#now();
      this.#renewing = this.#mirror
        .discard(() => this.#objects.stop())
        .finally(() => {
          this.#renewing = undefined;
        });
    }
    await this.#renewing;
  }

  async #here(name: string, anyId = name): Promise<KnownCommit | undefined> {
    await this.#mirror.ready(anyId);
    return this.reading(name, () => this.#objects.commit(name));
  }

  async #refresh(ref: string, anyId: string): Promise<KnownRef | undefined> {
    await this.#mirror.ready(anyId);
    this.#objects.warm();
    await this.#fetchInto([this.#mirror.refspecOf(ref)], anyId);
    const id = await this.#mirror.fetchedRef(ref);
    const commit = id === undefined ? undefined : await this.#objects.commit(id);
    return id === undefined || commit === undefined ? undefined : { id, commit: commit.id };
  }

  async #fetch(revision: string, tip: string | undefined): Promise<KnownCommit | undefined> {
    const own = this.#mirror.refspecOf(revision);
    const attempts = [...(tip === undefined ? [] : [[this.#mirror.refspecOf(tip)]]), [own], everything];
    for (const refspecs of attempts) {
      try {
        await this.#fetchInto(refspecs, revision);
      } catch (error) {
        // Servers refuse to send a bare commit in many words; whether it is there, the next attempt tells.
        const last = refspecs === everything;
        if (last || !(error instanceof EngineError) || error.code !== 'revision-not-found') throw error;
        continue;
      }
      const commit = await this.#objects.commit(revision);
      if (commit !== undefined) return commit;
    }
    return undefined;
  }

  async #fetchInto(refspecs: readonly string[], anyId: string): Promise<void> {
    await this.#mirror.ready(anyId);
    try {
      await this.#remote.fetch(this.#mirror.dir, refspecs, true);
    } catch (error) {
      if (!(error instanceof EngineError) || !damagedHere.test(error.message)) throw error;
      await this.#renew(error);
      await this.#mirror.ready(anyId);
      await this.#remote.fetch(this.#mirror.dir, refspecs, true);
    }
    this.#fetches++;
    if (this.#fetches % tidyEvery === 0) this.#mirror.tidy().catch(() => {});
  }
}

/** What git says when it is our own repository that is broken. */
const damagedHere =
  /bad object|unable to read|corrupt|not a git repository: |missing (?:blob|tree|commit)|necessary objects|bad (?:ref|config)/;

/** What cannot be repaired (again) is an error to be tried again later. */
function asFailure(error: unknown): never {
  if (!(error instanceof DamagedMirror)) throw error;
  throw new EngineError('internal', error.message, { retry: 'backoff', cause: error });
}

/** A ref of the server: the object it points at (a commit, or an annotated tag) and the commit behind it. */
export type KnownRef = { readonly id: string; readonly commit: string };
