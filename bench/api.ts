// A plain client of the apiserver for the benchmark: no engine code, so that the floor is nobody's but the server's.
import { Pool } from 'undici';
import type { Kubeconfig } from '../src/embedded/index.ts';

/** JSON as it comes; the benchmark reads few fields of it. */
export type Resource = {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: the benchmark looks into foreign objects by path
  readonly [field: string]: any;
};

/** What a watch tells. */
export type WatchEvent = {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Resource;
};

/** Access to one apiserver over at most `connections` connections. */
export class Api {
  readonly #pool: Pool;
  readonly #watches: Pool;

  constructor({ server, ca, cert, key }: Kubeconfig, connections: number) {
    const connect = { ca, cert, key };
    this.#pool = new Pool(server, { connections, connect });
    this.#watches = new Pool(server, { connections: null, connect, bodyTimeout: 0 });
  }

  /** One request; throws unless it succeeds. */
  async send(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, type = 'application/json') {
    const text = await this.text(method, path, body, type);
    return JSON.parse(text) as Resource;
  }

  /** The answer as text; throws unless it is a success. */
  async text(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, type = 'application/json') {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const headers = { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': type }) };
    const answer = await this.#pool.request({ method, path, headers, ...sent });
    const text = await answer.body.text();
    if (answer.statusCode > 299) throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    return text;
  }

  /** Server-side apply by force. */
  apply(path: string, body: string, dryRun: boolean) {
    const query = `fieldManager=plumbline&fieldValidation=Strict&force=true${dryRun ? '&dryRun=All' : ''}`;
    return this.text('PATCH', `${path}?${query}`, body, 'application/apply-patch+yaml');
  }

  async list(path: string): Promise<readonly Resource[]> {
    return (await this.send('GET', path)).items as readonly Resource[];
  }

  /** Follows a collection from now on (nothing that is there already) until the answer is called. */
  async watch(path: string, take: (event: WatchEvent) => void): Promise<() => void> {
    let version = (await this.send('GET', `${path}?limit=1`)).metadata.resourceVersion ?? '';
    const aborter = new AbortController();
    const follow = async (): Promise<void> => {
      while (!aborter.signal.aborted) {
        try {
          for await (const event of this.#events(path, version, aborter.signal)) {
            if (event.type === 'ERROR') throw new Error(`watch ${path}: ${JSON.stringify(event.object)}`);
            version = event.object.metadata.resourceVersion ?? version;
            take(event);
          }
        } catch (error) {
          // The apiserver ends a watch whose reader is late; it goes on from where it was.
          if (!aborter.signal.aborted) process.stderr.write(`watch again: ${path}: ${String(error)}\n`);
        }
      }
    };
    void follow();
    return () => aborter.abort();
  }

  async *#events(path: string, version: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const query = `watch=true&allowWatchBookmarks=true&resourceVersion=${version}`;
    const headers = { accept: 'application/json' };
    const { body } = await this.#watches.request({ method: 'GET', path: `${path}?${query}`, headers, signal });
    let rest = '';
    for await (const chunk of body.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line) as WatchEvent;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#pool.destroy(), this.#watches.destroy()]);
  }
}

/** Requests that the apiserver has answered, by `VERB resource`, without leases, which its own parts renew. */
export async function requestCounts(api: Api): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const line of (await api.text('GET', '/metrics')).split('\n')) {
    if (!line.startsWith('apiserver_request_total{')) continue;
    const label = (name: string): string => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? '';
    const resource = label('resource');
    if (resource === 'leases' || resource === '') continue;
    const dry = label('dry_run') === '' ? '' : ' (dry run)';
    const name = `${label('verb')} ${resource}${dry}`;
    counts.set(name, (counts.get(name) ?? 0) + Number(line.slice(line.lastIndexOf(' ') + 1)));
  }
  return counts;
}

/** What has been added between two counts. */
export function since(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Record<string, number> {
  const added: Record<string, number> = {};
  for (const name of [...after.keys()].sort()) {
    const more = (after.get(name) ?? 0) - (before.get(name) ?? 0);
    if (more > 0) added[name] = more;
  }
  return added;
}

/** Runs `work` over all items, at most `width` at once. */
export async function each<T>(items: Iterable<T>, width: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
