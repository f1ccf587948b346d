import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../model/index.ts';
import type { SignerKeys } from '../../ports/index.ts';
import type { GitHome } from './access.ts';

/** Settings and variables by which git checks signatures with exactly these keys. */
export type Keyring = {
  readonly config: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

const made = new Map<string, Promise<Keyring>>();

/** The keyring of these keys; made once on disk for each set of them. */
export function keyringOf(home: GitHome, keys: SignerKeys): Promise<Keyring> {
  const name = createHash('sha256')
    .update(JSON.stringify([home.dir, keys.gpg, keys.ssh]))
    .digest('hex')
    .slice(0, 32);
  const known = made.get(name);
  if (known !== undefined) return known;
  const making = make(home, keys, join(home.dir, `keyring-${name}`));
  made.set(name, making);
  making.catch(() => made.delete(name));
  return making;
}

async function make(home: GitHome, keys: SignerKeys, dir: string): Promise<Keyring> {
  const keyring: Keyring = {
    config: ['-c', `gpg.ssh.allowedSignersFile=${join(dir, 'allowed_signers')}`, '-c', 'gpg.minTrustLevel=undefined'],
    env: { GNUPGHOME: dir },
  };
  const complete = await stat(dir).then(
    () => true,
    () => false,
  );
  if (complete) return keyring;
  await mkdir(home.dir, { recursive: true, mode: 0o700 });
  const temporary = await mkdtemp(join(home.dir, 'keyring-new-'));
  try {
    await writeFile(join(temporary, 'allowed_signers'), keys.ssh.endsWith('\n') ? keys.ssh : `${keys.ssh}\n`);
    // Nothing is asked, fetched or left running; an empty common.conf keeps keys in a file.
    await writeFile(
      join(temporary, 'gpg.conf'),
      'batch\nno-tty\nno-autostart\nno-auto-key-retrieve\nno-auto-key-locate\n',
    );
    await writeFile(join(temporary, 'common.conf'), '');
    for (const key of keys.gpg) await importKey(home, temporary, key);
    await rename(temporary, dir);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  return keyring;
}

function importKey(home: GitHome, dir: string, key: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...home.env, HOME: home.dir, LC_ALL: 'C', GNUPGHOME: dir };
    const child = spawn('gpg', ['--homedir', dir, '--batch', '--quiet', '--import'], {
      env,
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: 20_000,
    });
    child.on('error', (cause) => {
      reject(new EngineError('repo-config', 'signatures: gpg cannot be started', { retry: 'backoff', cause }));
    });
    // A key that cannot be read lets nobody in; the others still count.
    child.on('close', () => resolve());
    child.stdin.on('error', () => undefined);
    child.stdin.end(key);
  });
}
