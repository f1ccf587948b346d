/**
 * A directory on disk as a Tree, for `plumb render ./path` on files that are not committed, and for tests. `.git` is
 * not shown, and no link leads out.
 */
import { lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { EngineError } from '../model/index.ts';
import type { Tree, TreeEntry } from '../ports/index.ts';

/** The files below `directory`. A directory's id never repeats, a file's changes with its inode, size and times. */
export function workingTree(directory: string): Tree {
  const root = realpath(resolve(directory));
  let listings = 0;
  const real = async (path: string): Promise<string | undefined> => {
    if (path.split('/').includes('.git')) return undefined;
    const top = await root;
    try {
      const found = await realpath(join(top, path));
      if (found !== top && !found.startsWith(top + sep)) throw outside(path);
      return relative(top, found).split(sep).join('/');
    } catch (error) {
      if (isMissing(error)) return await missing(top, path);
      if (hasCode(error, 'ELOOP')) throw new EngineError('path-outside', `link in a circle: ${path}`, { about: path });
      throw error;
    }
  };
  const entryAt = async (path: string): Promise<TreeEntry | undefined> => {
    const found = await real(path);
    if (found === undefined) return undefined;
    const facts = await stat(join(await root, found), { bigint: true });
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (facts.isDirectory()) return { name, kind: 'directory', id: `directory-${++listings}` };
    if (!facts.isFile()) return undefined;
    const id = [facts.dev, facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join('-');
    return { name, kind: 'file', id };
  };
  return {
    entry: entryAt,
    realPath: real,
    list: async (path) => {
      const found = await real(path);
      if (found === undefined) return undefined;
      const top = join(await root, found);
      if (!(await stat(top)).isDirectory()) return undefined;
      const entries = await readdir(top, { withFileTypes: true });
      const shown = entries.filter((entry) => entry.name !== '.git');
      shown.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
      return shown.flatMap((entry): TreeEntry[] => {
        const kind = entry.isSymbolicLink() ? 'link' : entry.isDirectory() ? 'directory' : 'file';
        return [{ name: entry.name, kind, id: `entry-${++listings}` }];
      });
    },
    read: async (path) => {
      const entry = await entryAt(path);
      return entry?.kind === 'file' ? await readFile(join(await root, (await real(path)) ?? path)) : undefined;
    },
  };
}

/** A path that is not there, or a link that leads outside to something that is not there. */
async function missing(top: string, path: string): Promise<undefined> {
  let at = top;
  for (const segment of path.split('/')) {
    at = join(at, segment);
    const facts = await lstat(at).catch(() => undefined);
    if (facts === undefined) return undefined;
    if (!facts.isSymbolicLink()) continue;
    const target = resolve(at, '..', await readlink(at));
    if (target !== top && !target.startsWith(top + sep)) throw outside(path);
  }
  return undefined;
}

function outside(path: string): EngineError {
  return new EngineError('path-outside', `a link leads out of the repository: ${path}`, { about: path });
}

function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR');
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
