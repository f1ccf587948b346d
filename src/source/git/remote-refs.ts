import { EngineError, highest, isRange, parseRange, parseVersion } from '../../model/index.ts';

/** What a repository's server said about its branches and tags at one moment. */
export type RemoteRefs = {
  /** The branch that HEAD names (`refs/heads/main`), '' when it names none. */
  readonly head: string;
  /** Commit or tag object by full name: `HEAD`, `refs/heads/…`, `refs/tags/…`. */
  readonly refs: ReadonlyMap<string, string>;
  /** The commit that an annotated tag stands for, by full name of the tag. */
  readonly peeled: ReadonlyMap<string, string>;
  /** Names beside branches and tags that the server listed (pull requests, …). */
  readonly others: number;
};

/** A target revision found among the refs: `name` is the full name of the ref. */
export type FoundRef = { readonly name: string; readonly commit: string };

/** True for a full name that is neither a branch nor a tag, such as `refs/pull/7/head`. */
export function isUnusualRef(target: string): boolean {
  return target.startsWith('refs/') && !/^refs\/(?:heads|tags)\//.test(target);
}

/** Reads the answer of `git ls-remote --symref`: HEAD, branches, tags, and the `unusual` names that are asked for. */
export function parseRemoteRefs(text: string, unusual: ReadonlySet<string> = new Set()): RemoteRefs {
  const refs = new Map<string, string>();
  const peeled = new Map<string, string>();
  let head = '';
  let others = 0;
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab < 0) continue;
    const left = line.slice(0, tab);
    const name = line.slice(tab + 1);
    if (left.startsWith('ref: ')) {
      if (name === 'HEAD') head = left.slice(5);
    } else if (!/^[0-9a-f]{40,64}$/.test(left)) {
    } else if (name.endsWith('^{}')) {
      if (name.startsWith('refs/tags/')) peeled.set(name.slice(0, -3), left);
    } else if (name === 'HEAD' || name.startsWith('refs/heads/') || name.startsWith('refs/tags/')) {
      refs.set(name, left);
    } else {
      others++;
      if (unusual.has(name)) refs.set(name, left);
    }
  }
  return { head, refs, peeled, others };
}

/**
 * What `target` means among these refs, as Argo CD reads it: '' and HEAD are the default branch; a full name is itself;
 * a branch comes before a tag of the same name; a range is looked up among the tags (those with `tagPrefix`, cut off).
 * Undefined when nothing fits: it may still be a commit.
 */
export function findRef(remote: RemoteRefs, target: string, tagPrefix = ''): FoundRef | undefined {
  if (tagPrefix !== '') return findPrefixed(remote, target, tagPrefix);
  if (target === '' || target === 'HEAD')
    return found(remote, remote.head === '' ? 'HEAD' : remote.head) ?? found(remote, 'HEAD');
  for (const name of [target, `refs/heads/${target}`, `refs/tags/${target}`, `refs/${target}`]) {
    const ref = name.startsWith('refs/') ? found(remote, name) : undefined;
    if (ref !== undefined) return ref;
  }
  return highestTag(remote, target, '');
}

/** True when `target` can only be found among all tags. */
export function needsTags(target: string, tagPrefix = ''): boolean {
  return tagPrefix !== '' || isRange(target);
}

/** Names of refs that differ between two answers: moved, new and gone ones. */
export function movedRefs(before: RemoteRefs, after: RemoteRefs): readonly string[] {
  const moved = new Set<string>();
  for (const [name, commit] of after.refs) if (before.refs.get(name) !== commit) moved.add(name);
  for (const name of before.refs.keys()) if (!after.refs.has(name)) moved.add(name);
  if (before.head !== after.head) moved.add('HEAD');
  return [...moved].sort();
}

/** The same refs with one of them at another commit, and HEAD with it when HEAD names it. */
export function withRef(remote: RemoteRefs, name: string, id: string, commit: string): RemoteRefs {
  const refs = new Map(remote.refs).set(name, id);
  if (remote.head === name) refs.set('HEAD', id);
  const peeled = new Map(remote.peeled);
  if (id === commit) peeled.delete(name);
  else peeled.set(name, commit);
  return { ...remote, refs, peeled };
}

function findPrefixed(remote: RemoteRefs, target: string, prefix: string): FoundRef | undefined {
  if (parseVersion(target) !== undefined) return found(remote, `refs/tags/${prefix}${target}`);
  if (!isRange(target)) {
    throw new EngineError('revision-not-found', `revision: a tag prefix needs a version or a range: ${target}`);
  }
  return highestTag(remote, target, prefix);
}

/** Ranges that were looked up already, for as long as the refs are the same: many applications share a few ranges. */
const looked = new WeakMap<RemoteRefs, Map<string, FoundRef | undefined>>();

function highestTag(remote: RemoteRefs, target: string, prefix: string): FoundRef | undefined {
  const known = looked.get(remote) ?? new Map<string, FoundRef | undefined>();
  looked.set(remote, known);
  const key = `${prefix}\n${target}`;
  if (!known.has(key)) known.set(key, lookUpRange(remote, target, prefix));
  return known.get(key);
}

function lookUpRange(remote: RemoteRefs, target: string, prefix: string): FoundRef | undefined {
  const range = isRange(target) ? parseRange(target) : undefined;
  if (range === undefined) return undefined;
  const start = `refs/tags/${prefix}`;
  const names: string[] = [];
  for (const name of remote.refs.keys()) if (name.startsWith(start)) names.push(name.slice(start.length));
  const best = highest(range, names.sort());
  return best === undefined ? undefined : found(remote, start + best);
}

function found(remote: RemoteRefs, name: string): FoundRef | undefined {
  const commit = remote.peeled.get(name) ?? remote.refs.get(name);
  return commit === undefined ? undefined : { name, commit };
}
