// Requests in another user's name: the apiserver checks that user's rights instead of the engine's.
import type { Ask, Client } from './client.ts';
import type { Parts } from './parts.ts';

/** The parts with a client that impersonates `user`; the same parts without one. */
export function inNameOf(parts: Parts, user: string | undefined): Parts {
  if (user === undefined) return parts;
  const { client } = parts;
  const named = (ask: Ask): Ask => ({ ...ask, headers: { ...ask.headers, 'impersonate-user': user } });
  const impersonating: Client = {
    ...client,
    ask: (one) => client.ask(named(one)),
    json: (one) => client.json(named(one)),
  };
  return { ...parts, client: impersonating };
}
