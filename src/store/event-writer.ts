// Kubernetes Events of transitions, under Argo CD's reasons: behind everything else, few at a time, counted where they
// repeat, and dropped where there are too many.
import { createHash } from 'node:crypto';
import { type Application, asEngineError, formatInstant, type JsonObject, type Notice } from '../model/index.ts';
import type { Clock, KubeApi, Log } from '../ports/index.ts';

const most = 500;
const remembered = 1000;
/** Pause between two events while nobody hurries, ms. */
const pace = 50;
/** How long the same event counts up in place of a new one, ms. */
const window = 600_000;

type Waiting = {
  readonly subject: Subject;
  readonly notice: Notice;
  readonly first: number;
  last: number;
  count: number;
};
/** What an Event is about: an application, unless it is a ConfigMap. */
type Subject = Pick<Application, 'namespace' | 'name' | 'uid'> & { readonly kind?: 'ConfigMap' };
type Written = { readonly name: string; readonly at: number; count: number };

/** The queue of events. */
export class EventWriter {
  readonly #api: KubeApi;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #busy: () => boolean;
  readonly #waiting = new Map<string, Waiting>();
  readonly #written = new Map<string, Written>();
  #running: Promise<void> | undefined;
  #timer: (() => void) | undefined;
  #stopped = false;

  /** `busy` tells that something more important waits to be written. */
  constructor(world: { readonly api: KubeApi; readonly clock: Clock; readonly log: Log }, busy: () => boolean) {
    this.#api = world.api;
    this.#clock = world.clock;
    this.#log = world.log;
    this.#busy = busy;
  }

  add(subject: Subject, notice: Notice): void {
    const now = this.#clock.now();
    const key = keyOf(subject, notice);
    const known = this.#waiting.get(key);
    if (known !== undefined) {
      known.last = now;
      known.count += 1;
      return;
    }
    if (this.#waiting.size >= most) this.#drop();
    this.#waiting.set(key, { subject, notice, first: now, last: now, count: 1 });
    this.#wake();
  }

  /** Writes everything that waits, at once. */
  async flush(): Promise<void> {
    await this.#running;
    while (this.#waiting.size > 0 && !this.#stopped) await this.#writeNext();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.();
  }

  // Warnings stay longest.
  #drop(): void {
    for (const [key, { notice }] of this.#waiting) if (notice.level === 'normal') return void this.#waiting.delete(key);
    for (const key of this.#waiting.keys()) return void this.#waiting.delete(key);
  }

  #wake(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    this.#timer = this.#clock.after(pace, () => {
      this.#timer = undefined;
      if (this.#stopped || this.#waiting.size === 0) return;
      if (this.#busy() || this.#running !== undefined) return this.#wake();
      this.#running = this.#writeNext().finally(() => {
        this.#running = undefined;
        if (this.#waiting.size > 0) this.#wake();
      });
    });
  }

  async #writeNext(): Promise<void> {
    for (const [key, waiting] of this.#waiting) {
      this.#waiting.delete(key);
      try {
        await this.#write(key, waiting);
      } catch (thrown) {
        const { code, message } = asEngineError(thrown);
        this.#log.debug('event cannot be written', { application: waiting.subject.name, code, reason: message });
      }
      return;
    }
  }

  async #write(key: string, waiting: Waiting): Promise<void> {
    const path = eventsPath(waiting.subject);
    const known = this.#written.get(key);
    if (known !== undefined && waiting.last - known.at < window) {
      known.count += waiting.count;
      const body = { count: known.count, lastTimestamp: seconds(waiting.last) };
      try {
        await this.#api.request('PATCH', `${path}/${known.name}`, {
          body,
          contentType: 'application/merge-patch+json',
        });
        return;
      } catch (thrown) {
        // Events end by themselves; a new one is made then.
        if (asEngineError(thrown).code !== 'object-not-found') throw thrown;
      }
    }
    const name = nameOf(key, waiting);
    this.#written.delete(key);
    if (this.#written.size >= remembered) this.#written.delete(this.#written.keys().next().value ?? '');
    await this.#api.request('POST', path, { body: eventOf(name, waiting) });
    this.#written.set(key, { name, at: waiting.last, count: waiting.count });
  }
}

/** Where an Event of this moment is posted, and what: for those who tell one thing and go. */
export function eventAt(
  subject: Subject,
  notice: Notice,
  at: number,
): { readonly path: string; readonly body: JsonObject } {
  const waiting = { subject, notice, first: at, last: at, count: 1 };
  return { path: eventsPath(subject), body: eventOf(nameOf(keyOf(subject, notice), waiting), waiting) };
}

function eventsPath({ namespace }: Subject): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
}

function keyOf(subject: Subject, notice: Notice): string {
  return [subject.uid, notice.reason, notice.level, notice.message].join('\n');
}

function nameOf(key: string, { subject, first }: Waiting): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 8);
  return `${subject.name.slice(0, 220)}.${first.toString(16)}${hash}`;
}

function eventOf(name: string, { subject, notice, first, last, count }: Waiting): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: subject.namespace },
    involvedObject: {
      ...(subject.kind === undefined
        ? { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' }
        : { apiVersion: 'v1', kind: subject.kind }),
      namespace: subject.namespace,
      name: subject.name,
      uid: subject.uid,
    },
    reason: notice.reason,
    // The API server refuses longer ones.
    message: notice.message.length > 1024 ? `${notice.message.slice(0, 1023)}…` : notice.message,
    type: notice.level === 'warning' ? 'Warning' : 'Normal',
    source: { component: 'plumbline' },
    reportingComponent: 'plumbline',
    firstTimestamp: seconds(first),
    lastTimestamp: seconds(last),
    count,
  };
}

function seconds(instant: number): string {
  return formatInstant(Math.floor(instant / 1000) * 1000).replace('.000Z', 'Z');
}
