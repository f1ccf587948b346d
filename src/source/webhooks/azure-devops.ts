import { at, type Json, listAt, numberAt, stringAt } from '../../model/index.ts';
import type { RepositoryEvent } from '../../ports/index.ts';
import { texts } from './fields.ts';
import { checkToken } from './signature.ts';
import { ignored, invalid, type Provider, type Webhook } from './webhook.ts';

/** Azure DevOps service hooks: no header of their own, proven by basic authentication. */
export const azureDevOps: Provider = {
  name: 'azuredevops',
  claims: ({ headers, json }) =>
    headers['x-vss-activityid'] !== undefined ||
    (typeof at(json, 'eventType') === 'string' && typeof at(json, 'publisherId') === 'string'),
  verify({ headers }, { azure }) {
    if (azure === undefined || (azure.username === '' && azure.password === '')) return;
    const given = /^basic\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    const login = given === undefined ? undefined : Buffer.from(given, 'base64').toString('utf8');
    checkToken('azuredevops', login, `${azure.username}:${azure.password}`);
  },
  read({ json }): Webhook {
    const type = stringAt(json, 'eventType') ?? '';
    const repository = at(json, 'resource', 'repository');
    const urls = texts(
      stringAt(repository, 'remoteUrl'),
      stringAt(repository, 'sshUrl'),
      stringAt(repository, 'webUrl'),
    );
    const defaultBranch = branchOf(stringAt(repository, 'defaultBranch'));
    if (type !== 'git.push' && !type.startsWith('git.pullrequest.')) return ignored(`event ${type.slice(0, 60)}`, urls);
    if (urls.length === 0) throw invalid('azuredevops', 'names no repository');
    if (type === 'git.push') {
      const events = listAt(json, 'resource', 'refUpdates').flatMap((update) => eventOf(update, urls, defaultBranch));
      return events.length > 0 ? { kind: 'push', events } : ignored('a push without changes', urls, defaultBranch);
    }
    const number = numberAt(json, 'resource', 'pullRequestId');
    if (number === undefined) throw invalid('azuredevops', 'a pull request without a number');
    return {
      kind: 'pull-request',
      event: {
        provider: 'azuredevops',
        urls,
        ...(defaultBranch === '' ? {} : { defaultBranch }),
        action: stringAt(json, 'resource', 'status') ?? '',
        number,
        head: branchOf(stringAt(json, 'resource', 'sourceRefName')),
        base: branchOf(stringAt(json, 'resource', 'targetRefName')),
      },
    };
  },
};

function eventOf(update: Json, urls: readonly string[], defaultBranch: string): readonly RepositoryEvent[] {
  const ref = stringAt(update, 'name');
  if (ref === undefined) return [];
  return [
    {
      provider: 'azuredevops',
      urls,
      ref,
      before: stringAt(update, 'oldObjectId') ?? '',
      after: stringAt(update, 'newObjectId') ?? '',
      ...(defaultBranch === '' ? {} : { defaultBranch }),
    },
  ];
}

function branchOf(ref: string | undefined): string {
  return (ref ?? '').replace(/^refs\/heads\//, '');
}
