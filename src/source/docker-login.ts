// The logins that `docker login` keeps in a file: for registries that are read from somebody's own machine.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Json, objectAt, stringAt } from '../model/index.ts';
import type { RepositoryCredential } from '../ports/index.ts';

/**
 * The registries of `$DOCKER_CONFIG/config.json` (else `~/.docker/config.json`) whose passwords stand in the file; those
 * in a credential store are not asked for. None where there is no such file, or it cannot be read.
 */
export async function dockerLogins(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly RepositoryCredential[]> {
  const folder = env.DOCKER_CONFIG ?? join(env.HOME ?? '', '.docker');
  try {
    return readLogins(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Json);
  } catch {
    return [];
  }
}

function readLogins(config: Json): readonly RepositoryCredential[] {
  const auths = objectAt(config, 'auths');
  return Object.keys(auths).flatMap((key) => {
    const [username = '', ...rest] = Buffer.from(stringAt(auths, key, 'auth') ?? '', 'base64')
      .toString('utf8')
      .split(':');
    const password = rest.join(':');
    const url = addressOf(key);
    if (username === '' || password === '' || url === '') return [];
    const plain = {
      forceHttpBasicAuth: false,
      depth: 0,
      insecure: false,
      enableLfs: false,
      enableOCI: true,
      insecureOCIForceHttp: false,
    };
    return [{ kind: 'repo-creds', type: 'helm', url, username, password, ...plain }];
  });
}

// `https://index.docker.io/v1/` is the name that Docker's own registry has in these files.
function addressOf(key: string): string {
  const bare = key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/+$/, '');
  return bare === 'index.docker.io' ? 'docker.io' : bare;
}
