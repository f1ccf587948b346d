/**
 * What the toolbox sees of a source: its tree, with other trees (remote bases, local chart dependencies) and files
 * (fetched archives) laid over it. It answers the toolbox's questions; the trees remember that they were asked.
 */

import type { Tree } from '../ports/index.ts';
import { below, joinPath } from './paths.ts';
import type { DirEntry, EntryKind, FileSource, FileStat } from './toolbox/protocol.ts';

/** A tree with things laid over it. */
export type FileView = {
  readonly fs: FileSource;
  /** Shows the directory `under` of `tree` at `path`. */
  mount(path: string, tree: Tree, under: string): void;
  /** Shows `bytes` as the file `path`. */
  put(path: string, bytes: Uint8Array): void;
};

type Mount = { readonly at: string; readonly tree: Tree; readonly under: string };
type Place = { readonly mount: Mount; readonly inner: string };

/** A view of `base` with nothing laid over it yet. */
export function fileView(base: Tree): FileView {
  const mounts: Mount[] = [{ at: '', tree: base, under: '' }];
  const files = new Map<string, Uint8Array>();
  const locate = (path: string): Place => {
    let best: Place | undefined;
    for (const mount of mounts) {
      const rest = below(mount.at, path);
      if (rest !== undefined && (best === undefined || mount.at.length >= best.mount.at.length))
        best = { mount, inner: joinPath(mount.under, rest) };
    }
    return best ?? { mount: { at: '', tree: base, under: '' }, inner: path };
  };
  return {
    mount: (at, tree, under) => void mounts.push({ at, tree, under }),
    put: (path, bytes) => void files.set(path, bytes),
    fs: {
      read: async (path) => {
        const file = files.get(path);
        if (file !== undefined) return file;
        const { mount, inner } = locate(path);
        return await mount.tree.read(inner);
      },
      list: (path) => listing(path, locate(path), overlaid(path, mounts, files)),
      stat: async (path) => {
        if (files.has(path)) return { kind: 'file', path };
        const found = await stat(locate(path));
        return found ?? (overlaid(path, mounts, files).size > 0 ? { kind: 'directory', path } : undefined);
      },
    },
  };
}

async function listing(
  path: string,
  { mount, inner }: Place,
  over: ReadonlyMap<string, EntryKind>,
): Promise<readonly DirEntry[] | undefined> {
  const entries = await mount.tree.list(inner);
  if (entries === undefined && over.size === 0 && path !== mount.at) return undefined;
  const merged = new Map<string, EntryKind>();
  for (const { name, kind } of entries ?? []) if (kind !== 'module') merged.set(name, kind);
  for (const [name, kind] of over) merged.set(name, kind);
  return [...merged].map(([name, kind]) => ({ name, kind }));
}

/** What is laid directly into the directory `path`. */
function overlaid(path: string, mounts: readonly Mount[], files: ReadonlyMap<string, unknown>): Map<string, EntryKind> {
  const over = new Map<string, EntryKind>();
  for (const { at } of mounts) {
    const name = below(path, at)?.split('/')[0];
    if (name !== undefined && name !== '') over.set(name, 'directory');
  }
  for (const file of files.keys()) {
    const [name, ...rest] = below(path, file)?.split('/') ?? [];
    if (name !== undefined && name !== '') over.set(name, rest.length > 0 ? 'directory' : 'file');
  }
  return over;
}

async function stat({ mount, inner }: Place): Promise<FileStat | undefined> {
  const entry = await mount.tree.entry(inner);
  if (entry === undefined || (entry.kind !== 'file' && entry.kind !== 'directory')) return undefined;
  const real = (await mount.tree.realPath?.(inner)) ?? inner;
  const rest = below(mount.under, real);
  // A link out of the part that is shown here leads nowhere.
  return rest === undefined ? undefined : { kind: entry.kind, path: joinPath(mount.at, rest) };
}
