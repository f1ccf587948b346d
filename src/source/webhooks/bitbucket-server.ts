import { at, type Json, listAt, numberAt, stringAt } from '../../model/index.ts';
import type { RepositoryEvent } from '../../ports/index.ts';
import { texts } from './fields.ts';
import { checkHmac } from './signature.ts';
import { type Delivery, ignored, invalid, type Provider, type Webhook } from './webhook.ts';

/** Bitbucket Server and Data Center. */
export const bitbucketServer: Provider = {
  name: 'bitbucket-server',
  claims: ({ headers }) => /^(?:repo:|pr:|diagnostics:|mirror:)/.test(headers['x-event-key'] ?? ''),
  verify(delivery, secrets) {
    checkHmac('bitbucket-server', delivery, secrets.bitbucketServer, [{ name: 'x-hub-signature', hash: 'sha256' }]);
  },
  read({ headers, json }: Delivery): Webhook {
    const key = headers['x-event-key'] ?? '';
    if (key === 'diagnostics:ping') return ignored('ping');
    const repository = at(json, 'repository') ?? at(json, 'pullRequest', 'toRef', 'repository');
    const urls = urlsOf(repository);
    if (urls.length === 0) throw invalid('bitbucket-server', 'names no repository');
    if (key === 'repo:refs_changed') {
      const events = listAt(json, 'changes').flatMap((change) => eventOf(change, urls));
      return events.length > 0 ? { kind: 'push', events } : ignored('a push without changes', urls);
    }
    if (key.startsWith('pr:')) return pullRequest(json, key.slice('pr:'.length), urls);
    return ignored(`event ${key.slice(0, 60)}`, urls);
  },
};

function urlsOf(repository: Json | undefined): readonly string[] {
  const links = [...listAt(repository, 'links', 'clone'), ...listAt(repository, 'links', 'self')];
  const written = links.map((link) => stringAt(link, 'href'));
  return texts(...written, ...written.map((url) => url?.replace(/\/browse\/?$/, '')));
}

function eventOf(change: Json, urls: readonly string[]): readonly RepositoryEvent[] {
  const ref = stringAt(change, 'refId') ?? stringAt(change, 'ref', 'id');
  if (ref === undefined) return [];
  const before = stringAt(change, 'fromHash') ?? '';
  return [{ provider: 'bitbucket-server', urls, ref, before, after: stringAt(change, 'toHash') ?? '' }];
}

function pullRequest(json: Json, action: string, urls: readonly string[]): Webhook {
  const about = at(json, 'pullRequest');
  const number = numberAt(about, 'id');
  if (number === undefined) throw invalid('bitbucket-server', 'a pull request without a number');
  const head = stringAt(about, 'fromRef', 'displayId') ?? '';
  const base = stringAt(about, 'toRef', 'displayId') ?? '';
  return { kind: 'pull-request', event: { provider: 'bitbucket-server', urls, action, number, head, base } };
}
