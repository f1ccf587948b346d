// Follows one collection for ever: first everything that is there, then changes.
//
//   streaming list ──► synced ──► changes ──(end, loss)──► pause ──► changes from where we were
//        │ refused                                           │ 410, or the world went back
//        └──► paged list ──► changes                         └──► streaming list again
import {
  EngineError,
  isJsonObject,
  type Json,
  type JsonObject,
  type KubeObject,
  listAt,
  objectAt,
  stringAt,
} from '../model/index.ts';
import type { Clock, Random } from '../ports/index.ts';
import { type Client, parseObject } from './client.ts';
import { isOlder } from './fact-store.ts';
import { codeOfStatus, refusalError } from './refusal.ts';
import type { Answer } from './transport.ts';

/** What a watch tells. A new list starts with `listing`; after `listed` what it has not shown is gone. */
export type WatchSink = {
  listing(): void;
  put(object: KubeObject): void;
  gone(object: KubeObject): void;
  listed(): void;
  /** The resource versions went back: the cluster was restored, and nothing known of it holds. */
  reset(): void;
  /** Lost (an error), or fine again (undefined). */
  state(error: EngineError | undefined): void;
};

/** What a watch needs. `path` is a collection and may carry selectors; `accept` chooses whole objects or metadata. */
export type WatchOptions = {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly path: string;
  readonly accept: string;
};

const firstPause = 100;
const longestPause = 10_000;
const pageSize = 500;
// A server sends a bookmark about once a minute: more than twice that in silence is a dead connection.
const quiet = 150_000;
// A server that does not know streaming lists sends nothing at the end of the first events.
const bookmarkPatience = 15_000;

/** Starts the watch; the result stops it for good. */
export function startWatch(options: WatchOptions, sink: WatchSink): Follow {
  const follow = new CollectionFollow(options, sink);
  follow.start();
  return follow;
}

/** A running watch. `nudge` ends a pause at once: the cluster is known to answer again. */
export type Follow = { stop(): void; nudge(): void };

class CollectionFollow implements Follow {
  readonly #options: WatchOptions;
  readonly #sink: WatchSink;
  #version = '';
  #listed = false;
  #paged = false;
  #failures = 0;
  #stopped = false;
  #abort: (() => void) | undefined;
  #wake: (() => void) | undefined;
  #patience: (() => void) | undefined;

  constructor(options: WatchOptions, sink: WatchSink) {
    this.#options = options;
    this.#sink = sink;
  }

  start(): void {
    if (this.#stopped) return;
    if (this.#version !== '' && this.#listed) this.#open(this.#resumePath(), false);
    else if (this.#paged) this.#list().catch((error: unknown) => this.#lost(error));
    else this.#open(this.#streamingPath(), true);
  }

  stop(): void {
    this.#stopped = true;
    this.#patience?.();
    this.#abort?.();
    this.#wake?.();
  }

  nudge(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #query(query: string): string {
    const { path } = this.#options;
    return `${path}${path.includes('?') ? '&' : '?'}${query}`;
  }

  #streamingPath(): string {
    const list = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
    return this.#query(`watch=true&allowWatchBookmarks=true&${list}&timeoutSeconds=${this.#lifetime()}`);
  }

  #resumePath(): string {
    const from = encodeURIComponent(this.#version);
    return this.#query(
      `watch=true&allowWatchBookmarks=true&resourceVersion=${from}&timeoutSeconds=${this.#lifetime()}`,
    );
  }

  /** Spread, so that the watches of all kinds do not restart together. */
  #lifetime(): number {
    return Math.floor(1800 * (1 + this.#options.random.next()));
  }

  #open(path: string, list: boolean): void {
    const { client, accept } = this.#options;
    if (list) this.#startList();
    let over = false;
    const close = (): boolean => {
      if (over) return false;
      over = true;
      this.#patience?.();
      stop();
      return true;
    };
    const stop = client.stream(path, accept, quiet, {
      open: () => {
        if (list) this.#hold(close);
        else this.#well();
      },
      line: (text) => {
        if (over) return;
        try {
          if (!this.#line(text) && close()) this.#ended(new Gone(), list);
        } catch (error) {
          if (close()) this.#lost(error);
        }
        if (list && !over) this.#hold(close);
      },
      end: (failure) => {
        if (close()) this.#ended(failure, list);
      },
    });
    this.#abort = close;
  }

  /** While the first list streams, silence means that the server does not know how it ends. */
  #hold(close: () => boolean): void {
    this.#patience?.();
    this.#patience = undefined;
    if (this.#listed) return;
    this.#patience = this.#options.clock.after(bookmarkPatience, () => {
      this.#paged = true;
      if (close()) this.#again(0);
    });
  }

