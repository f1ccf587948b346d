// Whether a pass syncs: goes on with an operation, starts one, or leaves things as they are for a named reason.
import {
  type Application,
  type Change,
  formatInstant,
  type Hold,
  type Json,
  type ObjectId,
  type Operation,
  type OperationState,
  parseInstant,
  type Report,
  type Source,
  sameJson,
} from '../model/index.ts';
import { defaultRetry, healDue, healsInARow } from './retry.ts';

/** What the decision is made of. `out` are the changes that make the application OutOfSync. */
export type Situation = {
  readonly application: Application;
  readonly report: Report | undefined;
  readonly sources: readonly Source[];
  readonly revisions: readonly string[];
  readonly out: readonly Change[];
  /** Number of manifests, and of live objects of ours. */
  readonly desired: number;
  readonly live: number;
  /** Reasons of policy against any write. */
  readonly denied: readonly Hold[];
  /** Objects whose manifest is the one that was last known to be live. */
  readonly proven: ReadonlySet<ObjectId>;
  /** What is desired now is what was desired at the last pass, under whatever revision. */
  readonly sameContent: boolean;
  /** Reasons against going on to a new revision by itself. */
  readonly gates: readonly Hold[];
  readonly now: number;
};

/**
 * `again` is when to look again, ms since the epoch. `mends` are drifted objects that are put back although the sync of
 * this revision cannot go on: it does not change them.
 */
export type Decision =
  | {
      readonly kind: 'rest';
      readonly holds: readonly Hold[];
      readonly again?: number;
      readonly mends?: readonly ObjectId[];
      /** The operation that ran, at its end. */
      readonly ended?: OperationState;
    }
  | { readonly kind: 'run'; readonly state: OperationState; readonly started: boolean; readonly heals: boolean };

/** Decides. A requested operation comes first, then one that runs, then what the policy automates. */
export function decide(s: Situation): Decision {
  const decision = choose(s);
  if (decision.kind === 'run') return decision;
  // What the project does not allow is told, whether or not there is anything to write.
  const barred = s.denied.filter(({ reason }) => reason === 'not-permitted' || reason === 'source-integrity');
  const told = barred.filter((hold) => !decision.holds.includes(hold));
  return told.length === 0 ? decision : { ...decision, holds: [...told, ...decision.holds] };
}

function forbidden(s: Situation): readonly Hold[] {
  return s.denied.filter((hold) => hold.reason === 'not-permitted');
}

function choose(s: Situation): Decision {
  const running = runningOperation(s.report);
  if (running !== undefined && running.operation.id !== s.application.operation?.id) {
    return s.application.operation === undefined ? goOn(s, running) : start(s, s.application.operation, false);
  }
  if (s.application.operation !== undefined) {
    if (running !== undefined) return goOn(s, running);
    return start(s, s.application.operation, false);
  }
  if (s.out.length === 0) return { kind: 'rest', holds: [] };
  return automatic(s);
}

/** The operation that has not ended, if any. */
export function runningOperation(report: Report | undefined): OperationState | undefined {
  const state = report?.operation;
  return state?.phase === 'Running' || state?.phase === 'Terminating' ? state : undefined;
}

// A newer commit supersedes an automated operation that still waits for something, unless it changes none of its
// objects: then the operation goes on, and is about that commit from now on.
function goOn(s: Situation, running: OperationState): Decision {
  const automated = running.operation.initiatedBy.automated && s.application.syncPolicy.automated !== undefined;
  const moved = !sameJson([...running.revisions], [...s.revisions]);
  // What the newer commit has to wait for does not keep this one from its end.
  if (!automated || !moved || s.gates.length > 0) return attempt(s, running);
  if (!s.sameContent) return s.out.length === 0 ? supersede(s, running) : automatic(s);
  const { revisions } = s;
  return attempt(s, { ...running, revisions, operation: { ...running.operation, revisions } });
}

// The newer commit is live already: nothing is left to do for either of them.
function supersede(s: Situation, running: OperationState): Decision {
  const message = `superseded by ${s.revisions.join(', ')}, which is live already`;
  return { kind: 'rest', holds: [], ended: endedAs(running, 'Failed', message, s.now) };
}

function endedAs(
  running: OperationState,
  phase: OperationState['phase'],
  message: string,
  now: number,
): OperationState {
  const { retryAt: _, ...state } = running;
  return { ...state, phase, message, finishedAt: formatInstant(now) };
}

function attempt(s: Situation, running: OperationState): Decision {
  const [denied] = forbidden(s);
  if (denied !== undefined) {
    return { kind: 'rest', holds: forbidden(s), ended: endedAs(running, 'Error', denied.message, s.now) };
  }
  // A window may close, a project may forbid, while a sync is on its way.
  if (s.denied.length > 0 && s.application.operation?.terminate !== true) return deniedRest(s);
  // Who ends a sync does not wait for its next attempt.
  const waits = running.retryAt !== undefined && s.application.operation?.terminate !== true;
  const due = waits ? parseInstant(running.retryAt ?? '') : 0;
  if (due > s.now && !kindsHaveCome(s)) {
    const hold: Hold = {
      reason: 'retry-later',
      message: `attempt ${running.retryCount} failed: ${running.message}`,
      objects: [],
      ...(running.retryAt === undefined ? {} : { until: running.retryAt }),
    };
    return restAndMend(s, hold, due);
  }
  return { kind: 'run', state: running, started: false, heals: false };
}

// Kinds that the last attempt missed are there now.
function kindsHaveCome(s: Situation): boolean {
  const waited = s.report?.holds.some((hold) => hold.reason === 'waits-for-kind') ?? false;
  return waited && !s.out.some((change) => change.kind === 'unknown-kind');
}

