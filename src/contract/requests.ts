import type { JsonObject, Manifest, Operation, SyncOptions } from '../model/index.ts';

/** What to sync, and how; absent fields mean what the application itself says. */
export type SyncRequest = {
  /** One per source; for an application with one source, one. */
  readonly revisions?: readonly string[];
  readonly prune?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  /** Only these objects. */
  readonly only?: NonNullable<Operation['only']>;
  readonly options?: Partial<SyncOptions>;
  readonly retry?: NonNullable<Operation['retry']>;
  /** These objects, as JSON, in place of what Git has; refused where automated sync would undo it. */
  readonly manifests?: readonly string[];
  readonly info?: Operation['info'];
  /** Who asks; shown in history. */
  readonly by: string;
};

/** Compares with the live objects: what the application targets, or other revisions, or these manifests. */
export type DiffRequest = {
  readonly revisions?: readonly string[];
  readonly manifests?: readonly Manifest[];
};

/** Back to an entry of the history. */
export type RollbackRequest = {
  /** Absent means the entry before the last one. */
  readonly historyId?: number;
  readonly reason: string;
  readonly prune?: boolean;
  readonly dryRun?: boolean;
  readonly by: string;
};

/** A sync that was asked for; `request` is found again in OperationView. */
export type SyncAnswer = { readonly request: string };

/** What a rollback did. `pinned` is true when automated sync would have undone it, and is held off. */
export type RollbackAnswer = {
  readonly historyId: number;
  readonly revisions: readonly string[];
  readonly pinned: boolean;
  /** As in SyncAnswer. */
  readonly request: string;
};

export type ManifestsRequest =
  | { readonly from: 'live' }
  | { readonly from: 'git'; readonly revisions?: readonly string[] };

/** Objects as JSON; the values of Secrets are masked. */
export type ManifestsAnswer = {
  readonly objects: readonly JsonObject[];
  readonly revisions: readonly string[];
};

export type LogsRequest = {
  /** Only pods below this object; all pods of the application otherwise. */
  readonly kind?: string;
  readonly name?: string;
  readonly container?: string;
  readonly tailLines?: number;
};

/** The log of one container, lines as they came; `error` says why there is none. */
export type PodLog = {
  readonly namespace: string;
  readonly pod: string;
  readonly text: string;
  readonly error?: string;
};
