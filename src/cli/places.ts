import { isAbsolute, join, normalize } from 'node:path/posix';
import type { Workbench, WorkingTree } from '../contract/index.ts';
import { asEngineError, EngineError } from '../model/index.ts';
import type { CliContext } from './context.ts';

/** An absolute path of what a person typed. */
export function resolvePath(context: CliContext, path: string): string {
  const full = isAbsolute(path) ? normalize(path) : join(context.directory, path);
  return full.length > 1 ? full.replace(/\/+$/, '') : full;
}

/** True for what Git takes as an address rather than a path: a scheme, or `user@host:path`. */
export function isRepositoryAddress(word: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(word) || /^[\w.-]+@[\w.-]+:/.test(word);
}

/** The working tree around a directory; a directory outside Git is its own root. */
export async function workingTreeAt(workbench: Workbench, directory: string): Promise<WorkingTree> {
  const found = await workbench.workingTree(directory);
  return found ?? { root: directory, path: '', head: '', branch: '', dirty: true, remotes: [] };
}

/** The value as given, or EngineError `usage`. */
export function needed(value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new EngineError('usage', `missing ${what}`);
  return value;
}

/** The text of a file that a person named; `-` is standard input. EngineError `path-not-found` when it cannot be read. */
export async function readFileAt(context: CliContext, file: string): Promise<string> {
  if (file === '-') return context.terminal.input();
  try {
    return await context.readFile(resolvePath(context, file));
  } catch (thrown) {
    const reason = asEngineError(thrown).message.split(':')[0] ?? '';
    throw new EngineError('path-not-found', `cannot read the file: ${file}: ${reason}`, { about: file, cause: thrown });
  }
}
