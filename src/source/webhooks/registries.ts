import { at, listAt, stringAt } from '../../model/index.ts';
import { checkToken } from './signature.ts';
import { ignored, invalid, type Provider, type Webhook } from './webhook.ts';

/** Docker Hub: it neither signs nor names itself, so that its form tells; a delivery wakes one poll, nothing else. */
export const dockerHub: Provider = {
  name: 'dockerhub',
  claims: ({ query, json }) => query.type === 'dockerhub' || typeof stringAt(json, 'push_data', 'tag') === 'string',
  verify() {},
  read({ json }): Webhook {
    const name = stringAt(json, 'repository', 'repo_name') ?? '';
    const tag = stringAt(json, 'push_data', 'tag') ?? '';
    if (!/^[a-z0-9._-]+(?:\/[a-z0-9._-]+)*$/i.test(name)) throw invalid('dockerhub', 'names no repository');
    if (tag === '') return ignored('a push without a tag');
    const full = name.includes('/') ? name : `library/${name}`;
    const urls = ['docker.io', 'registry-1.docker.io'].map((host) => `oci://${host}/${full}`);
    return { kind: 'push', events: [{ provider: 'dockerhub', urls, ref: tag, before: '', after: '' }] };
  },
};

/** Harbor: proven by the Authorization header that its administrator sets; without a secret here it is not heard. */
export const harbor: Provider = {
  name: 'harbor',
  claims: ({ json }) => typeof at(json, 'type') === 'string' && at(json, 'event_data', 'resources') !== undefined,
  verify({ headers }, secrets) {
    if (secrets.harbor === undefined || secrets.harbor === '') throw invalid('harbor', 'no secret is set');
    checkToken('harbor', headers.authorization, secrets.harbor);
  },
  read({ json }): Webhook {
    const type = stringAt(json, 'type') ?? '';
    if (type !== 'PUSH_ARTIFACT') return ignored(`event ${type.slice(0, 60)}`);
    const name = stringAt(json, 'event_data', 'repository', 'repo_full_name') ?? '';
    const events = listAt(json, 'event_data', 'resources').flatMap((resource) => {
      const host = (stringAt(resource, 'resource_url') ?? '').replace(/^[a-z]+:\/\//, '').split('/')[0] ?? '';
      const tag = stringAt(resource, 'tag') ?? '';
      if (host === '' || name === '' || tag === '') return [];
      const after = stringAt(resource, 'digest') ?? '';
      return [{ provider: 'harbor', urls: [`oci://${host}/${name}`], ref: tag, before: '', after }];
    });
    return events.length > 0 ? { kind: 'push', events } : ignored('a push without tags');
  },
};
