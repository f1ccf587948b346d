// Which forge a repository lies at, where its API is, and how we say who we are.
import type { ForgeAccess, ForgeKind, ForgeSetting } from '../../ports/index.ts';
import { azureForge, azurePlace } from './azure.ts';
import { bitbucketForge } from './bitbucket.ts';
import { bitbucketServerForge } from './bitbucket-server.ts';
import { type Calls, callsTo, type Pauses } from './call.ts';
import type { Forge } from './forge.ts';
import { giteaForge } from './gitea.ts';
import { githubForge } from './github.ts';
import { gitlabForge } from './gitlab.ts';

/** What is shared by all calls: what forges asked us to leave alone, and the time, ms since the epoch. */
export type ForgeSurroundings = {
  readonly settings: readonly ForgeSetting[];
  readonly pauses: Pauses;
  readonly now: () => number;
};

const known: Readonly<Record<string, ForgeKind>> = {
  'github.com': 'github',
  'gitlab.com': 'gitlab',
  'bitbucket.org': 'bitbucket',
  'dev.azure.com': 'azure',
  'ssh.dev.azure.com': 'azure',
  'codeberg.org': 'gitea',
  'gitea.com': 'gitea',
};

/** The kind of a server: as the settings say, as everybody knows, or as its name says. Undefined for any other. */
export function kindOf(host: string, settings: readonly ForgeSetting[]): ForgeKind | undefined {
  const name = host.replace(/:\d+$/, '');
  const set = settings.find((one) => one.host === host) ?? settings.find((one) => one.host === name);
  if (set !== undefined) return set.kind;
  const usual = known[name];
  if (usual !== undefined) return usual;
  if (name.endsWith('.visualstudio.com')) return 'azure';
  const first = name.split('.')[0] ?? '';
  const named: Readonly<Record<string, ForgeKind>> = {
    github: 'github',
    gitlab: 'gitlab',
    gitea: 'gitea',
    forgejo: 'gitea',
  };
  return named[first];
}

/** The repository at its forge; undefined where nobody knows what kind of forge it is. */
export function openForge(access: ForgeAccess, around: ForgeSurroundings): Forge | undefined {
  const { host, path, scheme } = access;
  const kind = kindOf(host, around.settings);
  if (kind === undefined) return undefined;
  const web = `${scheme}://${host}`;
  const bare = host.replace(/:\d+$/, '');
  const set = around.settings.find((one) => one.host === host || one.host === bare)?.api;
  const open = (usual: string, headers: Readonly<Record<string, string>> = {}): Calls => {
    const api = (set ?? usual).replace(/\/+$/, '');
    return callsTo(access, api, { authorization: authorizationFor(kind, access), headers, ...around });
  };
  switch (kind) {
    case 'github': {
      const usual = access.api ?? (host === 'github.com' ? 'https://api.github.com' : `${web}/api/v3`);
      const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
      return githubForge(open(usual, headers), path);
    }
    case 'gitlab':
      return gitlabForge(open(`${web}/api/v4`), path);
    case 'gitea':
      return giteaForge(open(`${web}/api/v1`), path);
    case 'bitbucket':
      return bitbucketForge(open('https://api.bitbucket.org/2.0'), path, `${web}/${path}`);
    case 'bitbucket-server':
      return bitbucketServerForge(open(`${web}/rest/api/latest`), path, web);
    case 'azure': {
      const place = azurePlace(bare, path);
      const isCloud = kindOf(host, []) === 'azure';
      return azureForge(open(`${isCloud ? 'https://dev.azure.com' : web}/${encodeURIComponent(place.org)}`), place);
    }
  }
}

/** User names that stand for "the password is a token". */
const placeholders = new Set([
  '',
  'git',
  'oauth2',
  'x-access-token',
  'x-token-auth',
  'token',
  'private-token',
  'gitlab-ci-token',
]);

/** The header by which a forge knows us; '' for nobody. */
export function authorizationFor(kind: ForgeKind, access: Pick<ForgeAccess, 'username' | 'token'>): string {
  const { username = '', token = '' } = access;
  if (token === '') return '';
  const basic = (name: string): string => `Basic ${Buffer.from(`${name}:${token}`).toString('base64')}`;
  const person = !placeholders.has(username.toLowerCase());
  switch (kind) {
    case 'github':
    case 'gitlab':
      return `Bearer ${token}`;
    case 'gitea':
      return person ? basic(username) : `token ${token}`;
    case 'bitbucket':
    case 'bitbucket-server':
      return person ? basic(username) : `Bearer ${token}`;
    case 'azure':
      return basic('');
  }
}
