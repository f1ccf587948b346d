import { type CommitFacts, EngineError, type SignatureFacts } from '../../model/index.ts';
import type { RepositoryEvent, Resolved, RevisionInfo, SignerKeys, Tree } from '../../ports/index.ts';
import type { Polled } from '../polled.ts';
import { staleOf } from '../stale.ts';
import { treeOver } from '../walk.ts';
import type { GitHome } from './access.ts';
import type { Commits, KnownCommit } from './commits.ts';
import { commitsBetween } from './history.ts';
import { type SignaturesAsked, signaturesOf } from './integrity.ts';
import type { LfsObjects } from './lfs.ts';
import { isLfsPointer } from './lfs-pointer.ts';
import type { Mirror } from './mirror.ts';
import type { GitObjects } from './objects.ts';
import { findRef, isUnusualRef, needsTags, type RemoteRefs, withRef } from './remote-refs.ts';
import type { Submodules } from './submodules.ts';

/** The parts of one repository. */
export type GitRepositoryParts = {
  /** The address without secrets, for messages. */
  readonly about: string;
  readonly mirror: Mirror;
  readonly commits: Commits;
  readonly objects: GitObjects;
  readonly polled: Polled<RemoteRefs>;
  /** Undefined where LFS is not enabled for the repository. */
  readonly lfs: () => LfsObjects | undefined;
  /** Undefined where submodules are switched off. */
  readonly submodules: Submodules | undefined;
  /** Full names beside branches and tags that somebody follows (`refs/pull/7/head`). */
  readonly unusual: Set<string>;
  /** Where keyrings lie, and whose signatures count. */
  readonly signatures: { readonly home: GitHome; readonly keys: () => SignerKeys };
  readonly now: () => number;
};

const fullSha = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;
const shortSha = /^[0-9a-f]{7,63}$/i;
/** ms: an unknown name is asked for again, but not more often than this. */
const askAgainAfter = 15_000;

/** One Git repository as one credential sees it: what its refs are, and the files of its commits. */
export class GitRepository {
  readonly #parts: GitRepositoryParts;
  /** Refs that applications follow: only these are fetched when a webhook names them. */
  readonly #followed = new Set<string>();
  readonly #expanded = new Map<string, string>();
  readonly #missing = new WeakMap<RemoteRefs, Set<string>>();

  constructor(parts: GitRepositoryParts) {
    this.#parts = parts;
  }

