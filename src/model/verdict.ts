import type { AppKey } from './app-key.ts';
import type { FieldChange } from './live.ts';
import type { ObjectRef } from './object.ts';

/** The steps of a commit on its way to being live, in their order. */
export type Stage = 'committed' | 'seen' | 'rendered' | 'firstWrite' | 'applied' | 'healthy';

/** How a commit ended in an environment; `open` while it has not. */
export type VerdictOutcome = 'open' | 'converged' | 'stalled' | 'superseded';

/** An object that a commit changed. */
export type ChangedObject = {
  readonly ref: ObjectRef;
  readonly how: 'created' | 'updated' | 'deleted';
  /** JSON pointers of the fields that changed; values are not kept. */
  readonly fields: readonly string[];
};

/** What is known of one commit in one environment for one application: the unit of proof. */
export type CommitRecord = {
  readonly environment: string;
  readonly application: AppKey;
  readonly repository: string;
  readonly path: string;
  readonly revisions: readonly string[];
  /** Hash of everything that is desired at these revisions. */
  readonly digest: string;
  /** RFC 3339 by stage; a stage that was not reached is absent. */
  readonly stages: Readonly<Partial<Record<Stage, string>>>;
  readonly outcome: VerdictOutcome;
  readonly endedAt?: string;
  readonly author?: string;
  readonly message?: string;
  readonly approvedBy?: readonly string[];
  /** Who answered for a change that was not proven, until when, and why. */
  readonly breakGlass?: string;
  readonly changes: readonly ChangedObject[];
  /** The revisions that were live before. */
  readonly before: readonly string[];
  /** True when these revisions, or others that desire the same (`git revert`), were live before the ones before. */
  readonly rollback: boolean;
  /** Stalled: what blocks, and what a person can do. */
  readonly blocked?: { readonly what: string; readonly object?: ObjectRef; readonly advice: string };
};

/** What is told, in the words of the mission. */
export const alertKinds = ['committed', 'diff', 'converged', 'stalled', 'recovered', 'break-glass'] as const;
/** One of them. */
export type AlertKind = (typeof alertKinds)[number];

/** One alert on its way to everyone who listens. `id` makes delivering it twice harmless. */
export type Alert = {
  readonly id: string;
  readonly kind: AlertKind;
  readonly at: string;
  readonly record: CommitRecord;
  /** Diff: what differs, with who changed it and when. */
  readonly differences: readonly { readonly ref: ObjectRef; readonly fields: readonly FieldChange[] }[];
  readonly message: string;
  /** Stalled: events of the object that blocks and last lines of its pods' logs, as of the delivery. */
  readonly symptoms?: readonly string[];
};

/** What is remembered between passes to tell transitions once, and alerts that were not delivered yet. */
export type VerdictState = {
  readonly record: CommitRecord;
  /** Since when the application differs, RFC 3339; absent while it does not. */
  readonly differsSince?: string;
  readonly lastDiffAt?: string;
  /** Since when it is Synced and Healthy without a difference; absent while it is not. */
  readonly quietSince?: string;
  readonly stalled: boolean;
  /** Oldest first. */
  readonly outbox: readonly Alert[];
  /** Revisions that were live earlier, newest first, at most ten. */
  readonly lived: readonly (readonly string[])[];
  /** Digests of what was desired where it lived, newest first, at most ten. */
  readonly livedDigests?: readonly string[];
  /** Newer revisions than the record's that change nothing of the application: it is where they want it to be. */
  readonly reached?: readonly string[];
  /** Since when a person is needed or a difference was told, RFC 3339; absent while all is well. */
  readonly troubledSince?: string;
  /** Records that ended before this one and are not known to be kept yet, oldest first, at most twenty. */
  readonly ended?: readonly CommitRecord[];
  /** The revisions that were last proven to be seen by enough people, or answered for. */
  readonly admitted?: readonly string[];
};

/** Why a change may be written where every commit has to be seen by several people. */
export type Admission = {
  readonly revisions: readonly string[];
  readonly approvedBy: readonly string[];
  /** Break-glass: who answers for it, until when, and why. */
  readonly breakGlass?: string;
};

/** What proves who wrote a record: Ed25519 over its canonical JSON. */
export type RecordSignature = {
  /** Names the key: the first 16 hex digits of the hash of its public half. */
  readonly keyId: string;
  /** Base64. */
  readonly value: string;
};

/** A record as it is kept, with the signature that it was given. */
export type SignedRecord = { readonly record: CommitRecord; readonly signature?: RecordSignature };

/** When alerts are sent; times in ms. */
export type VerdictRules = {
  readonly environment: string;
  /** A difference that lasts this long is told. */
  readonly diffAfter: number;
  /** And told again this often; 0 is never. */
  readonly diffEvery: number;
  /** Synced and Healthy for this long is converged. */
  readonly quietFor: number;
  /** Not converged after this long is stalled, even when nothing says so; 0 is never. */
  readonly stalledAfter: number;
  /** Alerts before this time (RFC 3339) are kept back: a silent time. Converged and recovered are never. */
  readonly silentUntil?: string;
};

/** What suits a newcomer. */
export const defaultVerdictRules: Omit<VerdictRules, 'environment'> = {
  diffAfter: 60_000,
  diffEvery: 900_000,
  quietFor: 5_000,
  stalledAfter: 600_000,
};
