import { type Json, listAt, numberAt, stringAt } from '../../model/index.ts';
import { pushEvent, texts } from './fields.ts';
import { checkToken } from './signature.ts';
import { type Delivery, ignored, invalid, type Provider, type Webhook } from './webhook.ts';

/** GitLab: project, group and system hooks. */
export const gitlab: Provider = {
  name: 'gitlab',
  claims: ({ headers }) => headers['x-gitlab-event'] !== undefined,
  verify({ headers }, secrets) {
    checkToken('gitlab', headers['x-gitlab-token'], secrets.gitlab);
  },
  read({ json }: Delivery): Webhook {
    const kind = stringAt(json, 'object_kind') ?? stringAt(json, 'event_name') ?? '';
    const field = (...path: string[]) => stringAt(json, ...path);
    const urls = texts(
      field('project', 'web_url'),
      field('project', 'git_http_url'),
      field('project', 'git_ssh_url'),
      field('repository', 'homepage'),
      field('repository', 'git_http_url'),
      field('repository', 'git_ssh_url'),
    );
    const defaultBranch = field('project', 'default_branch');
    if (kind === '' || urls.length === 0) throw invalid('gitlab', 'names no repository');
    if (kind === 'push' || kind === 'tag_push') {
      const complete = (numberAt(json, 'total_commits_count') ?? 0) <= listAt(json, 'commits').length;
      return { kind: 'push', events: [pushEvent('gitlab', json, urls, defaultBranch, complete)] };
    }
    if (kind === 'merge_request') return mergeRequest(json, urls, defaultBranch);
    return ignored(`event ${kind.slice(0, 60)}`, urls, defaultBranch);
  },
};

function mergeRequest(json: Json, urls: readonly string[], defaultBranch: string | undefined): Webhook {
  const number = numberAt(json, 'object_attributes', 'iid');
  if (number === undefined) throw invalid('gitlab', 'a merge request without a number');
  return {
    kind: 'pull-request',
    event: {
      provider: 'gitlab',
      urls,
      ...(defaultBranch === undefined ? {} : { defaultBranch }),
      action: stringAt(json, 'object_attributes', 'action') ?? '',
      number,
      head: stringAt(json, 'object_attributes', 'source_branch') ?? '',
      base: stringAt(json, 'object_attributes', 'target_branch') ?? '',
    },
  };
}
