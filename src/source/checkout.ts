// The Git working tree around a directory of this machine: where it is, what it is at, where it was cloned from.
import { stat } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { EngineError } from '../model/index.ts';
import { runGit } from './git/command.ts';

/** A directory inside a working tree. */
export type Checkout = {
  /** Absolute path of the working tree's root. */
  readonly root: string;
  /** The directory below it, `/`-separated, '' for the root itself. */
  readonly path: string;
  /** Full SHA, '' before the first commit. */
  readonly head: string;
  /** '' when detached. */
  readonly branch: string;
  readonly dirty: boolean;
  readonly remotes: readonly { readonly name: string; readonly url: string }[];
};

const timeout = 20_000;

/**
 * The working tree around `directory`, undefined where there is none (or no git). EngineError `path-not-found` where
 * there is no directory at all.
 */
export async function checkoutAt(directory: string): Promise<Checkout | undefined> {
  if (!(await isDirectory(directory))) {
    throw new EngineError('path-not-found', `there is no such directory: ${directory}`, { about: directory });
  }
  const top = await git(directory, ['rev-parse', '--show-toplevel']);
  if (top === undefined || top === '') return undefined;
  const [head, branch, status, remotes] = await Promise.all([
    git(directory, ['rev-parse', '--verify', '--quiet', 'HEAD']),
    git(directory, ['symbolic-ref', '--quiet', '--short', 'HEAD']),
    git(directory, ['status', '--porcelain', '--untracked-files=normal']),
    git(directory, ['config', '--get-regexp', '^remote\\..*\\.url$']),
  ]);
  // git answers with links resolved; asked the same way, the directory below is right whatever path led here.
  const below = await git(directory, ['rev-parse', '--show-prefix']);
  const path = (below ?? relative(top, directory).split(sep).join('/')).replace(/\/+$/, '');
  return {
    root: top,
    path,
    head: head ?? '',
    branch: branch ?? '',
    dirty: (status ?? '') !== '',
    remotes: (remotes ?? '').split('\n').flatMap(readRemote),
  };
}

/** The full SHA of the commit that the working tree around `directory` knows as `name`, undefined where it knows none. */
export async function localCommit(directory: string, name: string): Promise<string | undefined> {
  // A name that starts with a dash would be an option.
  if (name === '' || name.startsWith('-') || !(await isDirectory(directory))) return undefined;
  const found = await git(directory, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  return found !== undefined && /^[0-9a-f]{40,64}$/.test(found) ? found : undefined;
}

function readRemote(line: string): readonly { readonly name: string; readonly url: string }[] {
  const found = /^remote\.(.+)\.url (.+)$/.exec(line);
  return found === null ? [] : [{ name: found[1] ?? '', url: found[2] ?? '' }];
}

/** What git says in `directory`; undefined when it refuses. */
async function git(directory: string, args: readonly string[]): Promise<string | undefined> {
  const env: Record<string, string> = { LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' };
  // The person's own git: where it lies, and their configuration (safe.directory).
  for (const name of ['PATH', 'HOME', 'XDG_CONFIG_HOME']) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  // A repository may name a program as its file system monitor; looking at a status must not start it.
  const quiet = ['-C', directory, '-c', 'core.fsmonitor=false'];
  try {
    const { code, stdout } = await runGit({ args: [...quiet, ...args], env, timeout, maxOutput: 16 << 20 });
    return code === 0 ? stdout.toString('utf8').trimEnd() : undefined;
  } catch {
    return undefined;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
