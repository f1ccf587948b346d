import type { FieldChange, LiveObject } from './live.ts';
import type { Manifest } from './manifest.ts';
import type { ObjectId, ObjectRef } from './object.ts';

/** One object seen from both sides. `prune` marks a live object of ours that is no longer desired. */
export type Change = {
  readonly id: ObjectId;
  readonly ref: ObjectRef;
  readonly kind: 'same' | 'create' | 'update' | 'prune' | 'rejected' | 'unknown-kind' | 'no-namespace' | 'foreign';
  readonly desired?: Manifest;
  readonly live?: LiveObject;
  readonly fields: readonly FieldChange[];
  /** Rejected: what the server said. Foreign: the application that owns it. */
  readonly message?: string;
};
