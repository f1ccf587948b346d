import type { AppKey, CommitRecord, Hold } from '../model/index.ts';

/**
 * How far an application is with a commit:
 * - `converged`: it runs the commit or a descendant of it, Synced and Healthy;
 * - `progressing`: it is on its way (compared to it, syncing, or not healthy yet);
 * - `pending`: its target has the commit, but nobody has looked yet;
 * - `held`: a named hold keeps it back until a person acts, or a time comes;
 * - `stalled`: it cannot converge without a change; the message says what blocks it;
 * - `not-targeted`: it follows the repository, but its target revision does not contain the commit.
 */
export type CommitVerdict = 'converged' | 'progressing' | 'pending' | 'held' | 'stalled' | 'not-targeted';

/** One application's state with respect to a commit. */
export type CommitApplication = {
  readonly key: AppKey;
  readonly repo: string;
  /** The full SHA that was asked about, as this repository resolves it. */
  readonly commit: string;
  readonly verdict: CommitVerdict;
  /** What the target revision is now. */
  readonly target: string;
  /** What the application was last compared to, '' when never. */
  readonly compared: string;
  readonly message: string;
  /** Stalled, but at an earlier look: whether this commit stalls too is known when the engine has looked again. */
  readonly unsure?: boolean;
  /** The engine was asked to look again, and has not yet. */
  readonly refreshing?: boolean;
  readonly holds: readonly Hold[];
  /** The environment it is in, once it was judged there. */
  readonly environment?: string;
  /** The record of what the application was last compared to: this commit, or one after it. */
  readonly record?: CommitRecord;
};

/** All applications that follow a repository which has the commit. */
export type CommitState = {
  readonly asked: string;
  readonly applications: readonly CommitApplication[];
};
