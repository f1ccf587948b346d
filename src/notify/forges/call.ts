// One call to a forge's API: JSON both ways, its limits honoured, its failures in our words, no secret in any of them.
import { EngineError, type Json, type JsonObject, listAt } from '../../model/index.ts';
import type { ForgeAccess, ForgeAnswer, ForgeRequest } from '../../ports/index.ts';

/** Calls to one forge as one identity. */
export type Calls = {
  /** A call whose answer is JSON; null for an empty one. EngineError when it is refused. */
  json(method: ForgeRequest['method'], path: string, body?: JsonObject): Promise<Json>;
  /** As `json`, but undefined for 404. */
  find(path: string): Promise<Json | undefined>;
  /** All pages of a list, up to a thousand entries: by the `Link` header or a `next` address in the body. */
  list(path: string, key?: string): Promise<readonly Json[]>;
};

/** Until when each forge does not want to hear from us, ms since the epoch, by origin. */
export type Pauses = Map<string, number>;

const mostPages = 10;
/** A forge that names no time is left alone for so long, ms. */
const usualPause = 60_000;
const longestPause = 3_600_000;

/** Calls below `api`. `authorization` is '' for none. */
export function callsTo(
  access: Pick<ForgeAccess, 'send'>,
  api: string,
  given: {
    readonly authorization: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly pauses: Pauses;
    readonly now: () => number;
  },
): Calls {
  const origin = new URL(api).origin;
  const call = async (method: ForgeRequest['method'], url: string, body?: JsonObject): Promise<ForgeAnswer> => {
    // What a page names as the next one must not carry our token elsewhere.
    if (new URL(url).origin !== origin) throw new EngineError('forge-denied', `forge: leads elsewhere: ${origin}`);
    const until = given.pauses.get(origin) ?? 0;
    if (until > given.now()) throw throttled(origin, until - given.now());
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...given.headers,
    };
    const answer = await sent(access, {
      method,
      url,
      headers,
      ...(given.authorization === '' ? {} : { authorization: given.authorization }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const pause = pauseOf(answer, given.now());
    if (pause !== undefined) given.pauses.set(origin, given.now() + pause);
    if (pause !== undefined && answer.status >= 400) throw throttled(origin, pause);
    return answer;
  };
  return {
    json: async (method, path, body) => read(await call(method, `${api}${path}`, body), path),
    async find(path) {
      const answer = await call('GET', `${api}${path}`);
      return answer.status === 404 ? undefined : read(answer, path);
    },
    async list(path, key) {
      const items: Json[] = [];
      let url: string | undefined = `${api}${path}`;
      for (let page = 0; url !== undefined && page < mostPages; page++) {
        const answer: ForgeAnswer = await call('GET', url);
        const body = read(answer, path);
        items.push(...(key === undefined ? listAt({ body }, 'body') : listAt(body, key)));
        url = nextPage(answer, body, url);
      }
      return items;
    },
  };
}

async function sent(access: Pick<ForgeAccess, 'send'>, request: ForgeRequest): Promise<ForgeAnswer> {
  try {
    return await access.send(request);
  } catch (cause) {
    const { origin } = new URL(request.url);
    throw new EngineError('forge-unreachable', `forge: no answer: ${origin}`, {
      about: origin,
      retry: 'backoff',
      cause,
    });
  }
}

function read(answer: ForgeAnswer, path: string): Json {
  const { status } = answer;
  // Paths hold names of repositories and numbers only; queries may hold more.
  const about = path.replace(/\?.*$/, '');
  if (status >= 200 && status < 300) {
    if (answer.text.trim() === '') return null;
    try {
      return JSON.parse(answer.text) as Json;
    } catch (cause) {
      throw new EngineError('forge-unreachable', `forge: the answer is not JSON: ${about}`, {
        retry: 'backoff',
        cause,
      });
    }
  }
  if (status >= 500 || status === 408) {
    throw new EngineError('forge-unreachable', `forge: answered HTTP ${status}: ${about}`, { about, retry: 'backoff' });
  }
  throw new EngineError('forge-denied', `forge: answered HTTP ${status}${reason(answer)}: ${about}`, { about });
}

function reason(answer: ForgeAnswer): string {
  try {
    const body = JSON.parse(answer.text) as { readonly message?: unknown; readonly error?: unknown };
    const said = typeof body.message === 'string' ? body.message : typeof body.error === 'string' ? body.error : '';
    return said === '' ? '' : ` (${said.slice(0, 200)})`;
  } catch {
    return '';
  }
}

/** How long a forge wants to be left alone, ms: Retry-After, or an allowance that is used up. Undefined while it does not. */
export function pauseOf(answer: ForgeAnswer, now: number): number | undefined {
  const { headers, status } = answer;
  const left = headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining'];
  const asked = status === 429 || (status === 403 && headers['retry-after'] !== undefined);
  if (!asked && left !== '0') return undefined;
  const after = headers['retry-after'] ?? '';
  const seconds = Number(after);
  if (after !== '' && Number.isFinite(seconds)) return bounded(seconds * 1_000);
  const at = Date.parse(after);
  if (Number.isFinite(at)) return bounded(at - now);
  const reset = Number(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset'] ?? '');
  if (!Number.isFinite(reset) || reset <= 0) return usualPause;
  // Seconds since the epoch, or seconds from now.
  return bounded(reset > 1_000_000_000 ? reset * 1_000 - now : reset * 1_000);
}

function bounded(ms: number): number {
  return Math.min(longestPause, Math.max(1_000, ms));
}

function throttled(origin: string, ms: number): EngineError {
  return new EngineError('throttled', `forge: asks to slow down: ${origin}`, { about: origin, retry: { after: ms } });
}

function nextPage(answer: ForgeAnswer, body: Json, url: string): string | undefined {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(answer.headers.link ?? '')?.[1];
  if (link !== undefined) return new URL(link, url).href;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { next, nextPageStart } = body as { readonly next?: Json; readonly nextPageStart?: Json };
  // Bitbucket Cloud names the address of the next page, Bitbucket Server where it starts.
  if (typeof next === 'string') return new URL(next, url).href;
  if (typeof nextPageStart !== 'number') return undefined;
  const page = new URL(url);
  page.searchParams.set('start', String(nextPageStart));
  return page.href;
}
