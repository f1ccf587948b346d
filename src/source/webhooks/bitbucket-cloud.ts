import { at, type Json, listAt, numberAt, stringAt } from '../../model/index.ts';
import type { RepositoryEvent } from '../../ports/index.ts';
import { texts } from './fields.ts';
import { checkToken } from './signature.ts';
import { type Delivery, ignored, invalid, type Provider, type Webhook } from './webhook.ts';

/** Bitbucket Cloud, recognised by its keys; what proves it is the UUID of the hook. */
export const bitbucketCloud: Provider = {
  name: 'bitbucket-cloud',
  claims: ({ headers }) => /^(?:repo:push|repo:fork|pullrequest:|issue:)/.test(headers['x-event-key'] ?? ''),
  verify({ headers }, secrets) {
    checkToken('bitbucket-cloud', bare(headers['x-hook-uuid']), bare(secrets.bitbucketUuid));
  },
  read({ headers, json }: Delivery): Webhook {
    const key = headers['x-event-key'] ?? '';
    const name = stringAt(json, 'repository', 'full_name');
    const urls = texts(
      stringAt(json, 'repository', 'links', 'html', 'href'),
      name === undefined ? undefined : `https://bitbucket.org/${name}`,
    );
    if (urls.length === 0) throw invalid('bitbucket-cloud', 'names no repository');
    if (key === 'repo:push') {
      const events = listAt(json, 'push', 'changes').flatMap((change) => eventOf(change, urls));
      return events.length > 0 ? { kind: 'push', events } : ignored('a push without changes', urls);
    }
    if (key.startsWith('pullrequest:')) return pullRequest(json, key.slice('pullrequest:'.length), urls);
    return ignored(`event ${key.slice(0, 60)}`, urls);
  },
};

function eventOf(change: Json, urls: readonly string[]): readonly RepositoryEvent[] {
  const side = stringAt(change, 'new', 'name') === undefined ? 'old' : 'new';
  const name = stringAt(change, side, 'name');
  if (name === undefined) return [];
  const tag = (stringAt(change, side, 'type') ?? '').endsWith('tag');
  return [
    {
      provider: 'bitbucket-cloud',
      urls,
      ref: `refs/${tag ? 'tags' : 'heads'}/${name}`,
      before: stringAt(change, 'old', 'target', 'hash') ?? '',
      after: side === 'old' ? '0'.repeat(40) : (stringAt(change, 'new', 'target', 'hash') ?? ''),
    },
  ];
}

function pullRequest(json: Json, action: string, urls: readonly string[]): Webhook {
  const about = at(json, 'pullrequest');
  const number = numberAt(about, 'id');
  if (number === undefined) throw invalid('bitbucket-cloud', 'a pull request without a number');
  const head = stringAt(about, 'source', 'branch', 'name') ?? '';
  const base = stringAt(about, 'destination', 'branch', 'name') ?? '';
  return { kind: 'pull-request', event: { provider: 'bitbucket-cloud', urls, action, number, head, base } };
}

function bare(uuid: string | undefined): string | undefined {
  return uuid?.replace(/^\{|\}$/g, '');
}
