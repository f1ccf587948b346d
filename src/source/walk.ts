import { EngineError } from '../model/index.ts';
import type { Tree, TreeEntry } from '../ports/index.ts';

/** Where the nodes of a tree come from: git objects, or an archive in memory. */
export type NodeStore = {
  /** The entries of a directory by name. */
  children(id: string): Promise<ReadonlyMap<string, TreeEntry>> | ReadonlyMap<string, TreeEntry>;
  /** The bytes of a file or the target of a link. `path` is for messages. */
  content(id: string, path: string): Promise<Uint8Array>;
  /** The files of a submodule, undefined where submodules are not followed. */
  module?(entry: TreeEntry, path: string): Promise<Tree | undefined>;
};

const maxLinks = 40;
const maxDepth = 200;

/** Where a path leads: an entry of this tree, or a path in the tree of a submodule. */
type Place =
  | { readonly entry: TreeEntry; readonly path: string }
  | { readonly tree: Tree; readonly rest: string; readonly entry: TreeEntry; readonly path: string };

/**
 * A Tree over a store of nodes. Links are followed inside the tree, as a file system would; one that leads above the
 * root or to an absolute path is `path-outside`, wherever on the way it lies.
 */
export function treeOver(store: NodeStore, rootId: string): Tree {
  const root: TreeEntry = { name: '', kind: 'directory', id: rootId };
  const find = (path: string) => walk(store, root, path);
  return {
    async entry(path) {
      const place = await find(path);
      if (place === undefined) return undefined;
      if ('tree' in place && place.rest !== '') return place.tree.entry(place.rest);
      const name = path === '' ? '' : path.slice(path.lastIndexOf('/') + 1);
      const kind = 'tree' in place ? 'directory' : place.entry.kind;
      return { name, kind, id: place.entry.id };
    },
    async list(path) {
      const place = await find(path);
      if (place === undefined) return undefined;
      if ('tree' in place) return place.tree.list(place.rest);
      if (place.entry.kind !== 'directory') return undefined;
      const entries = [...(await store.children(place.entry.id)).values()];
      const shown = store.module === undefined ? entries : entries.map(resolvedModule);
      return shown.sort((a, b) => compareBytes(a.name, b.name));
    },
    async read(path) {
      const place = await find(path);
      if (place === undefined) return undefined;
      if ('tree' in place) return place.tree.read(place.rest);
      return place.entry.kind === 'file' ? store.content(place.entry.id, place.path) : undefined;
    },
    async realPath(path) {
      const place = await find(path);
      if (place === undefined || !('tree' in place) || place.rest === '') return place?.path;
      const inner = place.tree.realPath === undefined ? place.rest : await place.tree.realPath(place.rest);
      return inner === undefined ? undefined : `${place.path}/${inner}`;
    },
  };
}

async function walk(store: NodeStore, root: TreeEntry, path: string): Promise<Place | undefined> {
  const pending = segments(path);
  const trail: TreeEntry[] = [root];
  let links = 0;
  while (pending.length > 0) {
    const here = trail.at(-1) ?? root;
    const name = pending.shift() ?? '';
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (trail.length === 1) throw outside(path);
      trail.pop();
      continue;
    }
    if (here.kind === 'module') return enterModule(store, trail, [name, ...pending]);
    if (here.kind !== 'directory') return undefined;
    const children = store.children(here.id);
    const next = (children instanceof Promise ? await children : children).get(name);
    if (next === undefined) return undefined;
    if (next.kind === 'link') {
      if (++links > maxLinks) throw tooManyLinks(path);
      const target = Buffer.from(await store.content(next.id, pathOf(trail, name))).toString('utf8');
      if (target.startsWith('/')) throw outside(path);
      if (target.length > 4096) throw tooManyLinks(path);
      pending.unshift(...target.split('/'));
    } else trail.push(next);
    if (pending.length > maxDepth * 2 || trail.length > maxDepth) throw tooManyLinks(path);
  }
  const entry = trail.at(-1) ?? root;
  return entry.kind === 'module' ? enterModule(store, trail, []) : { entry, path: pathOf(trail) };
}

async function enterModule(
  store: NodeStore,
  trail: readonly TreeEntry[],
  rest: readonly string[],
): Promise<Place | undefined> {
  const entry = trail.at(-1);
  if (entry === undefined) return undefined;
  const path = pathOf(trail);
  const tree = await store.module?.(entry, path);
  if (tree === undefined) return rest.length === 0 ? { entry, path } : undefined;
  return { tree, rest: rest.filter((name) => name !== '' && name !== '.').join('/'), entry, path };
}

function segments(path: string): string[] {
  if (path.startsWith('/') || path.includes('\0')) throw outside(path);
  const names = path.split('/');
  if (names.includes('..')) throw outside(path);
  return names;
}

function pathOf(trail: readonly TreeEntry[], ...more: readonly string[]): string {
  return [...trail.slice(1).map((entry) => entry.name), ...more].join('/');
}

function resolvedModule(entry: TreeEntry): TreeEntry {
  return entry.kind === 'module' ? { ...entry, kind: 'directory' } : entry;
}

function compareBytes(a: string, b: string): number {
  // UTF-16 order differs from byte order only above the surrogates.
  return /[\ud800-\uffff]/.test(a + b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : a > b ? 1 : 0;
}

function outside(path: string): EngineError {
  return new EngineError('path-outside', `path: leads out of the repository: ${path}`, { about: path });
}

function tooManyLinks(path: string): EngineError {
  return new EngineError('path-outside', `path: too many levels of symbolic links: ${path}`, { about: path });
}
