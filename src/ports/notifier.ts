import type { Alert, Application } from '../model/index.ts';

/** Everyone who is told of verdicts: webhooks, Git, forges. */
export type Notifier = {
  /** True when anybody listens. Alerts are kept until they are delivered only then. */
  listens(): boolean;
  /**
   * Delivers an alert to everyone who listens and resolves when all of them have it. It may be called again with the
   * same alert (same id) after a crash or a failure. Throws EngineError when somebody has to be tried again.
   */
  deliver(alert: Alert, application: Application): Promise<void>;
  stop(): Promise<void>;
};