// A sync cannot go on. What it waits for stays in sight, and what has drifted from the state before it still heals.
function restAndMend(s: Situation, hold: Hold, due: number): Decision {
  const unknown = s.out.filter((change) => change.kind === 'unknown-kind');
  const kinds = unknown.map((change): Hold => {
    const message = `${change.ref.kind} ${change.ref.name}: the cluster does not know its kind`;
    return { reason: 'waits-for-kind', message, objects: [change.id] };
  });
  const { mends, again = due } = mending(s);
  return {
    kind: 'rest',
    holds: [hold, ...kinds],
    again: Math.min(due, again),
    ...(mends === undefined ? {} : { mends }),
  };
}

// What this revision leaves as it is and somebody has changed: to be put back now, or when its time comes.
function mending(s: Situation): { readonly mends?: readonly ObjectId[]; readonly again?: number } {
  const drifted = s.out.filter(({ id, kind, live }) => {
    return s.proven.has(id) && (kind === 'create' || (kind === 'update' && live?.drifted === true));
  });
  const allowed = s.application.syncPolicy.automated?.selfHeal === true && s.denied.length === 0;
  if (!allowed || drifted.length === 0) return {};
  const mends = drifted.map((change) => change.id).filter((id) => healDue(s.report?.healing, id, s.now) <= s.now);
  if (mends.length > 0) return { mends };
  return { again: Math.min(...drifted.map(({ id }) => healDue(s.report?.healing, id, s.now))) };
}

function automatic(s: Situation): Decision {
  const automated = s.application.syncPolicy.automated;
  if (automated === undefined) return rest('manual-sync', 'automated sync is off', s.out);
  if (s.denied.length > 0) return deniedRest(s);
  const writes = s.out.filter((change) => change.kind !== 'prune' && change.kind !== 'foreign');
  if (writes.length === 0 && !automated.prune) return rest('prune-disabled', 'automated pruning is off', s.out);
  if (s.desired === 0 && s.live > 0 && !automated.allowEmpty) {
    return rest('empty-not-allowed', 'the source has no objects any more, and allowEmpty is off', s.out);
  }
  if (s.out.every((change) => change.kind === 'foreign')) {
    return rest('shared-object', s.out[0]?.message ?? 'another application owns it', s.out);
  }
  const last = s.report?.operation;
  const same =
    last !== undefined &&
    sameJson([...last.revisions], [...s.revisions]) &&
    sameJson(last.sources as unknown as Json, s.sources as unknown as Json);
  // The new revision waits; what it does not change is kept as it is meanwhile.
  if (!same && s.gates.length > 0) return { kind: 'rest', holds: s.gates, ...mending(s) };
  if (!same) return start(s, automaticOperation(s, automated.prune), true);
  return last.phase === 'Succeeded' ? heal(s, automated) : afterFailure(s, last, automated.prune);
}

function heal(s: Situation, automated: { readonly prune: boolean; readonly selfHeal: boolean }): Decision {
  if (!automated.selfHeal) return rest('no-self-heal', 'self-heal is off', s.out);
  const { healing } = s.report ?? {};
  const fought = s.out.filter((change) => healDue(healing, change.id, s.now) > s.now);
  const [first] = fought;
  if (first === undefined) return start(s, automaticOperation(s, automated.prune), true, true);
  const due = healDue(healing, first.id, s.now);
  const hold: Hold = {
    reason: 'retry-later',
    message: `healed ${healsInARow(healing, s.now)} times in a row: something else writes the same fields`,
    objects: fought.map((change) => change.id),
    until: formatInstant(due),
  };
  return restAndMend(s, hold, due);
}

// A sync that used up its attempts is tried again later all the same: what blocked it may have gone.
function afterFailure(s: Situation, last: OperationState, prune: boolean): Decision {
  const pause = Math.max(600_000, (s.application.syncPolicy.retry ?? defaultRetry).maxDelay);
  const due = parseInstant(last.finishedAt ?? last.startedAt) + pause;
  if (due <= s.now || kindsHaveCome(s)) return start(s, automaticOperation(s, prune), true);
  const hold: Hold = {
    reason: 'gave-up',
    message: `the last sync of this revision failed: ${last.message}`,
    objects: s.out.map((change) => change.id),
    until: formatInstant(due),
  };
  return restAndMend(s, hold, due);
}

function automaticOperation(s: Situation, prune: boolean): Operation {
  return {
    id: `auto-${s.now.toString(36)}`,
    initiatedBy: { username: '', automated: true },
    revisions: s.revisions,
    prune,
    dryRun: false,
    force: false,
    info: [],
    retry: s.application.syncPolicy.retry ?? defaultRetry,
  };
}

function start(s: Situation, operation: Operation, automated: boolean, heals = false): Decision {
  if (!automated && s.denied.length > 0) return deniedRest(s);
  const startedAt = formatInstant(s.now);
  const state: OperationState = {
    operation,
    phase: 'Running',
    message: '',
    startedAt,
    retryCount: 0,
    revisions: operation.revisions.length > 0 && !automated ? operation.revisions : s.revisions,
    sources: operation.sources ?? s.sources,
    results: [],
  };
  return { kind: 'run', state, started: true, heals };
}

// A window opens without anybody telling.
function deniedRest({ denied }: Situation): Decision {
  const times = denied.flatMap(({ until }) => (until === undefined ? [] : [parseInstant(until)]));
  return { kind: 'rest', holds: denied, ...(times.length === 0 ? {} : { again: Math.min(...times) }) };
}

function rest(reason: Hold['reason'], message: string, changes: readonly Change[]): Decision {
  return { kind: 'rest', holds: [{ reason, message, objects: changes.map((change) => change.id) }] };
}
