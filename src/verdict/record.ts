// The record of a commit from its first sight: who made it, what it replaces, and whether it goes back.
import { type CommitRecord, formatInstant, sameJson, type VerdictRules, type VerdictState } from '../model/index.ts';
import type { Seen } from './advance.ts';

/** The state for the revisions that a pass has seen: the same record, or a new one after the old was superseded. */
export function beginRecord(before: VerdictState | undefined, seen: Seen, rules: VerdictRules): VerdictState {
  const { report } = seen;
  const revisions = report.sync.revisions;
  const digest = report.desiredDigest ?? '';
  if (before !== undefined && sameJson([...before.record.revisions], [...revisions])) return before;
  // A commit that changes nothing of the application is live where the one before was.
  if (before !== undefined && before.record.digest === digest && before.record.outcome === 'converged') {
    return { ...before, record: { ...before.record, revisions } };
  }
  const record = newRecord(before, seen, rules);
  const lived = before === undefined ? [] : livedAfter(before);
  const outbox = before === undefined ? [] : before.outbox;
  return { record, stalled: false, outbox, lived };
}

function newRecord(before: VerdictState | undefined, seen: Seen, rules: VerdictRules): CommitRecord {
  const { application, report, commit, now } = seen;
  const [source] = report.sync.sources;
  const revisions = report.sync.revisions;
  const at = formatInstant(now);
  return {
    environment: rules.environment,
    application: application.key,
    repository: source?.repoURL ?? '',
    path: source?.path ?? source?.chart ?? '',
    revisions,
    digest: report.desiredDigest ?? '',
    stages: { ...(commit === undefined ? {} : { committed: commit.date }), seen: at, rendered: at },
    outcome: 'open',
    ...(commit === undefined ? {} : { author: commit.author, message: firstLine(commit.message) }),
    ...(seen.approvedBy === undefined ? {} : { approvedBy: seen.approvedBy }),
    changes: [],
    before: before?.record.revisions ?? [],
    rollback: before?.lived.some((one) => sameJson([...one], [...revisions])) ?? false,
  };
}

function livedAfter(before: VerdictState): VerdictState['lived'] {
  if (before.record.outcome !== 'converged') return before.lived;
  return [before.record.revisions, ...before.lived].slice(0, 10);
}

/** Says whose commit it is, and whether it goes back. */
export function whose(record: CommitRecord): string {
  const who = record.author === undefined ? '' : ` by ${record.author}`;
  return `${record.rollback ? 'rollback' : 'commit'}${who} is on its way`;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 200);
}
