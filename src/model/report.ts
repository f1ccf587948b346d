import type { Health } from './health.ts';
import type { FieldChange } from './live.ts';
import type { ObjectId, ObjectRef } from './object.ts';
import type { Hold, SyncPhase } from './plan.ts';
import type { Source } from './source.ts';
import type { Operation } from './sync.ts';
import type { VerdictState } from './verdict.ts';

export type SyncStatus = 'Synced' | 'OutOfSync' | 'Unknown';

/** One object of an application, as shown. */
export type ResourceReport = {
  readonly ref: ObjectRef;
  readonly status: SyncStatus | '';
  readonly health?: Health;
  readonly hook: boolean;
  readonly requiresPruning: boolean;
  readonly requiresDeletionConfirmation?: boolean;
  readonly wave: number;
  readonly fields?: readonly FieldChange[];
};

/** Something a person should know; `since` (RFC 3339) changes only when type or message change. */
export type Condition = { readonly type: string; readonly message: string; readonly since: string };

export type OperationPhase = 'Running' | 'Terminating' | 'Failed' | 'Error' | 'Succeeded';

export type ResourceResult = {
  readonly ref: ObjectRef;
  readonly status: '' | 'Synced' | 'SyncFailed' | 'Pruned' | 'PruneSkipped';
  readonly message: string;
  readonly hookType?: string;
  readonly hookPhase?: OperationPhase;
  readonly syncPhase: SyncPhase;
  readonly images: readonly string[];
};

/** A sync that runs or has run. */
export type OperationState = {
  readonly operation: Operation;
  readonly phase: OperationPhase;
  readonly message: string;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly retryCount: number;
  /** When the next attempt is due (RFC 3339). */
  readonly retryAt?: string;
  readonly revisions: readonly string[];
  readonly sources: readonly Source[];
  readonly results: readonly ResourceResult[];
};

export type HistoryEntry = {
  readonly id: number;
  readonly revisions: readonly string[];
  readonly sources: readonly Source[];
  readonly deployedAt: string;
  readonly deployStartedAt: string;
  readonly initiatedBy: { readonly username: string; readonly automated: boolean };
};

/** Self-heals in a row, when the last was (RFC 3339), and the objects that they were about, the first few. */
export type Healing = { readonly attempts: number; readonly at: string; readonly objects?: readonly ObjectId[] };

/** The state of an application after a pass: what is written into its status. */
export type Report = {
  readonly sync: {
    readonly status: SyncStatus;
    readonly revisions: readonly string[];
    readonly sources: readonly Source[];
  };
  readonly health: Health & { readonly since: string };
  readonly resources: readonly ResourceReport[];
  readonly conditions: readonly Condition[];
  readonly operation?: OperationState;
  readonly history: readonly HistoryEntry[];
  readonly summary: {
    readonly images: readonly string[];
    readonly urls: readonly string[];
    readonly isAppOfApps: boolean;
  };
  readonly sourceTypes: readonly string[];
  readonly holds: readonly Hold[];
  readonly reconciledAt: string;
  /** Digest of everything desired, for later proof. */
  readonly desiredDigest?: string;
  readonly healing?: Healing;
  /** The verdict of the newest commit, with the alerts that nobody has yet. */
  readonly verdict?: VerdictState;
};

/** A transition worth telling. */
export type Notice = {
  readonly kind:
    | 'operation-started'
    | 'operation-succeeded'
    | 'operation-failed'
    | 'sync-status'
    | 'health-status'
    | 'drift'
    | 'condition'
    | 'action'
    | 'verdict';
  readonly level: 'normal' | 'warning';
  /** CamelCase reason of the Kubernetes Event. */
  readonly reason: string;
  readonly message: string;
};
