import type { AppKey, Change, FieldChange, Hold, ObjectRef } from '../model/index.ts';

/** One object seen from both sides, without the bodies. */
export type ObjectChange = {
  readonly ref: ObjectRef;
  readonly kind: Change['kind'];
  readonly fields: readonly FieldChange[];
  /** File and line, template or base of the manifest; '' when unknown. */
  readonly origin: string;
  /** Why it was rejected, or who owns it. */
  readonly message?: string;
};

/** What a sync would do to an application now. */
export type ApplicationDiff = {
  readonly key: AppKey;
  /** What was compared with the live objects, one per source; empty for manifests that came with the request. */
  readonly revisions: readonly string[];
  readonly changes: readonly ObjectChange[];
  readonly holds: readonly Hold[];
  /** True when any object is not `same`. */
  readonly differs: boolean;
};