  #startList(): void {
    this.#listed = false;
    this.#sink.listing();
  }

  /** One event; false when the server no longer remembers where we were. */
  #line(text: string): boolean {
    const event = parseObject(text, 'watch');
    const object = objectAt(event, 'object');
    const type = event.type;
    if (type === 'ERROR') {
      if (codeOfStatus(object) === 410) return false;
      throw new EngineError('cluster-unreachable', `watch: ${stringAt(object, 'message') ?? 'error'}`);
    }
    const version = stringAt(object, 'metadata', 'resourceVersion') ?? '';
    if (type === 'BOOKMARK') {
      const isEnd = stringAt(object, 'metadata', 'annotations', 'k8s.io/initial-events-end') === 'true';
      if (this.#listed) this.#version = version;
      else if (isEnd) this.#completed(version);
    } else if (isKubeObject(object)) {
      if (type === 'DELETED') this.#sink.gone(object);
      else this.#sink.put(object);
      // Versions inside the first list are in the order of names, not of time.
      if (this.#listed) this.#version = version;
    }
    return true;
  }

  #completed(version: string): void {
    if (this.#version !== '' && isOlder(version, this.#version)) {
      this.#version = '';
      this.#sink.reset();
      throw new EngineError('cluster-unreachable', 'watch: the cluster was restored from an earlier state');
    }
    this.#version = version;
    this.#listed = true;
    this.#sink.listed();
    this.#well();
  }

  #well(): void {
    this.#failures = 0;
    this.#sink.state(undefined);
  }

  async #list(): Promise<void> {
    const { client, accept, path } = this.#options;
    this.#startList();
    let version = '';
    let next = '';
    do {
      const token = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
      const doing = `list ${path}`;
      const answer = await client.ask({
        method: 'GET',
        path: this.#query(`limit=${pageSize}${token}`),
        doing,
        accept,
        timeout: 60_000,
      });
      if (this.#stopped) return;
      if (answer.status === 410) throw new EngineError('cluster-unreachable', `${doing}: it took too long`);
      if (answer.status !== 200) throw refusalError(answer, doing);
      const page = parseObject(answer.text, doing);
      for (const item of listAt(page, 'items')) this.#item(item, page);
      version = stringAt(page, 'metadata', 'resourceVersion') ?? '';
      next = stringAt(page, 'metadata', 'continue') ?? '';
    } while (next !== '');
    this.#completed(version);
    this.#open(this.#resumePath(), false);
  }

  /** Items of a list do not say what they are; the list does. */
  #item(item: Json, page: JsonObject): void {
    const metadata = isJsonObject(item) ? item.metadata : undefined;
    if (!isJsonObject(item) || !isJsonObject(metadata)) return;
    const apiVersion = stringAt(page, 'apiVersion') ?? '';
    const kind = (stringAt(page, 'kind') ?? '').replace(/List$/, '');
    this.#sink.put({ apiVersion, kind, ...item, metadata });
  }

  #ended(failure: Error | Answer | undefined, list: boolean): void {
    if (this.#stopped) return;
    if (failure === undefined) {
      // The agreed lifetime is over. A list that was cut off starts again, after a pause.
      this.#again(list && !this.#listed ? this.#pause() : 0);
    } else if (failure instanceof Gone || (!(failure instanceof Error) && failure.status === 410)) {
      this.#listed = false;
      this.#again(this.#pause());
    } else if (failure instanceof Error) {
      this.#lost(failure);
    } else if (list && refusesStreaming(failure)) {
      this.#paged = true;
      this.#again(0);
    } else {
      this.#lost(refusalError(failure, `watch ${this.#options.path}`));
    }
  }

  #lost(error: unknown): void {
    if (this.#stopped) return;
    this.#patience?.();
    this.#sink.state(unreachable(error, this.#options.path));
    this.#again(this.#pause());
  }

  #pause(): number {
    const grown = Math.min(longestPause, firstPause * 2 ** this.#failures++);
    return grown * (0.5 + this.#options.random.next() / 2);
  }

  #again(pause: number): void {
    if (this.#stopped) return;
    let over = false;
    const go = (): void => {
      if (over) return;
      over = true;
      cancel();
      this.#wake = undefined;
      this.start();
    };
    const cancel = this.#options.clock.after(pause, go);
    this.#wake = go;
  }
}

/** The version that we continued from is no longer remembered. */
class Gone extends Error {}

function refusesStreaming(answer: Answer): boolean {
  return [400, 403, 422].includes(answer.status) && answer.text.includes('sendInitialEvents');
}

function unreachable(error: unknown, path: string): EngineError {
  if (error instanceof EngineError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new EngineError('cluster-unreachable', `watch ${path}: ${message}`, { retry: 'backoff', cause: error });
}

function isKubeObject(object: JsonObject): object is KubeObject {
  return typeof object.apiVersion === 'string' && typeof object.kind === 'string' && isJsonObject(object.metadata);
}
