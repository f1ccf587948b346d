// A Git repository for tests: a bare one that the engine reads, and a clone in which commits are made and pushed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Files by path; null deletes, a path that ends in `/` stands for everything below it. */
export type Files = Readonly<Record<string, string | null>>;

const quiet = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };

/** The repository; every change answers the commit it made. */
export class TestRepository {
  readonly folder: string;
  /** The address that applications name. */
  readonly url: string;
  readonly #bare: string;
  readonly #work: string;

  constructor(files: Files = { 'README.md': 'a repository of a test\n' }) {
    this.folder = mkdtempSync(join(tmpdir(), 'plumbline-repository-'));
    this.#bare = join(this.folder, 'origin.git');
    this.#work = join(this.folder, 'work');
    this.url = `file://${this.#bare}`;
    run(this.folder, ['init', '-q', '--bare', '-b', 'main', this.#bare]);
    run(this.#bare, ['config', 'receive.denyDeleteCurrent', 'ignore']);
    run(this.folder, ['init', '-q', '-b', 'main', this.#work]);
    this.git('config', 'user.name', 'Ada');
    this.git('config', 'user.email', 'ada@example.com');
    this.git('config', 'gc.auto', '0');
    this.git('remote', 'add', 'origin', this.#bare);
    this.push(files, 'first');
  }

  /** Runs git in the clone. */
  git(...words: readonly string[]): string {
    return run(this.#work, words);
  }

  /** Writes, commits, and pushes the branch that the clone is on. */
  push(files: Files, message = 'a change'): string {
    this.#commit(files, message);
    this.git('push', '-q', 'origin', 'HEAD');
    return this.head();
  }

  /** Rewrites history: the last `drop` commits of the branch give way to a new one. */
  forcePush(files: Files, drop = 1, message = 'rewritten'): string {
    this.git('reset', '-q', '--hard', `HEAD~${drop}`);
    this.#commit(files, message);
    this.git('push', '-q', '--force', 'origin', 'HEAD');
    return this.head();
  }

  head(ref = 'HEAD'): string {
    return this.git('rev-parse', `${ref}^{commit}`);
  }

  /** The server of the repository is gone; `back` brings it back. */
  vanish(): void {
    renameSync(this.#bare, `${this.#bare}.gone`);
  }

  back(): void {
    renameSync(`${this.#bare}.gone`, this.#bare);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #commit(files: Files, message: string): void {
    for (const [path, content] of Object.entries(files)) {
      const place = join(this.#work, path);
      if (content === null) rmSync(place, { recursive: true, force: true });
      else {
        mkdirSync(dirname(place), { recursive: true });
        writeFileSync(place, content);
      }
    }
    this.git('add', '-A');
    this.git('commit', '-q', '--allow-empty', '-m', message);
  }
}

function run(folder: string, words: readonly string[]): string {
  const env = { ...process.env, ...quiet };
  return execFileSync('git', ['-C', folder, ...words], { encoding: 'utf8', env, stdio: 'pipe' }).trim();
}