  /** What `target` means now; see the Sources port. */
  async resolve(target: string, tagPrefix: string, fresh: boolean): Promise<Resolved> {
    if (tagPrefix === '' && fullSha.test(target)) return { revision: target.toLowerCase(), found: '' };
    const { polled, now } = this.#parts;
    if (isUnusualRef(target) && !this.#parts.unusual.has(target)) {
      if (this.#parts.unusual.size < 1_000) this.#parts.unusual.add(target);
      if (polled.known !== undefined) await polled.ask();
    }
    let known = await polled.get(fresh);
    let found = findRef(known.value, target, tagPrefix);
    if (found === undefined && known.failing === undefined && now() - polled.answeredAt > askAgainAfter) {
      known = await polled.get(true);
      found = findRef(known.value, target, tagPrefix);
    }
    if (found !== undefined) {
      if (this.#followed.size < 10_000) this.#followed.add(found.name);
      const name = found.name === 'HEAD' ? known.value.head || 'HEAD' : found.name;
      return { revision: found.commit, found: name.replace(/^refs\/(?:heads|tags)\//, ''), ...staleOf(known) };
    }
    if (tagPrefix === '' && shortSha.test(target)) {
      const revision = await this.#expand(target.toLowerCase());
      if (revision !== undefined) return { revision, found: '', ...staleOf(known) };
    }
    throw this.#noRevision(target, tagPrefix);
  }

  /** The files of a commit, fetched first when the mirror does not have it; `depth` counts the submodules above. */
  async tree(revision: string, depth = 0): Promise<Tree> {
    const { objects, submodules, mirror, commits } = this.#parts;
    const commit = await this.#commit(revision);
    const children = (id: string) => objects.keptChildren(id) ?? commits.reading(commit.id, () => objects.children(id));
    const content = async (id: string, path: string) => {
      const bytes = await commits.reading(commit.id, () => objects.blob(id, path));
      return isLfsPointer(bytes) ? this.#lfsContent(bytes, path) : bytes;
    };
    if (submodules === undefined) return treeOver({ children, content }, commit.tree);
    const module = submodules.of(commit.tree, { children, blob: (id) => mirror.submodules(id) }, depth);
    return treeOver({ children, content, module }, commit.tree);
  }

  async info(revision: string): Promise<RevisionInfo> {
    const { author, date, message, parents, id } = await this.#commit(revision);
    const known = this.#parts.polled.known?.value;
    const tags: string[] = [];
    for (const [name, object] of known?.refs ?? []) {
      if (name.startsWith('refs/tags/') && (known?.peeled.get(name) ?? object) === id) tags.push(name.slice(10));
    }
    return { author, date, message, tags, parents };
  }

  /** True when the commit (full SHA) is in the mirror, or could be fetched. */
  async has(commit: string): Promise<boolean> {
    return (await this.#find(commit.toLowerCase())) !== undefined;
  }

  /** See the Sources port. */
  async commitsBetween(range: { readonly from?: string; readonly to: string }): Promise<readonly CommitFacts[]> {
    const { mirror, signatures } = this.#parts;
    const to = (await this.#commit(range.to)).id;
    const from = range.from === undefined ? undefined : (await this.#commit(range.from)).id;
    return commitsBetween(mirror, signatures.home, signatures.keys(), from === undefined ? { to } : { from, to });
  }

  /** See the Sources port; `target` is what the source names, in case it is a tag. */
  async signatures(
    target: { readonly revision: string; readonly tagPrefix: string },
    revision: string,
    asked: Pick<SignaturesAsked, 'strict' | 'keys'>,
  ): Promise<readonly SignatureFacts[]> {
    const { mirror, signatures, commits, polled } = this.#parts;
    const commit = (await this.#commit(revision)).id;
    const { value } = await polled.get(false);
    const ref = findRef(value, target.revision, target.tagPrefix);
    const id = ref?.commit === commit && value.peeled.has(ref.name) ? value.refs.get(ref.name) : undefined;
    if (ref === undefined || id === undefined) {
      return signaturesOf(mirror, signatures.home, signatures.keys(), { ...asked, commit });
    }
    const here = (await mirror.run(['cat-file', '-e', id])).code === 0;
    if (!here) await commits.refresh(ref.name, id);
    const tag = { name: ref.name.replace(/^refs\/tags\//, ''), id };
    return signaturesOf(mirror, signatures.home, signatures.keys(), { ...asked, commit, tag });
  }

  /** See the Sources port. */
  async descends(ancestor: string, revision: string): Promise<boolean | undefined> {
    const { commits } = this.#parts;
    try {
      const young = await this.#commit(revision);
      const old = await this.#find(ancestor.toLowerCase());
      if (old === undefined) return undefined;
      return old.id === young.id || (await commits.isAncestor(old.id, young.id));
    } catch (error) {
      if (error instanceof EngineError && error.code === 'revision-not-found') return undefined;
      throw error;
    }
  }

  /**
   * A webhook says that a ref has moved. What it says is a hint only, anyone may have sent it: the ref is fetched from
   * the server itself, in one request that brings the commit too; anything else is an ordinary poll.
   */
  async wake(event: Pick<RepositoryEvent, 'ref' | 'after' | 'defaultBranch'>): Promise<void> {
    const { polled, commits } = this.#parts;
    const known = polled.known;
    const { ref, after } = event;
    if (known !== undefined && known.failing === undefined && this.#knows(known.value, ref, after)) return;
    const otherHead = event.defaultBranch !== undefined && `refs/heads/${event.defaultBranch}` !== known?.value.head;
    const gone = /^0*$/.test(after);
    if (known === undefined || gone || otherHead || !this.#follows(ref)) return polled.ask();
    try {
      const since = polled.moment;
      const now = await commits.refresh(ref, known.value.refs.get(ref) ?? after);
      if (now === undefined) return await polled.ask();
      polled.amend(since, (value) => withRef(value, ref, now.id, now.commit));
    } catch {
      // Whatever it was, the poll says it in full.
      await polled.ask();
    }
  }

  watch(on: boolean): void {
    this.#parts.polled.watch(on);
    if (!on) this.#followed.clear();
  }

  stop(): void {
    this.#parts.polled.watch(false);
    this.#parts.objects.stop();
  }

  #knows(value: RemoteRefs, ref: string, after: string): boolean {
    return after !== '' && (value.refs.get(ref) === after || value.peeled.get(ref) === after);
  }

  #follows(ref: string): boolean {
    return /^refs\/(?:heads|tags)\/[^\s:*?[\\^~]+$/.test(ref) && this.#followed.has(ref);
  }

  /** The commit, from the mirror or the server. */
  async #commit(revision: string): Promise<KnownCommit> {
    const commit = fullSha.test(revision) ? await this.#find(revision.toLowerCase()) : undefined;
    if (commit === undefined) throw this.#noRevision(revision, '');
    return commit;
  }

  /** A commit by full or short SHA. What the server does not have is asked for once in every poll. */
  async #find(sha: string): Promise<KnownCommit | undefined> {
    const { commits, polled } = this.#parts;
    const known = polled.known?.value;
    if (known !== undefined && this.#missing.get(known)?.has(sha) === true) return undefined;
    const anyId = known?.refs.values().next().value ?? '';
    const commit = fullSha.test(sha) ? await commits.get(sha, () => this.#tipOf(sha)) : await commits.find(sha, anyId);
    if (commit === undefined && known !== undefined) {
      this.#missing.set(known, (this.#missing.get(known) ?? new Set<string>()).add(sha));
    }
    return commit;
  }

  /** A ref that points at this commit, one that is followed if there is one. */
  #tipOf(revision: string): string | undefined {
    const known = this.#parts.polled.known?.value;
    if (known === undefined) return undefined;
    const pointsThere = (name: string) => (known.peeled.get(name) ?? known.refs.get(name)) === revision;
    for (const name of this.#followed) if (name !== 'HEAD' && pointsThere(name)) return name;
    for (const name of known.refs.keys()) if (name !== 'HEAD' && pointsThere(name)) return name;
    return undefined;
  }

  /** The full SHA of a short one that the repository has. */
  async #expand(short: string): Promise<string | undefined> {
    const cached = this.#expanded.get(short);
    if (cached !== undefined) return cached;
    const found = await this.#find(short);
    return found === undefined ? undefined : this.#remember(short, found.id);
  }

  #remember(short: string, full: string): string {
    if (this.#expanded.size > 1_000) this.#expanded.clear();
    this.#expanded.set(short, full);
    return full;
  }

  async #lfsContent(pointer: Buffer, path: string): Promise<Uint8Array> {
    const lfs = this.#parts.lfs();
    if (lfs !== undefined) return lfs.read(pointer, path);
    const message = `file: is a Git LFS pointer, and LFS is not enabled for the repository: ${path}`;
    throw new EngineError('lfs-pointer', message, { about: path });
  }

  #noRevision(target: string, tagPrefix: string): EngineError {
    const { about } = this.#parts;
    const what = needsTags(target, tagPrefix) ? 'no tag fits the range' : 'no such branch, tag or commit';
    const message = `revision: ${what}: ${tagPrefix}${target === '' ? 'HEAD' : target} in ${about}`;
    return new EngineError('revision-not-found', message, { about, retry: 'backoff' });
  }
}
