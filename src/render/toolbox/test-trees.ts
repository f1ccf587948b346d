/** For tests: trees in memory and on disk, the toolbox built from this checkout, and what a failure must be. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ensureTool } from '../../toolchain/index.ts';
import { createToolbox, type ToolboxOptions } from './client.ts';
import { type DirEntry, type FileSource, type Toolbox, ToolboxError, type ToolboxErrorCode } from './protocol.ts';

/** A tree of the given files; a text that starts with `-> ` is a link to a path of the tree. */
export function memoryTree(files: Readonly<Record<string, string | Uint8Array>>): FileSource {
  const paths = Object.keys(files);
  const linkOf = (path: string) => {
    const file = files[path];
    return typeof file === 'string' && file.startsWith('-> ') ? file.slice(3) : undefined;
  };
  const real = (path: string, hops = 0): string | undefined => {
    if (hops > 20) return undefined;
    const parts = path.split('/');
    for (let n = 1; n <= parts.length; n += 1) {
      const target = linkOf(parts.slice(0, n).join('/'));
      if (target !== undefined) return real([target, ...parts.slice(n)].join('/'), hops + 1);
    }
    return path;
  };
  const isDirectory = (path: string) => path === '' || paths.some((it) => it.startsWith(`${path}/`));
  return {
    async read(path) {
      const file = files[real(path) ?? ''];
      return typeof file === 'string' ? Buffer.from(file) : file;
    },
    async list(path) {
      const directory = real(path);
      if (directory === undefined || !isDirectory(directory)) return undefined;
      const prefix = directory === '' ? '' : `${directory}/`;
      const found = new Map<string, DirEntry>();
      for (const it of paths.filter((name) => name.startsWith(prefix))) {
        const [name = '', ...rest] = it.slice(prefix.length).split('/');
        const kind = rest.length > 0 ? 'directory' : linkOf(it) === undefined ? 'file' : 'link';
        found.set(name, { name, kind });
      }
      return [...found.values()];
    },
    async stat(path) {
      const target = real(path);
      if (target === undefined) return undefined;
      if (files[target] !== undefined) return { kind: 'file', path: target };
      return isDirectory(target) ? { kind: 'directory', path: target } : undefined;
    },
  };
}

/** The tree below a directory of the disk; what leads out of it is not there. */
export function diskTree(root: string): FileSource {
  const top = realpathSync(root);
  const real = (path: string) => {
    try {
      const target = realpathSync(join(top, path));
      return target === top || target.startsWith(`${top}/`) ? target : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    async read(path) {
      const target = real(path);
      return target !== undefined && statSync(target).isFile() ? readFileSync(target) : undefined;
    },
    async list(path) {
      const target = real(path);
      if (target === undefined || !statSync(target).isDirectory()) return undefined;
      return readdirSync(target, { withFileTypes: true }).map((entry) => ({
        name: entry.name,
        kind: entry.isSymbolicLink() ? 'link' : entry.isDirectory() ? 'directory' : 'file',
      }));
    },
    async stat(path) {
      const target = real(path);
      if (target === undefined) return undefined;
      return { kind: statSync(target).isDirectory() ? 'directory' : 'file', path: relative(top, target) };
    },
  };
}

/** Where the cases from public repositories lie, if they do. */
export const casesFolder = resolve(import.meta.dirname, '../../../../shared/cases');

/** A toolbox of this checkout's sources. */
export function testToolbox(options: Partial<ToolboxOptions> = {}): Toolbox {
  return createToolbox({ binary: () => ensureTool('toolbox'), ...options });
}

/** What a test wants to know of a failure. */
export type Failure = { readonly code: ToolboxErrorCode; readonly file?: string; readonly line?: number };

/** Asserts that a request fails in this way. */
export async function fails(promise: Promise<unknown>, { code, file, line }: Failure): Promise<ToolboxError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ToolboxError, `no ToolboxError: ${String(error)}`);
  assert.equal(error.code, code, error.message);
  if (file !== undefined) assert.equal(error.details.file, file, error.message);
  if (line !== undefined) assert.equal(error.details.line, line, error.message);
  assert.ok(!error.message.includes('\n'));
  return error;
}
