// The Git repository of the demo: a bare origin as a forge would hold it, and a clone to work in.
//
//   examples/shop ─► <folder>/shop (clone) ─push─► <folder>/shop.git (origin) ─post-receive─► signed webhook ─► engine
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../model/index.ts';
import { git, personalSetting } from './git.ts';

/** The address that stands in the examples where the repository's own belongs. */
const placeholder = 'https://git.example.com/shop/deploy.git';

const author = ['-c', 'user.name=Plumbline demo', '-c', 'user.email=demo@plumbline.invalid'];

/** The demo's repository. */
export type Shop = {
  /** The working clone. */
  readonly clone: string;
  readonly origin: string;
  /** What the Applications name. */
  readonly url: string;
  readonly files: number;
  /** Replaces words in a file of the clone and commits it; answers the SHA. EngineError when a word is not there. */
  commit(message: string, path: string, words: readonly (readonly [from: string, to: string])[]): Promise<string>;
  push(): Promise<void>;
  /** What the origin's branch of the environment points at; '' while there is none. */
  liveIn(environment: string): Promise<string>;
  /** The note of the environment on a commit: records as lines of JSON; '' while there is none. */
  noteOn(commit: string, environment: string): Promise<string>;
};

/**
 * Makes both repositories in `folder` from the examples: one commit on `main`, pushed. Its Applications lie in
 * `namespace`.
 */
export async function makeShop(folder: string, examples: string, namespace = 'argocd'): Promise<Shop> {
  const clone = join(folder, 'shop');
  const origin = join(folder, 'shop.git');
  const url = `file://${origin}`;
  await mkdir(origin, { recursive: true });
  await git(origin, 'init', '--quiet', '--bare', '--initial-branch=main', '--template=');
  // A core.hooksPath of the person's own would hide the hook that tells the engine.
  await git(origin, 'config', 'core.hooksPath', join(origin, 'hooks'));
  await cp(examples, clone, { recursive: true });
  const files = (await readdir(clone, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  await Promise.all(files.map((file) => fit(join(file.parentPath, file.name), url, namespace)));
  await makeClone(clone, origin);
  return {
    clone,
    origin,
    url,
    files: files.length,
    async commit(message, path, words) {
      const file = join(clone, path);
      let text = await readFile(file, 'utf8');
      for (const [from, to] of words) {
        if (!text.includes(from)) throw new EngineError('internal', `demo: nothing to change: ${path}: ${from}`);
        text = text.replace(from, to);
      }
      await writeFile(file, text);
      await git(clone, ...author, 'commit', '--quiet', '--message', message, '--', path);
      return git(clone, 'rev-parse', 'HEAD');
    },
    push: async () => void (await git(clone, 'push', '--quiet', 'origin', 'main')),
    liveIn: (environment) =>
      git(origin, 'for-each-ref', '--format=%(objectname)', `refs/heads/plumbline/${environment}`),
    noteOn: (commit, environment) =>
      git(origin, 'notes', `--ref=plumbline/${environment}`, 'show', commit).catch(() => ''),
  };
}

async function fit(file: string, url: string, namespace: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const fitting = text.replaceAll(placeholder, url).replace(/^( +namespace:) argocd$/gm, `$1 ${namespace}`);
  if (fitting !== text) await writeFile(file, fitting);
}

// What a person's own settings may demand or lack (signatures, hooks, a name) does not stand in the way of a first commit.
async function makeClone(clone: string, origin: string): Promise<void> {
  await git(clone, 'init', '--quiet', '--initial-branch=main', '--template=');
  await git(clone, 'config', 'commit.gpgSign', 'false');
  await git(clone, 'config', 'core.hooksPath', join(clone, '.git', 'hooks'));
  if ((await personalSetting(clone, 'user.email')) === '') {
    await git(clone, 'config', 'user.name', 'You');
    await git(clone, 'config', 'user.email', 'you@plumbline.invalid');
  }
  await git(clone, 'remote', 'add', 'origin', origin);
  await git(clone, 'add', '--all');
  await git(clone, ...author, 'commit', '--quiet', '--message', 'The shop');
  await git(clone, 'push', '--quiet', '--set-upstream', 'origin', 'main');
}
