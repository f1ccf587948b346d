// Pull requests for the command line: with one token, without a cluster.
import { EngineError } from '../model/index.ts';
import type { ForgeAccess, ForgeKind } from '../ports/index.ts';
import { commentMarker } from './comment-service.ts';
import type { ChangeRequest, Forge } from './forges/forge.ts';
import { kindOf, openForge } from './forges/open-forge.ts';

/** The variables in which CI systems keep the token of a forge, the first that is set counts. */
const tokenNames: Readonly<Record<ForgeKind, readonly string[]>> = {
  github: ['GITHUB_TOKEN', 'GH_TOKEN'],
  gitlab: ['GITLAB_TOKEN'],
  gitea: ['GITEA_TOKEN', 'FORGEJO_TOKEN'],
  bitbucket: ['BITBUCKET_TOKEN'],
  'bitbucket-server': ['BITBUCKET_TOKEN'],
  azure: ['SYSTEM_ACCESSTOKEN', 'AZURE_DEVOPS_TOKEN'],
};
const kinds = Object.keys(tokenNames) as readonly ForgeKind[];

/** The pull requests of a repository. `kind` is needed where the name of the server does not say. EngineError `usage`. */
export function createChangeRequests(parts: {
  readonly access: ForgeAccess | undefined;
  readonly kind: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}): {
  change(number: number): Promise<ChangeRequest>;
  comment: (number: number, environment: string, markdown: string) => Promise<void>;
} {
  const forge = forgeOf(parts);
  return {
    change: (number) => forge.change(number),
    comment: (number, environment, markdown) => forge.comment(number, commentMarker(environment), markdown),
  };
}

function forgeOf({ access, kind, env, now }: Parameters<typeof createChangeRequests>[0]): Forge {
  if (access === undefined) throw new EngineError('usage', 'the repository is at no forge: a path on this machine');
  const given = kinds.find((one) => one === kind);
  if (kind !== undefined && given === undefined) throw new EngineError('usage', `no such forge: ${kind}`);
  const found = given ?? kindOf(access.host, []);
  if (found === undefined) throw new EngineError('usage', `which forge is ${access.host}? say it with --forge`);
  const names = ['PLUMBLINE_FORGE_TOKEN', ...tokenNames[found]];
  // A token is for one forge: it never goes to another kind.
  const token = access.token ?? names.map((name) => env[name] ?? '').find((one) => one !== '');
  const known = { ...access, ...(token === undefined ? {} : { token }) };
  const api = found === 'github' && access.host !== 'github.com' ? env.GITHUB_API_URL : undefined;
  const setting = { host: access.host, kind: found, ...(api === undefined ? {} : { api }) };
  const forge = openForge(known, {
    settings: given === undefined && api === undefined ? [] : [setting],
    pauses: new Map(),
    now,
  });
  if (forge === undefined) throw new EngineError('internal', `forge: ${found}`);
  return forge;
}
