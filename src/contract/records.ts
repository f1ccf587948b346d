import type { AppKey, CommitRecord } from '../model/index.ts';
import type { ObjectChange } from './changes.ts';

/** Which records are asked for; absent fields do not restrict. */
export type RecordFilter = {
  /** Namespace of the applications. */
  readonly namespace?: string;
  readonly keys?: readonly AppKey[];
  readonly environment?: string;
  /** Full or short SHA (or version) of a revision. */
  readonly commit?: string;
  readonly limit?: number;
  /** The notes in Git are read too: they have what the cluster keeps no more. */
  readonly git?: boolean;
};

/** Whether a record is what the engine wrote: `absent` is not there, `unknown-key` is signed by a key that is not published, `unchecked`: the published keys may not be read. */
export type Proof = 'valid' | 'invalid' | 'unsigned' | 'unknown-key' | 'unchecked' | 'absent';

/** A record, and whether it can be trusted. `absent`: it is only in the status of its application, and not signed yet. */
export type RecordView = { readonly record: CommitRecord; readonly proof: Proof };

/**
 * What verifying a commit for an application came to:
 * - `converged`: rendered again from Git it is what was recorded, and it is what is live, field by field;
 * - `tampered-cluster`: it is what should be live, and the cluster differs;
 * - `tampered-note`, `tampered-record`: what was written down is not what the engine signed;
 * - `rendering-differs`: rendered again it is not what was recorded (the application or its tools are others now);
 * - `superseded`: it gave way to a newer commit, before or after it had converged;
 * - `rolled-back`: somebody went back from it;
 * - `stalled`, `open`: it has not converged;
 * - `unproven`: nothing is recorded of it.
 */
export type VerificationResult =
  | 'converged'
  | 'tampered-cluster'
  | 'tampered-note'
  | 'tampered-record'
  | 'rendering-differs'
  | 'superseded'
  | 'rolled-back'
  | 'stalled'
  | 'open'
  | 'unproven';

/** One application's part of a verification. */
export type ApplicationVerification = {
  readonly key: AppKey;
  readonly environment: string;
  readonly result: VerificationResult;
  readonly message: string;
  readonly record?: CommitRecord;
  /** The record that is kept in the cluster, and the one in the note on the commit. */
  readonly kept: Proof;
  readonly note: Proof;
  /** What the rendering from Git gives now, '' where it could not be made. */
  readonly digest: string;
  /** What differs in the cluster; only objects that do. */
  readonly changes: readonly ObjectChange[];
};

/** Whether a commit is what an environment runs, and how that is known. */
export type Verification = {
  readonly asked: string;
  readonly environment: string;
  readonly applications: readonly ApplicationVerification[];
  /** All of them have converged, and nothing speaks against it. */
  readonly proven: boolean;
};
