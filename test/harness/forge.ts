// A real forge for tests: Gitea, built once from its Go module, on loopback, with users and repositories of a test.
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { request } from 'undici';
import type { Json, JsonObject } from '../../src/model/index.ts';
import { waitFor } from './wait-for.ts';

const source = join(import.meta.dirname, '../../toolchain/forge');
const root = process.env.PLUMBLINE_CACHE ?? join(homedir(), '.cache/plumbline');

/** Why there is no forge, or undefined when there is one. */
export function noForge(): string | undefined {
  return existsSync(binary()) ? undefined : 'Gitea is not built: plumb test builds it once, in about six CPU minutes';
}

/**
 * Builds the forge unless it is there; answers what became of it. Without Go, a C compiler or its modules there is none:
 * its tests say so and are skipped, as they are where PLUMBLINE_FORGE is `off`.
 */
export async function ensureForge(tell: (text: string) => void): Promise<string> {
  if (existsSync(binary())) return 'Gitea';
  if (process.env.PLUMBLINE_FORGE === 'off') return 'not wanted';
  const target = `${binary()}.${process.pid}`;
  try {
    mkdirSync(dirname(target), { recursive: true });
    await build(target, tell);
    renameSync(target, binary());
    return 'Gitea, built from source';
  } catch (error) {
    rmSync(target, { force: true });
    return `no Gitea here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function binary(): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(source, file)));
  return join(root, 'forge', hash.digest('hex').slice(0, 16), 'gitea');
}

const goEnvironment = { ...process.env, CGO_ENABLED: '1', GOFLAGS: '-mod=mod' };

function go(...words: readonly string[]): string {
  return execFileSync('go', words, {
    cwd: source,
    env: goEnvironment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

function build(target: string, tell: (text: string) => void): Promise<void> {
  const flags = ['-v', '-trimpath', '-tags', 'sqlite sqlite_unlock_notify', '-ldflags=-s -w'];
  const child = spawn('go', ['build', ...flags, '-o', target, 'code.gitea.io/gitea'], {
    cwd: source,
    env: goEnvironment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let built = 0;
  let complaint = '';
  createInterface(child.stderr).on('line', (line) => {
    if (/^\S+$/.test(line)) tell(`building Gitea for its tests: ${++built} packages`);
    else if (!line.startsWith('go: downloading')) complaint ||= line;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(complaint || `go ended with ${code}`))));
  });
}

/** Somebody at the forge. */
export type ForgeUser = { readonly name: string; readonly password: string; readonly email: string };

/** A running forge; it ends with the test file. */
export class Forge {
  readonly folder = mkdtempSync(join(tmpdir(), 'plumbline-forge-'));
  readonly url: string;
  readonly host: string;
  #stop = (): void => undefined;

  private constructor(port: number) {
    this.host = `127.0.0.1:${port}`;
    this.url = `http://${this.host}`;
  }

  static async start(
    users: readonly string[],
  ): Promise<{ readonly forge: Forge; readonly users: readonly ForgeUser[] }> {
    const port = await freePort();
    const forge = new Forge(port);
    writeFileSync(join(forge.folder, 'app.ini'), forge.#settings(port));
    forge.#run('migrate');
    const people = users.map((name, i) => {
      const person = { name, password: randomBytes(9).toString('hex'), email: `${name}@x.example` };
      const words = ['--username', name, '--password', person.password, '--email', person.email];
      forge.#run('admin', 'user', 'create', ...words, '--must-change-password=false', ...(i === 0 ? ['--admin'] : []));
      return person;
    });
    const child = spawn(binary(), forge.#words('web'), { env: forge.#env, stdio: 'ignore' });
    forge.#stop = () => child.kill('SIGKILL');
    process.once('exit', forge.#stop);
    after(() => {
      forge.#stop();
      rmSync(forge.folder, { recursive: true, force: true, maxRetries: 5 });
    });
    await waitFor('the forge answers', async () => {
      const answer = await request(`${forge.url}/api/v1/version`).catch(() => undefined);
      await answer?.body.dump();
      return answer?.statusCode === 200;
    });
    return { forge, users: people };
  }

  /** A call of the API as somebody; throws when it is refused. */
  async call(who: ForgeUser, method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, body?: JsonObject): Promise<Json> {
    const authorization = `Basic ${Buffer.from(`${who.name}:${who.password}`).toString('base64')}`;
    const answer = await request(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return text.trim() === '' ? null : (JSON.parse(text) as Json);
  }

  /** The address of a repository with somebody's password in it, for git. */
  remote(who: ForgeUser, path: string): string {
    return `http://${who.name}:${who.password}@${this.host}/${path}.git`;
  }

  #words(...words: readonly string[]): string[] {
    return ['--config', join(this.folder, 'app.ini'), ...words];
  }

  get #env() {
    return { ...process.env, GITEA_I_AM_BEING_UNSAFE_RUNNING_AS_ROOT: 'true', GITEA_WORK_DIR: this.folder };
  }

  #run(...words: readonly string[]): void {
    execFileSync(binary(), this.#words(...words), { env: this.#env, stdio: 'pipe' });
  }

  #settings(port: number): string {
    const pages = go('list', '-m', '-f', '{{.Dir}}', 'code.gitea.io/gitea');
    const secret = randomBytes(16).toString('hex');
    return `RUN_MODE = prod
RUN_USER = ${userInfo().username}
WORK_PATH = ${this.folder}
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = http://127.0.0.1:${port}/
DISABLE_SSH = true
OFFLINE_MODE = true
STATIC_ROOT_PATH = ${pages}
APP_DATA_PATH = ${this.folder}/data
[database]
DB_TYPE = sqlite3
PATH = ${this.folder}/data/gitea.db
[repository]
ROOT = ${this.folder}/repositories
DEFAULT_BRANCH = main
[security]
INSTALL_LOCK = true
SECRET_KEY = ${secret}
INTERNAL_TOKEN = ${secret}
[service]
DISABLE_REGISTRATION = true
[webhook]
ALLOWED_HOST_LIST = *
[indexer]
ISSUE_INDEXER_TYPE = db
[actions]
ENABLED = false
[packages]
ENABLED = false
[log]
LEVEL = Critical
`;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
