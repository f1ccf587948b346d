// Tells every service of every alert. One service that fails keeps none of the others from hearing.
import { type Alert, type Application, asEngineError, EngineError } from '../model/index.ts';
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
  // By alert: the services that have it already, while others are tried again.
  const told = new Map<string, Set<string>>();
  const tellOne = async (
    service: Service,
    alert: Alert,
    application: Application,
  ): Promise<EngineError | undefined> => {
    const done = told.get(alert.id) ?? new Set<string>();
    told.set(alert.id, done);
    if (done.has(service.name) || !service.wants(alert, application)) return undefined;
    try {
      await service.tell(alert, application);
      metrics.count('plumbline_notifications_total', { service: service.name, outcome: 'delivered' });
    } catch (thrown) {
      const error = asEngineError(thrown);
      metrics.count('plumbline_notifications_total', { service: service.name, outcome: 'failed' });
      log.warn('notification failed', {
        service: service.name,
        alert: alert.id,
        code: error.code,
        error: error.message,
      });
      if (error.retry !== 'never') return error;
    }
    done.add(service.name);
    return undefined;
  };
  return {
    listens: () => services().length > 0,
    async deliver(alert, application) {
      const failures = await Promise.all(services().map((service) => tellOne(service, alert, application)));
      const [first] = failures.filter((failure) => failure !== undefined);
      if (first !== undefined) throw new EngineError(first.code, first.message, { retry: 'backoff', cause: first });
      told.delete(alert.id);
    },
    stop: async () => told.clear(),
  };
}
