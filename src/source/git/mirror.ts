import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../model/index.ts';
import { type GitHome, localEnvironment } from './access.ts';
import { type GitOutcome, runGit } from './command.ts';

/**
 * A bare repository of ours that holds what was fetched. Refs of the server are kept under names of our own, so that
 * no name of theirs can collide with another on disk.
 */
export class Mirror {
  readonly dir: string;
  readonly #home: GitHome;
  readonly #signal: AbortSignal;
  #ready: Promise<void> | undefined;

  constructor(dir: string, home: GitHome, signal: AbortSignal) {
    this.dir = dir;
    this.#home = home;
    this.#signal = signal;
  }

  /** Makes the repository on disk unless it is there; `id` is any object's, its length tells the hash in use. */
  ready(id: string): Promise<void> {
    this.#ready ??= this.#prepare(id.length > 40 ? 'sha256' : 'sha1').catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  /** The refspec that fetches one ref of the server, for `fetchedRef`. */
  refspecOf(name: string): string {
    return `+${name}:${ownName(name)}`;
  }

  /** The object that the last fetch of this ref brought, undefined when it was never fetched. */
  async fetchedRef(name: string): Promise<string | undefined> {
    try {
      const text = await readFile(join(this.dir, ownName(name)), 'utf8');
      return /^[0-9a-f]{40,64}$/.exec(text.trim())?.[0];
    } catch {
      return undefined;
    }
  }

  /** Runs git on the mirror; nothing that reaches a server. `more` is added to its environment. */
  run(args: readonly string[], input?: Uint8Array, more: Readonly<Record<string, string>> = {}): Promise<GitOutcome> {
    return this.#git(args, input, more);
  }

  /** True when `ancestor` is `commit` or before it; both must be in the mirror. */
  async isAncestor(ancestor: string, commit: string): Promise<boolean> {
    const { code, stderr } = await this.#git(['merge-base', '--is-ancestor', ancestor, commit]);
    if (code > 1) throw new EngineError('internal', `git merge-base: ${stderr.trim()}`, { retry: 'backoff' });
    return code === 0;
  }

  /** Path and address of the submodules that a .gitmodules blob declares, read by git itself. */
  async submodules(blob: string): Promise<ReadonlyMap<string, string>> {
    const args = ['config', '-z', `--blob=${blob}`, '--get-regexp', '^submodule\\..*\\.(path|url)$'];
    const { code, stdout } = await this.#git(args);
    const byName = new Map<string, { path?: string; url?: string }>();
    for (const line of code === 0 ? stdout.toString('utf8').split('\0') : []) {
      const [key = '', ...rest] = line.split('\n');
      const match = /^submodule\.(.*)\.(path|url)$/s.exec(key);
      if (match === null) continue;
      const entry = byName.get(match[1] ?? '') ?? {};
      byName.set(match[1] ?? '', { ...entry, [match[2] ?? '']: rest.join('\n') });
    }
    const found = new Map<string, string>();
    for (const { path, url } of byName.values()) if (path !== undefined && url !== undefined) found.set(path, url);
    return found;
  }

  /**
   * Puts the small packs of many fetches together; nothing that is read needs it. The work grows with what is new, not
   * with the repository; a git that does not know it yet (before 2.32) leaves things as they are.
   */
  async tidy(): Promise<void> {
    await this.#git(['repack', '--geometric=2', '-d', '-q']);
  }

  /** Throws the repository away, but for what is known of the server; `release` ends what still reads it. */
  async discard(release: () => void): Promise<void> {
    release();
    this.#ready = undefined;
    for (const name of await readdir(this.dir)) {
      if (name !== 'plumbline.json') await rm(join(this.dir, name), { recursive: true, force: true });
    }
  }

  #git(args: readonly string[], input?: Uint8Array, more: Readonly<Record<string, string>> = {}): Promise<GitOutcome> {
    const env = { ...localEnvironment(this.#home), ...more };
    return runGit({
      args: ['--git-dir', this.dir, ...args],
      env,
      timeout: 300_000,
      signal: this.#signal,
      ...(input === undefined ? {} : { input }),
    });
  }

  async #prepare(format: string): Promise<void> {
    const complete = await stat(join(this.dir, 'HEAD')).then(
      () => true,
      () => false,
    );
    if (complete) return;
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    const env = { ...localEnvironment(this.#home), GIT_DEFAULT_REF_FORMAT: 'files' };
    const options = ['--bare', '--quiet', '--template=', '--initial-branch=none', `--object-format=${format}`];
    const args = ['init', ...options, '--', this.dir];
    const { code, stderr } = await runGit({ args, env, timeout: 60_000, signal: this.#signal });
    if (code !== 0) throw new EngineError('internal', `git init: ${stderr.trim()}`, { retry: 'backoff' });
  }
}

function ownName(name: string): string {
  return `refs/plumbline/${createHash('sha256').update(name).digest('hex').slice(0, 40)}`;
}
