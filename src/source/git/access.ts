import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../model/index.ts';
import type { RepositoryCredential, TrustSettings } from '../../ports/index.ts';
import type { Address } from '../address.ts';
import { certificatesFor } from '../credentials.ts';
import { asEnvironment, type GitSettings, hardenedSettings } from './configuration.ts';

/** Where git runs: a private directory of ours and the few variables of the outer environment that it may see. */
export type GitHome = { readonly dir: string; readonly env: Readonly<Record<string, string>> };

/** What one git process that talks to a server gets. `release` removes the files that hold secrets. */
export type Access = { readonly env: Readonly<Record<string, string>>; release(): Promise<void> };

/** Name and password of https access, however they were come by. */
export type Login = { readonly username: string; readonly password: string };

const askpass = `#!/bin/sh
case "$1" in
  *"'$PLUMBLINE_ASK_ORIGIN"*) ;;
  *"'$PLUMBLINE_ASK_ORIGIN_USER"*) ;;
  *) exit 1 ;;
esac
case "$1" in
  Username*) printf '%s\\n' "$PLUMBLINE_ASK_USERNAME" ;;
  *) printf '%s\\n' "$PLUMBLINE_ASK_PASSWORD" ;;
esac
`;

/** Makes the directory with its askpass script and a git configuration that lets files of other owners be read. */
export async function prepareHome(dir: string): Promise<void> {
  await mkdir(join(dir, 'tmp'), { recursive: true, mode: 0o700 });
  await removeLeftSecrets(join(dir, 'tmp'));
  await writeFile(join(dir, 'askpass'), askpass, { mode: 0o700 });
  await chmod(join(dir, 'askpass'), 0o700);
  // upload-pack of a file repository does not inherit GIT_CONFIG_COUNT, but it does inherit the name of this file.
  await writeFile(join(dir, 'gitconfig'), '[safe]\n\tdirectory = *\n[core]\n\thooksPath = /dev/null\n');
}

