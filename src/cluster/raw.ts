// Plain access to one apiserver for rooms that keep their own resources there: the port KubeApi over the same client.
import { isJsonObject, type JsonObject, type KubeObject, stringAt } from '../model/index.ts';
import type { Clock, KubeApi, Random, WatchHandlers } from '../ports/index.ts';
import { createClient } from './client.ts';
import type { Transport } from './transport.ts';
import { type Follow, startWatch } from './watch.ts';

/** A KubeApi and its end. */
export type ClosableKubeApi = KubeApi & { close(): Promise<void> };

const concurrency = 16;

/** Access over a transport; `server` is only its name. */
export function createKubeApiOver(transport: Transport, server: string, clock: Clock, random: Random): ClosableKubeApi {
  const client = createClient(transport, clock, random, concurrency);
  const follows = new Set<Follow>();
  return {
    server,
    async request(method, path, options = {}): Promise<JsonObject> {
      const { body, contentType, timeout } = options;
      const apply = contentType === 'application/apply-patch+yaml';
      return client.json({
        method,
        path,
        doing: `${method} ${path.split('?', 1)[0]}`,
        safe: apply || contentType === 'application/merge-patch+json',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(contentType === undefined ? {} : { contentType }),
        ...(timeout === undefined ? {} : { timeout }),
      });
    },
    watch(path, handlers) {
      const options = { client, clock, random, path, accept: 'application/json' };
      const follow = startWatch(options, sinkOf(handlers));
      follows.add(follow);
      return () => {
        follow.stop();
        follows.delete(follow);
      };
    },
    async close() {
      for (const follow of follows) follow.stop();
      follows.clear();
      await client.close();
    },
  };
}

function sinkOf(handlers: WatchHandlers) {
  const names = new Map<string, number>();
  let list = 0;
  let first = true;
  const gone = (name: string): void => {
    names.delete(name);
    const slash = name.indexOf('/');
    handlers.gone({ namespace: name.slice(0, slash), name: name.slice(slash + 1) });
  };
  return {
    listing: () => {
      list++;
    },
    put: (object: KubeObject) => {
      names.set(nameOf(object), list);
      handlers.put(object);
    },
    gone: (object: KubeObject) => gone(nameOf(object)),
    listed: () => {
      for (const [name, seen] of names) if (seen < list) gone(name);
      if (first) handlers.synced();
      first = false;
    },
    reset: () => undefined,
    state: (error: Error | undefined) => handlers.state?.(error?.message ?? ''),
  };
}

function nameOf({ metadata }: KubeObject): string {
  if (!isJsonObject(metadata)) return '/';
  return `${stringAt(metadata, 'namespace') ?? ''}/${stringAt(metadata, 'name') ?? ''}`;
}
