import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';
import { EngineError, type ErrorCode } from '../../model/index.ts';
import { shownAddress } from '../address.ts';
import { passesProxy } from './no-proxy.ts';

/** How a server is reached and recognised. */
export type HttpTrust = {
  /** PEM of the authorities to trust instead of the system's, '' for the system's. */
  readonly ca: string;
  readonly insecure: boolean;
  readonly cert?: string;
  readonly key?: string;
  readonly proxy?: string;
  readonly noProxy?: string;
};

/** One request. Redirects are followed; what identifies us goes only to the origin it was meant for. */
export type HttpRequest = {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent to the origin of `url` only, never after a redirect to another. */
  readonly authorization?: string;
  readonly body?: string;
  readonly trust: HttpTrust;
  /** Bytes of the answer; more is an error. */
  readonly maxBytes: number;
  /** ms for everything. */
  readonly timeout: number;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Where the answer came from in the end. */
  readonly url: string;
};

const maxRedirects = 5;

/** Requests to chart repositories, registries and forges: bounded in bytes and time. */
export class HttpClient {
  readonly #agents = new Map<string, Dispatcher>();
  readonly #environment: { readonly proxy: Readonly<Record<string, string>>; readonly noProxy: string };

  /** `env` may hold HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  constructor(env: Readonly<Record<string, string>>) {
    const proxy: Record<string, string> = {};
    for (const scheme of ['http', 'https']) {
      const value = env[`${scheme}_proxy`] ?? env[`${scheme.toUpperCase()}_PROXY`] ?? '';
      if (value !== '') proxy[scheme] = value;
    }
    this.#environment = { proxy, noProxy: env.no_proxy ?? env.NO_PROXY ?? '' };
  }

  /** Resolves with any status; rejects with `repo-unreachable`, `repo-config` or `render-limit`. */
  async send(wanted: HttpRequest): Promise<HttpAnswer> {
    const origin = originOf(wanted.url);
    const signal = AbortSignal.timeout(wanted.timeout);
    let url = wanted.url;
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const answer = await this.#once(wanted, url, originOf(url) === origin, signal);
      const location = answer.headers.location;
      if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
      const next = new URL(location, url);
      const downgrade = url.startsWith('https:') && next.protocol !== 'https:';
      if (downgrade || !/^https?:$/.test(next.protocol))
        throw failure('repo-config', url, 'redirects to an unsafe address');
      url = next.href;
    }
    throw failure('repo-unreachable', wanted.url, 'redirects without end');
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
    this.#agents.clear();
  }

  async #once(wanted: HttpRequest, url: string, home: boolean, signal: AbortSignal): Promise<HttpAnswer> {
    const headers: Record<string, string> = { 'user-agent': 'plumbline', ...wanted.headers };
    if (home && wanted.authorization !== undefined) headers.authorization = wanted.authorization;
    try {
      const response = await request(url, {
        method: wanted.method ?? 'GET',
        headers,
        ...(wanted.body === undefined ? {} : { body: wanted.body }),
        dispatcher: this.#agentFor(wanted.trust, url, home),
        signal,
        headersTimeout: wanted.timeout,
        bodyTimeout: wanted.timeout,
      });
      const body = await readBounded(response.body, wanted.maxBytes, url);
      return { status: response.statusCode, headers: flat(response.headers), body, url };
    } catch (error) {
      throw asFailure(error, url);
    }
  }

  #agentFor(trust: HttpTrust, url: string, home: boolean): Dispatcher {
    const { protocol, hostname, port } = new URL(url);
    const scheme = protocol.slice(0, -1);
    const own = trust.proxy !== undefined && trust.proxy !== '';
    const proxy = own ? trust.proxy : this.#environment.proxy[scheme];
    const excluded = own ? (trust.noProxy ?? '') : (trust.noProxy ?? this.#environment.noProxy);
    const via = proxy === undefined || passesProxy(hostname, port, excluded) ? '' : proxy;
    // The client certificate and the private authority are for the server that was named.
    const tls = home ? tlsOptions(trust) : {};
    const key = JSON.stringify([tls, via]);
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const options = { connect: { ...tls, timeout: 20_000 }, connections: 8, pipelining: 1 };
    const agent = via === '' ? new Agent(options) : new ProxyAgent({ uri: via, requestTls: tls, connections: 8 });
    this.#agents.set(key, agent);
    return agent;
  }
}

function tlsOptions(trust: HttpTrust) {
  return {
    ...(trust.ca === '' ? {} : { ca: trust.ca }),
    ...(trust.insecure ? { rejectUnauthorized: false } : {}),
    ...(trust.cert === undefined || trust.key === undefined ? {} : { cert: trust.cert, key: trust.key }),
  };
}

async function readBounded(body: AsyncIterable<Uint8Array>, limit: number, url: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit)
      throw failure('render-limit', url, `the answer is larger than ${Math.round(limit / 1024 / 1024)} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) out[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return out;
}

function originOf(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    throw failure('repo-config', url, 'not an address');
  }
}

function asFailure(error: unknown, url: string): EngineError {
  if (error instanceof EngineError) return error;
  const { name, message, code } = error as {
    readonly name?: string;
    readonly message?: string;
    readonly code?: string;
  };
  if (name === 'TimeoutError' || /TIMEOUT/.test(code ?? ''))
    return failure('repo-unreachable', url, 'no answer in time');
  const tls = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|SSL/.test(code ?? '');
  return failure(tls ? 'repo-config' : 'repo-unreachable', url, code ?? message ?? 'no answer', error);
}

/** An EngineError that names the address without secrets and without its query. */
export function failure(code: ErrorCode, url: string, what: string, cause?: unknown): EngineError {
  const about = shownAddress(url).replace(/[?#].*$/, '');
  const retry = code === 'repo-unreachable' || code === 'repo-denied' ? 'backoff' : 'never';
  return new EngineError(code, `request: ${what}: ${about}`, {
    about,
    retry,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The EngineError for an answer with an unwanted status; `missing` is the code for 404. */
export function statusFailure(answer: HttpAnswer, missing: ErrorCode): EngineError {
  const { status, url } = answer;
  if (status === 401 || status === 403) return failure('repo-denied', url, `answered ${status}`);
  if (status === 404 || status === 410) return failure(missing, url, `answered ${status}`);
  if (status === 429) {
    const seconds = Number(answer.headers['retry-after']);
    const about = shownAddress(url).replace(/[?#].*$/, '');
    const retry = Number.isFinite(seconds) && seconds > 0 ? { after: seconds * 1000 } : 'backoff';
    return new EngineError('throttled', `request: answered 429: ${about}`, { about, retry });
  }
  return failure('repo-unreachable', url, `answered ${status}`);
}
