import type { Json } from '../../model/index.ts';
import type { WebhookSecrets } from '../../ports/index.ts';
import { azureDevOps } from './azure-devops.ts';
import { bitbucketCloud } from './bitbucket-cloud.ts';
import { bitbucketServer } from './bitbucket-server.ts';
import { gitea } from './gitea.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import { dockerHub, harbor } from './registries.ts';
import { type Delivery, invalid, type Provider, type Webhook } from './webhook.ts';

/** Gitea and Gogs send GitHub's headers too, so that they are asked first; those that only their form tells, last. */
const providers: readonly Provider[] = [
  gitea,
  github,
  gitlab,
  bitbucketCloud,
  bitbucketServer,
  azureDevOps,
  harbor,
  dockerHub,
];

/** Bytes of a delivery (Argo CD's default). */
export const maxWebhookBytes = 50 * 1024 * 1024;

/**
 * What a webhook says, after its signature was checked; EngineError `webhook-invalid` for everything else. What it
 * says is only a reason to look at the repository: nothing is believed that the repository does not confirm.
 */
export function parseWebhook(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  body: Uint8Array,
  secrets: WebhookSecrets,
  query: Readonly<Record<string, string | undefined>> = {},
): Webhook {
  if (body.byteLength > maxWebhookBytes) throw invalid('unknown', 'too large');
  const lower: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(headers)) {
    lower[name.toLowerCase()] = typeof value === 'string' ? value : value?.[0];
  }
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delivery: Delivery = { headers: lower, query, body: bytes, json: jsonOf(bytes, lower['content-type'] ?? '') };
  const provider = providers.find((one) => one.claims(delivery));
  if (provider === undefined) throw invalid('unknown', 'comes from no known forge or registry');
  provider.verify(delivery, secrets);
  return provider.read(delivery);
}

function jsonOf(body: Buffer, contentType: string): Json {
  const text = body.toString('utf8');
  const form = /^application\/x-www-form-urlencoded/i.test(contentType);
  try {
    return JSON.parse(form ? (new URLSearchParams(text).get('payload') ?? '') : text);
  } catch {
    throw invalid('unknown', 'is no JSON');
  }
}
