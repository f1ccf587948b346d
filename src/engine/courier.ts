// Carries alerts from the outboxes of reports to everyone who listens: in order, at least once, across restarts.
import { type AppKey, asEngineError } from '../model/index.ts';
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

const firstPause = 1_000;
const longestPause = 300_000;

/** Makes a courier over a started store. Applications whose outbox is not empty are taken up at once. */
export function createCourier(ports: {
  readonly clock: Clock;
  readonly log: Log;
  readonly notifier: Notifier;
  readonly clusters: Clusters;
  readonly store: Store;
}): Courier {
  const { clock, log, notifier, store } = ports;
  const under = new Map<AppKey, Promise<void>>();
  const failures = new Map<AppKey, number>();
  let stopped = false;

  const deliverAll = async (key: AppKey): Promise<void> => {
    while (!stopped) {
      const app = store.application(key);
      const alert = app?.report?.verdict?.outbox[0];
      if (app === undefined || alert === undefined) return;
      await notifier.deliver(await withSymptoms(ports.clusters, alert, app), app);
      if (stopped) return;
      failures.delete(key);
      const report = store.application(key)?.report;
      if (report?.verdict === undefined) return;
      const verdict = acknowledge(report.verdict, new Set([alert.id]));
      store.save(key, { ...report, verdict }, { urgency: 'later' });
    }
  };
  const send = (key: AppKey): void => {
    if (stopped || under.has(key)) return;
    const work = deliverAll(key)
      .catch((thrown: unknown) => {
        const count = (failures.get(key) ?? 0) + 1;
        failures.set(key, count);
        const error = asEngineError(thrown);
        log.warn('alert not delivered', { app: key, code: error.code, error: error.message, attempts: count });
        clock.after(Math.min(longestPause, firstPause * 2 ** Math.min(count - 1, 10)), () => send(key));
      })
      .finally(() => under.delete(key));
    under.set(key, work);
  };
  for (const app of store.applications()) if ((app.report?.verdict?.outbox.length ?? 0) > 0) send(app.key);
  return {
    send,
    async idle() {
      while (under.size > 0) await Promise.all(under.values());
    },
    stop() {
      stopped = true;
    },
  };
}
