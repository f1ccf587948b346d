import type { Change } from './change.ts';
import type { Manifest } from './manifest.ts';
import type { ObjectId, ObjectRef } from './object.ts';

/** The phases of a sync, in their order (Argo CD's names). */
export type SyncPhase = 'PreSync' | 'Sync' | 'PostSync' | 'SyncFail';

/** Why a write that could be made is not made. `until` and `since` are RFC 3339; `on` names what it waits for. */
export type Hold = {
  readonly reason:
    | 'manual-sync'
    | 'no-self-heal'
    | 'prune-disabled'
    | 'prune-needs-confirmation'
    | 'delete-needs-confirmation'
    | 'empty-not-allowed'
    | 'not-permitted'
    | 'shared-object'
    | 'sync-window'
    | 'waits-for-health'
    | 'waits-for-kind'
    | 'waits-for-deletion'
    | 'retry-later'
    | 'gave-up'
    | 'pinned'
    | 'preflight-failed'
    | 'four-eyes'
    | 'depends-on'
    | 'skip-reconcile'
    | 'source-unreachable'
    | 'source-integrity';
  readonly message: string;
  readonly objects: readonly ObjectId[];
  readonly until?: string;
  readonly on?: string;
  /** When it began to wait; the report knows. */
  readonly since?: string;
};

/** One write. */
export type Step =
  | {
      readonly kind: 'apply';
      readonly id: ObjectId;
      readonly ref: ObjectRef;
      readonly manifest: Manifest;
      readonly change: Change;
      readonly phase: SyncPhase;
      readonly wave: number;
      readonly how: 'server-side' | 'client-side' | 'replace' | 'recreate' | 'create';
      readonly hook?: string;
    }
  | {
      readonly kind: 'delete';
      readonly id: ObjectId;
      readonly ref: ObjectRef;
      readonly uid: string;
      readonly phase: SyncPhase;
      readonly wave: number;
      readonly propagation: 'foreground' | 'background' | 'orphan';
      readonly why: 'prune' | 'hook-policy' | 'cascade';
      /** A finalizer that is taken off first: nobody else would. */
      readonly without?: string;
    };

/**
 * What one pass does. `groups` run one after the other, the steps of a group side by side; all of them belong to one
 * wave. `rest` counts the objects of later waves. `complete` is true when nothing is left after these steps and no
 * health has to be waited for.
 */
export type Plan = {
  readonly groups: readonly (readonly Step[])[];
  readonly holds: readonly Hold[];
  readonly rest: number;
  readonly complete: boolean;
  readonly failed: boolean;
};

/** What became of a step. */
export type Outcome = {
  readonly step: Step;
  readonly result: 'done' | 'unchanged' | 'failed' | 'waiting';
  readonly message: string;
  readonly at: string;
};
