// The record of a commit from its first sight: who made it, what it replaces, and whether it goes back.
import {
  type CommitRecord,
  formatInstant,
  type Report,
  sameJson,
  type VerdictRules,
  type VerdictState,
} from '../model/index.ts';
import type { Seen } from './seen.ts';

/** The state for the revisions that a pass has seen: the same record, or a new one after the old was superseded. */
export function beginRecord(before: VerdictState | undefined, seen: Seen, rules: VerdictRules): VerdictState {
  const { report } = seen;
  const revisions = report.sync.revisions;
  const digest = report.desiredDigest ?? '';
  if (before === undefined) return { record: newRecord(before, seen, rules), stalled: false, outbox: [], lived: [] };
  if (sameJson([...runsAt(before)], [...revisions])) return before;
  // A commit that changes nothing of the application is no news of it: it goes the way of the one before.
  if (before.record.digest === digest && digest !== '') return reach(before, revisions);
  return {
    record: newRecord(before, seen, rules),
    stalled: false,
    outbox: before.outbox,
    ...livedAfter(before),
    ended: [...(before.ended ?? []), supersede(before.record, seen.now)].slice(-longestEnded),
    ...(before.troubledSince === undefined ? {} : { troubledSince: before.troubledSince }),
  };
}

/** Records that nobody could keep are forgotten, oldest first, beyond this many. */
const longestEnded = 20;

/** The revisions at which the application is, or wants to be: the record's, or newer ones that change nothing of it. */
export function runsAt(state: VerdictState): readonly string[] {
  return state.reached ?? state.record.revisions;
}

function reach(before: VerdictState, revisions: readonly string[]): VerdictState {
  const { reached: _, ...rest } = before;
  return sameJson([...before.record.revisions], [...revisions]) ? rest : { ...rest, reached: revisions };
}

// What has ended stays as it ended; what was still on its way gives way.
function supersede(record: CommitRecord, now: number): CommitRecord {
  return record.outcome === 'open' ? { ...record, outcome: 'superseded', endedAt: formatInstant(now) } : record;
}

function newRecord(before: VerdictState | undefined, seen: Seen, rules: VerdictRules): CommitRecord {
  const { application, report, commit, now } = seen;
  const [source] = report.sync.sources;
  const revisions = report.sync.revisions;
  const { seen: first, rendered } = seen.times ?? { seen: now, rendered: now };
  const known = { seen: formatInstant(first), rendered: formatInstant(rendered) };
  return {
    environment: rules.environment,
    application: application.key,
    repository: source?.repoURL ?? '',
    path: source?.path ?? source?.chart ?? '',
    revisions,
    digest: report.desiredDigest ?? '',
    stages: { ...(commit === undefined ? {} : { committed: commit.date }), ...known },
    outcome: 'open',
    ...(commit === undefined ? {} : { author: commit.author, message: firstLine(commit.message) }),
    ...(seen.approvedBy === undefined ? {} : { approvedBy: seen.approvedBy }),
    changes: [],
    before: before === undefined ? [] : runsAt(before),
    rollback: before !== undefined && goesBack(before, report),
  };
}

// To revisions that were live, or by a new commit (`git revert`) to what was desired by them.
function goesBack({ lived, livedDigests = [] }: VerdictState, { sync, desiredDigest = '' }: Report): boolean {
  return lived.some((one) => sameJson([...one], [...sync.revisions])) || livedDigests.includes(desiredDigest);
}

function livedAfter(before: VerdictState): Pick<VerdictState, 'lived' | 'livedDigests'> {
  const { record, reached, lived, livedDigests = [] } = before;
  const digests = (more: readonly string[]) => (more.length === 0 ? {} : { livedDigests: more });
  if (record.outcome !== 'converged') return { lived, ...digests(livedDigests) };
  const latest = reached === undefined ? [] : [reached];
  const digest = record.digest === '' ? [] : [record.digest];
  return {
    lived: [...latest, record.revisions, ...lived].slice(0, 10),
    ...digests([...digest, ...livedDigests].slice(0, 10)),
  };
}

/** Says whose commit it is, and whether it goes back. */
export function whose(record: CommitRecord): string {
  const who = record.author === undefined ? '' : ` by ${record.author}`;
  return `${record.rollback ? 'rollback' : 'commit'}${who} is on its way`;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
