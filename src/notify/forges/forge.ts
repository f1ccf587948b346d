// What every forge can do, in one shape: statuses on commits, reviews of changes, one comment on a change.
import type { Review } from '../../model/index.ts';
import type { ForgeKind } from '../../ports/index.ts';

/** What stands beside a commit. `superseded` is neither good nor bad: a newer commit came first. */
export type CommitStatus = {
  readonly context: string;
  readonly state: 'pending' | 'success' | 'failure' | 'superseded';
  readonly description: string;
  /** '' where there is none. */
  readonly link: string;
};

/** A pull or merge request: what it would bring, and where to. */
export type ChangeRequest = {
  readonly number: number;
  /** Full SHAs. */
  readonly head: string;
  readonly base: string;
  readonly branch: string;
  readonly merged: boolean;
};

/** A repository at its forge. Failures are EngineErrors `forge-unreachable`, `throttled` (both to be tried again) and `forge-denied`. */
export type Forge = {
  readonly kind: ForgeKind;
  setStatus(sha: string, status: CommitStatus): Promise<void>;
  /** Every change that brought the commit, with its approvals. */
  reviewsOf(sha: string): Promise<readonly Review[]>;
  change(number: number): Promise<ChangeRequest>;
  /** The changes that brought the commit. */
  changesOf(sha: string): Promise<readonly number[]>;
  /** Writes the comment of ours that carries `marker`, anew or in place of the old one. */
  comment(number: number, marker: string, markdown: string): Promise<void>;
};
