import { EngineError, type Json } from '../../model/index.ts';
import type { RepositoryEvent, WebhookSecrets } from '../../ports/index.ts';

/** A pull or merge request that was opened or changed. */
export type PullRequestEvent = {
  readonly provider: string;
  readonly urls: readonly string[];
  readonly defaultBranch?: string;
  readonly action: string;
  readonly number: number;
  /** Names of branches, without `refs/heads/`. */
  readonly head: string;
  readonly base: string;
};

/** What a webhook says. One delivery can move several refs. */
export type Webhook =
  | { readonly kind: 'push'; readonly events: readonly RepositoryEvent[] }
  | { readonly kind: 'pull-request'; readonly event: PullRequestEvent }
  | {
      readonly kind: 'ignored';
      readonly why: string;
      readonly urls: readonly string[];
      readonly defaultBranch?: string;
    };

/** A delivery as it came in. Header names are lower case. */
export type Delivery = {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly json: Json;
};

/** One forge or registry: whether a delivery is its, whether it is genuine, and what it says. */
export type Provider = {
  readonly name: string;
  claims(delivery: Delivery): boolean;
  /** EngineError `webhook-invalid` for a delivery with a wrong signature, or without one where a secret is set. */
  verify(delivery: Delivery, secrets: WebhookSecrets): void;
  read(delivery: Delivery): Webhook;
};

/** The error for a delivery that cannot be read or is not genuine. */
export function invalid(provider: string, why: string): EngineError {
  return new EngineError('webhook-invalid', `webhook: ${why}: ${provider}`, { about: provider });
}

/** A delivery that concerns nobody. */
export function ignored(why: string, urls: readonly string[] = [], defaultBranch?: string): Webhook {
  return { kind: 'ignored', why, urls, ...(defaultBranch === undefined ? {} : { defaultBranch }) };
}
