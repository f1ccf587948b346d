/**
 * Remembers what a rendering looked at in a tree, and tells later from tree and blob ids alone whether another revision
 * has the same there. The memory is the tree of the touched paths itself: an unchanged directory ends the search.
 */
import { hash } from 'node:crypto';
import type { Tree, TreeEntry } from '../ports/index.ts';
import { joinPath, parentOf } from './paths.ts';

/** One path: what was there (`id` undefined: nothing) and what was used of it. */
type Node = {
  readonly name: string;
  readonly id: string | undefined;
  /** The content counts: a file's, or that nothing is there. */
  readonly content: boolean;
  /** Digest of names and kinds, where a listing was used. */
  readonly listing?: string;
  readonly children: readonly Node[];
};

/** What was looked at in one tree. */
export type Trace = {
  readonly root: Node;
  /** Paths that lie behind links: no directory's id speaks for them. */
  readonly linked: readonly Node[];
  /** How many paths, for the books of the cache. */
  readonly size: number;
};

/** A tree that remembers, until `end` says what. */
export type TracedTree = Tree & { end(): Promise<Trace> };

type Touch = { content: boolean; listing?: string };

/** Wraps `tree`; every path that is looked at is remembered, absent ones too. */
export function traced(tree: Tree): TracedTree {
  const touches = new Map<string, Touch>();
  const listings = new Map<string, Promise<readonly TreeEntry[] | undefined>>();
  const touch = (path: string): Touch => {
    let known = touches.get(path);
    if (known === undefined) {
      known = { content: false };
      touches.set(path, known);
    }
    return known;
  };
  const list = (path: string): Promise<readonly TreeEntry[] | undefined> => {
    let listing = listings.get(path);
    if (listing === undefined) {
      listing = tree.list(path);
      listings.set(path, listing);
    }
    return listing;
  };
  const { realPath } = tree;
  return {
    entry: (path) => {
      touch(path).content = true;
      return tree.entry(path);
    },
    list: async (path) => {
      const entries = await list(path);
      if (entries === undefined) touch(path).content = true;
      else touch(path).listing ??= listingDigest(entries);
      return entries;
    },
    read: (path) => {
      touch(path).content = true;
      return tree.read(path);
    },
    ...(realPath === undefined
      ? {}
      : {
          realPath: (path: string) => {
            touch(path).content = true;
            return realPath.call(tree, path);
          },
        }),
    end: () => endTrace(tree, touches, list),
  };
}

type Lister = (path: string) => Promise<readonly TreeEntry[] | undefined>;

async function endTrace(tree: Tree, touches: ReadonlyMap<string, Touch>, list: Lister): Promise<Trace> {
  const linked: Node[] = [];
  const straight = new Map<string, Touch | undefined>([['', touches.get('')]]);
  const isDirect = directness(tree, list);
  for (const [path, touch] of touches) {
    if (path === '') continue;
    if (!(await isDirect(path))) linked.push(await leaf(tree, path, touch));
    else for (let at = path; at !== '' && !straight.has(at); at = parentOf(at)) straight.set(at, touches.get(at));
  }
  const children = new Map<string, string[]>();
  for (const path of straight.keys()) {
    if (path === '') continue;
    const siblings = children.get(parentOf(path));
    if (siblings === undefined) children.set(parentOf(path), [path]);
    else siblings.push(path);
  }
  const build = async (path: string): Promise<Node> => {
    const below: Node[] = [];
    for (const child of children.get(path) ?? []) below.push(await build(child));
    const name = path.slice(path.lastIndexOf('/') + 1);
    return { ...(await leaf(tree, name, straight.get(path), path)), children: below };
  };
  return { root: await build(''), linked, size: touches.size };
}

async function leaf(tree: Tree, name: string, touch: Touch | undefined, path = name): Promise<Node> {
  const entry = await tree.entry(path);
  const listing = touch?.listing;
  // A directory that was only looked at as an entry: that it is one is all that counts.
  const content = touch?.content === true && entry?.kind !== 'directory';
  return { name, id: entry?.id, content, ...(listing === undefined ? {} : { listing }), children: [] };
}

/** Answers whether no segment of a path is a link; remembers directories. */
function directness(tree: Tree, list: Lister): (path: string) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>([['', Promise.resolve(true)]]);
  const isDirect = (path: string): Promise<boolean> => {
    let answer = known.get(path);
    if (answer === undefined) {
      answer = decide(path);
      known.set(path, answer);
    }
    return answer;
  };
  const decide = async (path: string): Promise<boolean> => {
    const real = await tree.realPath?.(path);
    if (real !== undefined) return real === path;
    // Nothing is there, or nobody knows: the listings tell, of a link that leads nowhere too.
    const parent = parentOf(path);
    if (!(await isDirect(parent))) return false;
    const entries = await list(parent);
    const name = path.slice(path.lastIndexOf('/') + 1);
    return entries?.find((entry) => entry.name === name)?.kind !== 'link';
  };
  return isDirect;
}

function listingDigest(entries: readonly TreeEntry[]): string {
  let text = '';
  for (const entry of entries) text += `${entry.name}\0${entry.kind}\0`;
  return hash('sha256', text, 'base64');
}

/** True when everything that was looked at is the same in `tree`; reads no file. A tree that fails is not the same. */
export async function sameTrace(tree: Tree, trace: Trace): Promise<boolean> {
  try {
    if (!(await sameNode(tree, trace.root, ''))) return false;
    for (const node of trace.linked) if (!(await sameNode(tree, node, node.name))) return false;
    return true;
  } catch {
    return false;
  }
}

async function sameNode(tree: Tree, node: Node, path: string): Promise<boolean> {
  const entry = await tree.entry(path);
  if (entry?.id === node.id) return true;
  if (node.content || entry === undefined || node.id === undefined || entry.kind !== 'directory') return false;
  if (node.listing !== undefined) {
    const entries = await tree.list(path);
    if (entries === undefined || listingDigest(entries) !== node.listing) return false;
  }
  for (const child of node.children) if (!(await sameNode(tree, child, joinPath(path, child.name)))) return false;
  return true;
}
