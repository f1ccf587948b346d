// A forge for tests: a small server that answers recorded exchanges and keeps what it was asked.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { EngineError } from '../../model/index.ts';
import type { ForgeAccess, ForgeKind } from '../../ports/index.ts';
import type { Forge } from './forge.ts';
import { openForge } from './open-forge.ts';

/** What it was asked. */
export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** What it answers: by `METHOD /path?query`; status 200 unless given. */
export type Exchange = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** A running forge. */
export class TestForge {
  readonly asked: Asked[] = [];
  readonly #server: Server;
  readonly #exchanges: Map<string, Exchange>;

  private constructor(server: Server, exchanges: Map<string, Exchange>) {
    this.#server = server;
    this.#exchanges = exchanges;
  }

  static async start(exchanges: Readonly<Record<string, Exchange>>): Promise<TestForge> {
    const known = new Map(Object.entries(exchanges));
    const server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const { method = '', url = '' } = incoming;
        const headers = incoming.headers as Record<string, string>;
        forge.asked.push({ method, path: url, headers, body: text === '' ? undefined : JSON.parse(text) });
        const answer = known.get(`${method} ${url}`) ?? {
          status: 404,
          body: { message: `not recorded: ${method} ${url}` },
        };
        outgoing.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
        outgoing.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
      });
    });
    const forge = new TestForge(server, known);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return forge;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Writes, without the reads that came before them. */
  get written(): readonly Asked[] {
    return this.asked.filter((one) => one.method !== 'GET');
  }

  answer(key: string, exchange: Exchange): void {
    this.#exchanges.set(key, exchange);
  }

  access(
    path: string,
    login: { readonly username?: string; readonly token?: string } = { token: 't0ken' },
  ): ForgeAccess {
    return {
      scheme: 'http',
      host: this.host,
      path,
      ...login,
      async send({ method, url, headers, authorization, body }) {
        try {
          const answer = await request(url, {
            method,
            headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
            ...(body === undefined ? {} : { body }),
          });
          const flat = Object.entries(answer.headers).map(([key, value]) => [key, String(value)]);
          return { status: answer.statusCode, headers: Object.fromEntries(flat), text: await answer.body.text() };
        } catch (cause) {
          throw new EngineError('repo-unreachable', 'no answer', { retry: 'backoff', cause });
        }
      },
    };
  }

  /** A repository at this forge, whose API is at `/api`. */
  open(kind: ForgeKind, path: string, login?: { readonly username?: string; readonly token?: string }): Forge {
    const settings = [{ host: this.host, kind, api: `http://${this.host}/api${kind === 'azure' ? '/org' : ''}` }];
    const forge = openForge(this.access(path, login), { settings, pauses: new Map(), now: () => Date.now() });
    if (forge === undefined) throw new Error('no forge');
    return forge;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
