// Git repositories for the benchmark: bare ones, written by `git fast-import`, so that a thousand folders take a moment.
import { spawn } from 'node:child_process';

/** A bare repository with one branch, `main`. */
export class Repository {
  readonly path: string;
  #head = '';

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes a repository whose first commit holds `files`. */
  static async create(path: string, files: ReadonlyMap<string, string>): Promise<Repository> {
    await git(['init', '--quiet', '--bare', '--initial-branch=main', path]);
    const repository = new Repository(path);
    await repository.commit(files, 'the first state');
    return repository;
  }

  /** The commit that `main` is at. */
  get head(): string {
    return this.#head;
  }

  /** Adds a commit in which these files have this content; answers its id. */
  async commit(files: ReadonlyMap<string, string>, message: string): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const parts = [`commit refs/heads/main\ncommitter Bench <bench@example.com> ${now} +0000\n${data(message)}`];
    if (this.#head !== '') parts.push(`from ${this.#head}\n`);
    for (const [path, text] of files) parts.push(`M 100644 inline ${path}\n${data(text)}`);
    await git(['--git-dir', this.path, 'fast-import', '--quiet', '--date-format=raw'], parts.join(''));
    this.#head = (await git(['--git-dir', this.path, 'rev-parse', 'refs/heads/main'])).trim();
    return this.#head;
  }

  /** The body of a push webhook (Gitea's form) for the last commit. */
  push(before: string): string {
    const repository = { html_url: this.path, clone_url: this.path, ssh_url: this.path, default_branch: 'main' };
    return JSON.stringify({ ref: 'refs/heads/main', before, after: this.#head, repository });
  }
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function git(args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`git ${args[0]}: ${err.trim()}`))));
    // A command that reads nothing may have closed it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
