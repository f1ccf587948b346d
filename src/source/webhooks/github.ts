import { at, type Json, listAt, numberAt, stringAt } from '../../model/index.ts';
import { pushEvent, texts } from './fields.ts';
import { checkHmac } from './signature.ts';
import { type Delivery, ignored, invalid, type Provider, type Webhook } from './webhook.ts';

/** GitHub and GitHub Enterprise; packages of GHCR come the same way. */
export const github: Provider = {
  name: 'github',
  claims: ({ headers }) => headers['x-github-event'] !== undefined,
  verify(delivery, secrets) {
    checkHmac('github', delivery, secrets.github, [
      { name: 'x-hub-signature-256', hash: 'sha256' },
      { name: 'x-hub-signature', hash: 'sha1' },
    ]);
  },
  read({ headers, json }: Delivery): Webhook {
    const event = headers['x-github-event'] ?? '';
    if (event === 'package' || event === 'registry_package') return packageEvent(json);
    const urls = urlsOf(json);
    const defaultBranch = stringAt(json, 'repository', 'default_branch');
    if (event === 'ping') return ignored('ping', urls, defaultBranch);
    if (urls.length === 0) throw invalid('github', 'names no repository');
    if (event === 'push')
      return { kind: 'push', events: [pushEvent('github', json, urls, defaultBranch, isComplete(json))] };
    if (event === 'pull_request') return pullRequest(json, urls, defaultBranch);
    return ignored(`event ${event.slice(0, 60)}`, urls, defaultBranch);
  },
};

function urlsOf(json: Json): readonly string[] {
  const field = (name: string) => stringAt(json, 'repository', name);
  return texts(field('html_url'), field('clone_url'), field('ssh_url'));
}

/**
 * With more commits than GitHub lists, they do not tell all that changed. (Nor do they after a forced push, but Argo CD
 * takes them at their word, and nothing here skips a rendering because of them.)
 */
function isComplete(json: Json): boolean {
  return listAt(json, 'commits').length < 2048;
}

function pullRequest(json: Json, urls: readonly string[], defaultBranch: string | undefined): Webhook {
  const number = numberAt(json, 'number') ?? numberAt(json, 'pull_request', 'number');
  if (number === undefined) throw invalid('github', 'a pull request without a number');
  return {
    kind: 'pull-request',
    event: {
      provider: 'github',
      urls,
      ...(defaultBranch === undefined ? {} : { defaultBranch }),
      action: stringAt(json, 'action') ?? '',
      number,
      head: stringAt(json, 'pull_request', 'head', 'ref') ?? '',
      base: stringAt(json, 'pull_request', 'base', 'ref') ?? '',
    },
  };
}

function packageEvent(json: Json): Webhook {
  const about = at(json, 'package') ?? at(json, 'registry_package');
  const owner = stringAt(about, 'owner', 'login');
  const name = stringAt(about, 'name');
  const tag = stringAt(about, 'package_version', 'container_metadata', 'tag', 'name');
  const action = stringAt(json, 'action') ?? '';
  if (owner === undefined || name === undefined) throw invalid('github', 'names no package');
  const container = (stringAt(about, 'package_type') ?? '').toLowerCase() === 'container';
  if (!container || !['published', 'updated'].includes(action)) return ignored(`package ${action}`.slice(0, 60));
  const digest = stringAt(about, 'package_version', 'container_metadata', 'tag', 'digest') ?? '';
  const urls = [`oci://ghcr.io/${owner}/${name}`.toLowerCase()];
  return { kind: 'push', events: [{ provider: 'ghcr', urls, ref: tag ?? '', before: '', after: digest }] };
}
