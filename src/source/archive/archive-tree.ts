import { createHash } from 'node:crypto';
import { EngineError } from '../../model/index.ts';
import type { Tree, TreeEntry } from '../../ports/index.ts';
import { treeOver } from '../walk.ts';
import { gunzip, isGzip } from './gunzip.ts';
import { type ArchiveFile, readTar } from './tar.ts';

type Directory = Map<string, Directory | ArchiveFile>;

/** Bytes that an archive may have when unpacked, as in Helm. */
export const maxUnpacked = 100 * 1024 * 1024;
const maxDepth = 200;

/**
 * The files of a tar archive (packed with gzip or not) as a Tree in memory. `strip` takes the first directory off every
 * path, as a chart's archive needs it. `bytes` tells how much memory it holds.
 */
export async function archiveTree(
  archive: Buffer,
  about: string,
  strip: boolean,
): Promise<{ readonly tree: Tree; readonly bytes: number }> {
  const unpacked = isGzip(archive) ? await gunzip(archive, maxUnpacked, about) : archive;
  const root: Directory = new Map();
  for (const file of readTar(unpacked, about)) {
    const names = file.path.split('/').slice(strip ? 1 : 0);
    if (names.length > maxDepth)
      throw new EngineError('repo-config', `archive: directories are nested too deeply: ${about}`);
    if (names.length > 0) insert(root, names, file, about);
  }
  const directories = new Map<string, ReadonlyMap<string, TreeEntry>>();
  const contents = new Map<string, Buffer>();
  const rootId = seal(root, directories, contents);
  const children = (id: string) => directories.get(id) ?? new Map<string, TreeEntry>();
  const content = async (id: string, path: string) => {
    const bytes = contents.get(id);
    if (bytes === undefined) throw new EngineError('internal', `archive: lost a file: ${path}`, { about });
    return bytes;
  };
  return { tree: treeOver({ children, content }, rootId), bytes: unpacked.length + 400 * contents.size };
}

function insert(root: Directory, names: readonly string[], file: ArchiveFile, about: string): void {
  let here = root;
  for (const name of names.slice(0, -1)) {
    const next = here.get(name);
    if (next !== undefined && !(next instanceof Map)) {
      throw new EngineError('repo-config', `archive: a file lies below a file: ${about}: ${file.path}`, { about });
    }
    const directory: Directory = next ?? new Map();
    here.set(name, directory);
    here = directory;
  }
  here.set(names.at(-1) ?? '', file);
}

/** Gives every directory and file the hash of its content as its id, so that equal ids mean equal content. */
function seal(
  directory: Directory,
  directories: Map<string, ReadonlyMap<string, TreeEntry>>,
  contents: Map<string, Buffer>,
): string {
  const entries = new Map<string, TreeEntry>();
  const hash = createHash('sha256');
  for (const name of [...directory.keys()].sort()) {
    const node = directory.get(name);
    if (node === undefined) continue;
    const entry =
      node instanceof Map ? directoryEntry(name, node, directories, contents) : fileEntry(name, node, contents);
    entries.set(name, entry);
    hash.update(`${entry.kind} ${entry.id} ${name}\0`);
  }
  const id = hash.digest('hex');
  directories.set(id, entries);
  return id;
}

function directoryEntry(
  name: string,
  node: Directory,
  directories: Map<string, ReadonlyMap<string, TreeEntry>>,
  contents: Map<string, Buffer>,
): TreeEntry {
  return { name, kind: 'directory', id: seal(node, directories, contents) };
}

function fileEntry(name: string, file: ArchiveFile, contents: Map<string, Buffer>): TreeEntry {
  const id = createHash('sha256').update(file.bytes).digest('hex');
  contents.set(id, file.bytes);
  return { name, kind: file.kind, id };
}
