// Tells the services of alerts, each by itself: one that fails keeps none of the others from hearing.
import { type Alert, type Application, asEngineError } from '../model/index.ts';
import type { Log, Metrics, Notifier } from '../ports/index.ts';

/** One way of telling. */
export type Service = {
  readonly name: string;
  /** False when it is not configured now, or for this application. */
  wants(alert: Alert, application: Application): boolean;
  /** Told at least once; the same alert (same id) may come again. Throws EngineError to be tried again. */
  tell(alert: Alert, application: Application): Promise<void>;
};

/** What a notifier is made of. `services` is asked at each alert: they come and go with the settings. */
export type NotifierOptions = {
  readonly services: () => readonly Service[];
  readonly log: Log;
  readonly metrics: Metrics;
};

/** A failure that no repetition mends is logged, and does not hold back the alerts behind it. */
export function createNotifier({ services, log, metrics }: NotifierOptions): Notifier {
  return {
    listens: () => services().length > 0,
    listeners: () => [...new Set(services().map(({ name }) => name))],
    async deliver(alert, application, listener) {
      const service = services().find(({ name }) => name === listener);
      if (service?.wants(alert, application) !== true) return;
      try {
        await service.tell(alert, application);
        metrics.count('plumbline_notifications_total', { service: listener, outcome: 'delivered' });
      } catch (thrown) {
        const error = asEngineError(thrown);
        metrics.count('plumbline_notifications_total', { service: listener, outcome: 'failed' });
        if (error.retry !== 'never') throw error;
        const { code, message } = error;
        log.warn('alert refused for good', { service: listener, alert: alert.id, code, error: message });
      }
    },
    stop: () => Promise.resolve(),
  };
}
