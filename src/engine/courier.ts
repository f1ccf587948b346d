// Carries alerts from the outboxes of reports to everyone who listens: in order, at least once, across restarts. Each
// listener of each application has a lane of its own: one that is away holds up nobody else. An alert leaves the outbox
// when all of them have it.
import { type Alert, type AppKey, type Application, asEngineError } from '../model/index.ts';
import type { Clock, Clusters, Log, Notifier, Store } from '../ports/index.ts';
import { acknowledge } from '../verdict/index.ts';
import { withSymptoms } from './symptoms.ts';

/** Sends what waits in an application's outbox. */
export type Courier = {
  /** Looks at the outbox of an application now. */
  send(key: AppKey): void;
  /** Resolves when nothing is being delivered. */
  idle(): Promise<void>;
  /** Begins nothing more. What is under way ends by itself. */
  stop(): void;
};

/** What a courier works with. */
export type CourierPorts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly notifier: Notifier;
  readonly clusters: Clusters;
  readonly store: Store;
};

const firstPause = 1_000;
const longestPause = 120_000;
const mostDressed = 100;

/** The alerts of one application on their way to one listener. */
type Lane = { failures: number; running: boolean; waits: boolean; work: Promise<void> };

/** Makes a courier over a started store. Applications whose outbox is not empty are taken up at once. */
export function createCourier(ports: CourierPorts): Courier {
  return new Carrier(ports);
}

class Carrier implements Courier {
  readonly #ports: CourierPorts;
  /** By application and listener. */
  readonly #lanes = new Map<string, Lane>();
  /** By application and alert: who has it. After a restart nobody is known to. */
  readonly #carried = new Map<AppKey, Map<string, Set<string>>>();
  /** By alert: with what is asked of the cluster once. */
  readonly #dressed = new Map<string, Promise<Alert>>();
  #stopped = false;

  constructor(ports: CourierPorts) {
    this.#ports = ports;
    for (const app of ports.store.applications()) if (this.#outbox(app.key).length > 0) this.send(app.key);
  }

  send(key: AppKey): void {
    if (this.#stopped) return;
    for (const listener of this.#ports.notifier.listeners()) this.#run(key, listener);
    // Whoever an alert waited for may listen no more.
    this.#settle(key);
  }

  async idle(): Promise<void> {
    for (;;) {
      const running = [...this.#lanes.values()].filter((lane) => lane.running);
      if (running.length === 0) return;
      await Promise.all(running.map(({ work }) => work));
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  #outbox(key: AppKey): readonly Alert[] {
    return this.#ports.store.application(key)?.report?.verdict?.outbox ?? [];
  }

  #run(key: AppKey, listener: string): void {
    const name = `${key}\n${listener}`;
    const lane = this.#lanes.get(name) ?? { failures: 0, running: false, waits: false, work: Promise.resolve() };
    if (lane.running || lane.waits) return;
    this.#lanes.set(name, lane);
    lane.running = true;
    lane.work = this.#carry(key, listener, lane)
      .then(() => {
        if (!lane.running && !lane.waits && this.#lanes.get(name) === lane) this.#lanes.delete(name);
      })
      .catch((thrown: unknown) => this.#failed(key, listener, lane, thrown));
  }

  // One after the other, until nothing waits for this listener.
  async #carry(key: AppKey, listener: string, lane: Lane): Promise<void> {
    const { notifier, store } = this.#ports;
    while (!this.#stopped) {
      const app = store.application(key);
      const alert = this.#outbox(key).find(({ id }) => this.#carried.get(key)?.get(id)?.has(listener) !== true);
      if (app === undefined || alert === undefined) break;
      await notifier.deliver(await this.#dress(alert, app), app, listener);
      if (this.#stopped) break;
      lane.failures = 0;
      this.#mark(key, alert.id, listener);
      this.#settle(key);
    }
    lane.running = false;
  }

  #failed(key: AppKey, listener: string, lane: Lane, thrown: unknown): void {
    const { clock, log } = this.#ports;
    lane.failures += 1;
    lane.running = false;
    if (this.#stopped) return;
    const { code, message } = asEngineError(thrown);
    log.warn('alert not delivered', { app: key, service: listener, code, error: message, attempts: lane.failures });
    lane.waits = true;
    clock.after(Math.min(longestPause, firstPause * 2 ** Math.min(lane.failures - 1, 10)), () => {
      lane.waits = false;
      this.send(key);
    });
  }

  async #dress(alert: Alert, app: Application): Promise<Alert> {
    if (alert.kind !== 'stalled') return alert;
    const known = this.#dressed.get(alert.id);
    if (known !== undefined) return known;
    const dressed = withSymptoms(this.#ports.clusters, alert, app);
    if (this.#dressed.size >= mostDressed) this.#dressed.clear();
    this.#dressed.set(alert.id, dressed);
    return dressed;
  }

  #mark(key: AppKey, id: string, listener: string): void {
    const carried = this.#carried.get(key) ?? new Map<string, Set<string>>();
    this.#carried.set(key, carried.set(id, (carried.get(id) ?? new Set()).add(listener)));
  }

  // What everybody has leaves the outbox; of what left it, also unsent, nothing is remembered.
  #settle(key: AppKey): void {
    const { notifier, store } = this.#ports;
    const carried = this.#carried.get(key);
    const report = store.application(key)?.report;
    const outbox = report?.verdict?.outbox ?? [];
    const listeners = notifier.listeners();
    const done = outbox.filter(({ id }) => listeners.every((name) => carried?.get(id)?.has(name) === true));
    const gone = new Set(done.map(({ id }) => id));
    if (report?.verdict !== undefined && gone.size > 0) {
      store.save(key, { ...report, verdict: acknowledge(report.verdict, gone) }, { urgency: 'later' });
    }
    const left = new Set(outbox.flatMap(({ id }) => (gone.has(id) ? [] : [id])));
    for (const id of carried?.keys() ?? []) if (!left.has(id)) carried?.delete(id);
    if (carried?.size === 0) this.#carried.delete(key);
    for (const id of gone) this.#dressed.delete(id);
  }
}
