import { stringAt } from '../../model/index.ts';
import { pushEvent, texts } from './fields.ts';
import { checkHmac } from './signature.ts';
import { type Delivery, ignored, invalid, type Provider, type Webhook } from './webhook.ts';

/** Gitea, Forgejo and Gogs: one form under three names. */
export const gitea: Provider = {
  name: 'gitea',
  claims: ({ headers }) => nameOf(headers) !== undefined,
  verify(delivery, secrets) {
    checkHmac(nameOf(delivery.headers) ?? 'gitea', delivery, secrets.gogs, [
      { name: 'x-gitea-signature', hash: 'sha256' },
      { name: 'x-forgejo-signature', hash: 'sha256' },
      { name: 'x-gogs-signature', hash: 'sha256' },
      { name: 'x-hub-signature-256', hash: 'sha256' },
    ]);
  },
  read({ headers, json }: Delivery): Webhook {
    const name = nameOf(headers) ?? 'gitea';
    const event = headers[`x-${name}-event`] ?? '';
    const field = (key: string) => stringAt(json, 'repository', key);
    const urls = texts(field('html_url'), field('clone_url'), field('ssh_url'));
    if (urls.length === 0) throw invalid(name, 'names no repository');
    const defaultBranch = field('default_branch');
    if (event !== 'push') return ignored(`event ${event.slice(0, 60)}`, urls, defaultBranch);
    return { kind: 'push', events: [pushEvent(name, json, urls, defaultBranch, true)] };
  },
};

function nameOf(headers: Delivery['headers']): 'gitea' | 'gogs' | 'forgejo' | undefined {
  for (const name of ['gitea', 'forgejo', 'gogs'] as const) if (headers[`x-${name}-event`] !== undefined) return name;
  return undefined;
}