/** Files of processes that ended without removing them; a pid that is ours now belonged to another before. */
async function removeLeftSecrets(dir: string): Promise<void> {
  const started = Date.now() - process.uptime() * 1000;
  for (const name of await readdir(dir)) {
    const pid = Number(name.split('-')[0]);
    const { mtimeMs } = await stat(join(dir, name)).catch(() => ({ mtimeMs: 0 }));
    if (isAlive(pid) && !(pid === process.pid && mtimeMs < started)) continue;
    await rm(join(dir, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return Number.isSafeInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as { readonly code?: string }).code === 'EPERM';
  }
}

/** The environment of a git process that only reads the mirror. */
export function localEnvironment(
  home: GitHome,
  settings: GitSettings = hardenedSettings('none'),
): Record<string, string> {
  return {
    ...home.env,
    HOME: home.dir,
    XDG_CONFIG_HOME: home.dir,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: join(home.dir, 'gitconfig'),
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_PROTOCOL_FROM_USER: '0',
    ...asEnvironment(settings),
  };
}

/**
 * The environment of a git process that talks to the server at `address`. Secrets are in the environment, or in files
 * that only we can read and that `release` removes; never in argv.
 */
export async function accessTo(
  home: GitHome,
  address: Address,
  credential: RepositoryCredential | undefined,
  trust: TrustSettings,
  login: Login | undefined,
  eager: boolean,
): Promise<Access> {
  const settings = [...hardenedSettings(address.transport)];
  if (address.transport === 'file') return { env: localEnvironment(home, settings), release: async () => {} };
  const dir = await mkdtemp(join(home.dir, 'tmp', `${process.pid}-`));
  const secretFile = async (name: string, text: string) => {
    await writeFile(join(dir, name), text.endsWith('\n') ? text : `${text}\n`, { mode: 0o600 });
    return join(dir, name);
  };
  const env: Record<string, string> = {};
  try {
    if (address.transport === 'ssh') {
      env.GIT_SSH_COMMAND = await sshCommand(secretFile, credential, trust);
      env.GIT_SSH_VARIANT = 'ssh';
    } else {
      settings.push(...(await tlsSettings(secretFile, address, credential, trust)));
      settings.push(...loginSettings(env, home, address, credential, login, eager));
    }
    if (credential?.proxy !== undefined) settings.push(['http.proxy', credential.proxy]);
    if (credential?.noProxy !== undefined) env.no_proxy = credential.noProxy;
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
  const release = () => rm(dir, { recursive: true, force: true });
  return { env: { ...localEnvironment(home, settings), ...env }, release };
}

type SecretFile = (name: string, text: string) => Promise<string>;

async function sshCommand(
  secretFile: SecretFile,
  credential: RepositoryCredential | undefined,
  trust: TrustSettings,
): Promise<string> {
  const insecure = credential?.insecure === true;
  const known = insecure ? '/dev/null' : await secretFile('known_hosts', trust.knownHosts);
  const key = credential?.sshPrivateKey;
  const identity = key === undefined ? '/dev/null' : await secretFile('identity', key.replace(/\r\n/g, '\n'));
  // git hands this to a shell; the paths are of our own making and hold no special characters beyond what quotes cover.
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'ForwardAgent=no',
    'ClearAllForwardings=yes',
    'PermitLocalCommand=no',
    'GlobalKnownHostsFile=/dev/null',
    'UpdateHostKeys=no',
    'ConnectTimeout=20',
    'ServerAliveInterval=15',
    `StrictHostKeyChecking=${insecure ? 'no' : 'yes'}`,
  ];
  const quoted = [`UserKnownHostsFile="${known}"`].map((option) => `-o ${shellQuote(option)}`);
  return ['ssh', '-F /dev/null', `-i ${shellQuote(identity)}`, ...options.map((o) => `-o ${o}`), ...quoted].join(' ');
}

async function tlsSettings(
  secretFile: SecretFile,
  address: Address,
  credential: RepositoryCredential | undefined,
  trust: TrustSettings,
): Promise<GitSettings> {
  const settings: [string, string][] = [];
  const authorities = certificatesFor(trust, address.host, address.port);
  if (authorities !== '') settings.push(['http.sslCAInfo', await secretFile('ca.pem', authorities)]);
  if (credential?.insecure === true) settings.push(['http.sslVerify', 'false']);
  if (credential?.tlsClientCertData !== undefined && credential.tlsClientCertKey !== undefined) {
    settings.push(['http.sslCert', await secretFile('client.pem', credential.tlsClientCertData)]);
    settings.push(['http.sslKey', await secretFile('client.key', credential.tlsClientCertKey)]);
  }
  return settings;
}

/**
 * Eager: the login goes with the first request, which saves a round trip per command, and redirects are refused so
 * that it cannot follow one to another server. Otherwise git asks, and the askpass script answers for our server only.
 */
function loginSettings(
  env: Record<string, string>,
  home: GitHome,
  address: Address,
  credential: RepositoryCredential | undefined,
  login: Login | undefined,
  eager: boolean,
): GitSettings {
  const origin = `${address.transport}://${address.host}${address.port === '' ? '' : `:${address.port}`}`;
  const bearer = credential?.bearerToken;
  if (bearer !== undefined && login === undefined) {
    if (/[\r\n]/.test(bearer)) throw new EngineError('repo-config', `bearer token: has several lines: ${origin}`);
    return [
      [`http.${origin}/.extraHeader`, `Authorization: Bearer ${bearer}`],
      ['http.followRedirects', 'false'],
    ];
  }
  if (login === undefined) return [['http.followRedirects', 'initial']];
  if (/[\r\n]/.test(login.username + login.password)) {
    throw new EngineError('repo-config', `password: has several lines: ${origin}`);
  }
  if (eager || credential?.forceHttpBasicAuth === true) {
    const basic = Buffer.from(`${login.username}:${login.password}`).toString('base64');
    return [
      [`http.${origin}/.extraHeader`, `Authorization: Basic ${basic}`],
      ['http.followRedirects', 'false'],
    ];
  }
  env.GIT_ASKPASS = join(home.dir, 'askpass');
  env.PLUMBLINE_ASK_ORIGIN = origin;
  env.PLUMBLINE_ASK_ORIGIN_USER = origin.replace('://', `://${encodeURIComponent(login.username)}@`);
  env.PLUMBLINE_ASK_USERNAME = login.username;
  env.PLUMBLINE_ASK_PASSWORD = login.password;
  return [['http.followRedirects', 'initial']];
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
