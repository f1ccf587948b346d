import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A fresh directory of a test, removed by `t.after`. */
export function testDirectory(t: { after(run: () => void): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-source-'));
  t.after(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  return dir;
}

/** A repository that a test writes to with the real git. */
export class WorkRepository {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
    mkdirSync(dir, { recursive: true });
    this.git('init', '-q', '-b', 'main');
    this.git('config', 'user.name', 'Ada');
    this.git('config', 'user.email', 'ada@example.com');
    this.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  }

  git(...args: readonly string[]): string {
    return this.gitWithInput(undefined, ...args);
  }

  gitWithInput(input: Buffer | undefined, ...args: readonly string[]): string {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
    const options = { encoding: 'utf8', env, stdio: 'pipe', ...(input === undefined ? {} : { input }) } as const;
    return execFileSync('git', ['-C', this.dir, ...args], options).trim();
  }

  /** Writes files (a `link:` value makes a symbolic link), commits, and answers the commit. */
  commit(files: Readonly<Record<string, string | Buffer>>, message = 'a change'): string {
    for (const [path, content] of Object.entries(files)) {
      const place = join(this.dir, path);
      mkdirSync(dirname(place), { recursive: true });
      rmSync(place, { force: true });
      if (typeof content === 'string' && content.startsWith('link:')) symlinkSync(content.slice(5), place);
      else writeFileSync(place, content);
    }
    this.git('add', '-A');
    this.git('commit', '-q', '--allow-empty', '-m', message);
    return this.head();
  }

  head(ref = 'HEAD'): string {
    return this.git('rev-parse', `${ref}^{commit}`);
  }
}
