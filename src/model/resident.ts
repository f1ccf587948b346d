import type { ObjectRef } from './object.ts';

/** A top-level object of a namespace: nothing owns it. */
export type Resident = {
  readonly ref: ObjectRef;
  readonly uid: string;
  /** Name of the application that it says it belongs to, '' for none. */
  readonly tracking: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly resourceVersion: string;
};
