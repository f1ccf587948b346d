import type { Alert, Application } from '../model/index.ts';
import type { ForgeSetting } from './forge.ts';

/** Everyone who is told of verdicts: webhooks, Git, forges. */
export type Notifier = {
  /** True when anybody listens. Alerts are kept until they are delivered only then. */
  listens(): boolean;
  /** The names of those who listen now. */
  listeners(): readonly string[];
  /**
   * Delivers an alert to one of those who listen, and resolves when it has it, does not want it, or is there no more. It
   * may be called again with the same alert (same id) after a crash or a failure. Throws EngineError to be tried again.
   */
  deliver(alert: Alert, application: Application, listener: string): Promise<void>;
  stop(): Promise<void>;
};

/** An address that wants alerts. */
export type WebhookTarget = {
  readonly name: string;
  readonly url: string;
  /** Key of the signature; without one nothing is signed. */
  readonly secret?: string;
  /** Kinds that it wants; all when absent. */
  readonly kinds?: readonly string[];
};

/** Who is told, and how: the `plumbline.*` keys of argocd-cm, with `$key` references into argocd-secret resolved. */
export type NotifySettings = {
  readonly webhooks: readonly WebhookTarget[];
  /** `git notes --ref=plumbline/<environment>` on each commit. */
  readonly notes: boolean;
  /** A branch for each environment that points at the last commit that converged there. */
  readonly refs: boolean;
  /** `plumbline/` makes `refs/heads/plumbline/<environment>`. */
  readonly refPrefix: string;
  /** Commit statuses at the forge of each repository. */
  readonly statuses: boolean;
  /** Address of a page about an application, `{namespace}` and `{name}` filled in; '' is none. */
  readonly link: string;
  /** How many records of commits are kept for each application; 0 keeps none. */
  readonly recordsKeep: number;
  /** Records that ended longer ago, ms, are removed; 0 is never. */
  readonly recordsMaxAge: number;
  /** Comments on pull requests with what became of them. */
  readonly comments: boolean;
  /** Forges under names of their own. */
  readonly forges: readonly ForgeSetting[];
  readonly problems: readonly string[];
};
