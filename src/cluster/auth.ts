// Turns an identity into request headers and client certificates, and renews what expires.
import { readFile } from 'node:fs/promises';
import type { Connection } from './connection.ts';
import { runExecPlugin } from './exec-credential.ts';
import type { Headers } from './transport.ts';

/** What goes with a request now. A changed certificate needs new connections. */
export type Credentials = {
  readonly headers: Headers;
  readonly cert?: string;
  readonly key?: string;
};

/** Answers with credentials; from memory, and then at once, while they are fresh. */
export type Auth = {
  current(): Credentials | Promise<Credentials>;
  /** The server refused them: the next call gets new ones. False when there are no others to get. */
  renew(): boolean;
};

// Service account tokens rotate long before they end; client-go reads them again once a minute too.
const tokenFileAge = 60_000;
const earlier = 10_000;

/** The credentials of a connection. `now` is ms since the epoch. */
export function createAuth(connection: Connection, now: () => number): Auth {
  const fixed = impersonation(connection);
  const { identity } = connection;
  switch (identity.kind) {
    case 'none':
      return constant({ headers: fixed });
    case 'token':
      return constant({ headers: { ...fixed, authorization: `Bearer ${identity.token}` } });
    case 'basic': {
      const pair = Buffer.from(`${identity.username}:${identity.password}`).toString('base64');
      return constant({ headers: { ...fixed, authorization: `Basic ${pair}` } });
    }
    case 'token-file':
      return renewed(now, async () => {
        const token = (await readFile(identity.path, 'utf8')).trim();
        return {
          credentials: { headers: { ...fixed, authorization: `Bearer ${token}` } },
          until: now() + tokenFileAge,
        };
      });
    case 'exec':
      return renewed(now, async () => {
        const got = await runExecPlugin(identity.plugin, connection);
        const headers = got.token === undefined ? fixed : { ...fixed, authorization: `Bearer ${got.token}` };
        const certificate = got.cert === undefined || got.key === undefined ? {} : { cert: got.cert, key: got.key };
        return { credentials: { headers, ...certificate }, until: got.expires - earlier };
      });
  }
}

function constant(credentials: Credentials): Auth {
  return { current: () => credentials, renew: () => false };
}

function renewed(now: () => number, get: () => Promise<{ credentials: Credentials; until: number }>): Auth {
  let known: { credentials: Credentials; until: number } | undefined;
  let asking: Promise<Credentials> | undefined;
  const ask = async (): Promise<Credentials> => {
    try {
      known = await get();
      return known.credentials;
    } finally {
      asking = undefined;
    }
  };
  return {
    current() {
      if (known !== undefined && now() < known.until) return known.credentials;
      asking ??= ask();
      return asking;
    },
    renew() {
      known = undefined;
      return true;
    },
  };
}

function impersonation({ impersonate }: Connection): Headers {
  if (impersonate === undefined) return {};
  const headers: Record<string, string | string[]> = { 'impersonate-user': impersonate.user };
  if (impersonate.groups.length > 0) headers['impersonate-group'] = [...impersonate.groups];
  if (impersonate.uid !== undefined) headers['impersonate-uid'] = impersonate.uid;
  return headers;
}
