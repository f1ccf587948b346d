import type { Health } from './health.ts';
import type { ObjectRef } from './object.ts';

/** What is remembered of a live object: facts for the pure rooms, never the object itself. */
export type LiveObject = {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Tracking id or label as found on the object; '' when it has none. */
  readonly tracking: string;
  /**
   * Digest of the manifest that the live object is known to equal in all fields we own. Absent when nothing is known
   * (first sight, restart) and when the object has drifted.
   */
  readonly matches?: string;
  /** True when it was once known to match and our fields have changed since. */
  readonly drifted: boolean;
  readonly health?: Health;
  readonly createdAt: string;
  readonly deletedAt?: string;
  readonly finalizers: readonly string[];
  readonly owners: readonly string[];
  /** Steering annotations, as in Manifest. */
  readonly steering: Readonly<Record<string, string>>;
  readonly images: readonly string[];
  /** Addresses at which people reach it (Ingress, LoadBalancer Service). */
  readonly urls: readonly string[];
};

/** One field that differs. Values are JSON text, masked where the object is a Secret. */
export type FieldChange = {
  /** JSON pointer, RFC 6901. */
  readonly path: string;
  readonly live?: string;
  readonly desired?: string;
  /** Who owns the live value, and since when (RFC 3339), from managedFields. */
  readonly owner?: string;
  readonly since?: string;
};

/** What applying a manifest would do. */
export type Prediction =
  | { readonly kind: 'same' }
  | { readonly kind: 'create' }
  | { readonly kind: 'update'; readonly fields: readonly FieldChange[] }
  /** The kind is not known to the cluster (yet). */
  | { readonly kind: 'unknown-kind' }
  /** Its namespace does not exist (yet). */
  | { readonly kind: 'no-namespace' }
  | { readonly kind: 'rejected'; readonly message: string };
