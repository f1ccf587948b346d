// The report of a pass: what is written into the application's status, made of what the pass has seen and done.
import {
  type Application,
  type Change,
  formatInstant,
  type Health,
  type Hold,
  type Json,
  type LiveObject,
  type OperationState,
  type Report,
  type ResourceReport,
  type Source,
  type SyncStatus,
  sameJson,
} from '../model/index.ts';
import { conditionsOf, type Finding } from './conditions.ts';
import { historyAfter } from './history.ts';

/** What a pass has seen and done. */
export type Sight = {
  readonly application: Application;
  readonly before: Report | undefined;
  readonly sources: readonly Source[];
  readonly revisions: readonly string[];
  readonly sourceTypes: readonly string[];
  readonly desiredDigest: string;
  readonly changes: readonly Change[];
  /** The changes that make the application OutOfSync. */
  readonly out: readonly Change[];
  readonly resources: readonly ResourceReport[];
  readonly health: Health;
  readonly operation: OperationState | undefined;
  readonly holds: readonly Hold[];
  readonly findings: readonly Finding[];
  readonly healing: Report['healing'];
  readonly now: number;
};

/** The report of a pass that could compare both sides. */
export function reportOf(sight: Sight): Report {
  const { before, now } = sight;
  const status: SyncStatus = sight.out.length === 0 ? 'Synced' : 'OutOfSync';
  const ended =
    sight.operation?.finishedAt !== undefined && before?.operation?.finishedAt !== sight.operation.finishedAt;
  const history = before?.history ?? [];
  const limit = sight.application.revisionHistoryLimit;
  const live = sight.changes.flatMap((change) => (change.live === undefined ? [] : [change.live]));
  const report: Report = {
    sync: { status, revisions: sight.revisions, sources: sight.sources },
    health: { ...sight.health, since: healthSince(sight.health, before, now) },
    resources: sight.resources,
    conditions: conditionsOf(
      [...sight.findings, ...heldFindings(sight.holds), ...sharedFindings(sight)],
      before?.conditions ?? [],
      now,
    ),
    ...(sight.operation === undefined ? {} : { operation: sight.operation }),
    history: ended && sight.operation !== undefined ? historyAfter(history, sight.operation, limit) : history,
    summary: summaryOf(live),
    sourceTypes: sight.sourceTypes,
    holds: stamped(sight.holds, before?.holds ?? [], now),
    reconciledAt: formatInstant(now),
    desiredDigest: sight.desiredDigest,
    ...(sight.healing === undefined ? {} : { healing: sight.healing }),
    ...(before?.verdict === undefined ? {} : { verdict: before.verdict }),
  };
  return keepTime(report, before);
}

/** The report of a pass that could not compare: what was known stays, with the reason. */
export function troubleOf(
  before: Report | undefined,
  finding: Finding,
  operation: OperationState | undefined,
  now: number,
): Report {
  const health: Health = before?.health ?? { status: 'Unknown' };
  const others = (before?.conditions ?? []).filter((condition) => !isTrouble(condition.type));
  const report: Report = {
    sync: { status: 'Unknown', revisions: before?.sync.revisions ?? [], sources: before?.sync.sources ?? [] },
    health: { ...health, since: healthSince(health, before, now) },
    resources: before?.resources ?? [],
    conditions: conditionsOf([...others, finding], before?.conditions ?? [], now),
    ...(operation === undefined ? {} : { operation }),
    history: before?.history ?? [],
    summary: before?.summary ?? { images: [], urls: [], isAppOfApps: false },
    sourceTypes: before?.sourceTypes ?? [],
    holds: before?.holds ?? [],
    reconciledAt: formatInstant(now),
    ...(before?.desiredDigest === undefined ? {} : { desiredDigest: before.desiredDigest }),
    ...(before?.healing === undefined ? {} : { healing: before.healing }),
    ...(before?.verdict === undefined ? {} : { verdict: before.verdict }),
  };
  return keepTime(report, before);
}

/** True for conditions that say that a pass could not do its work. */
export function isTrouble(type: string): boolean {
  return type.endsWith('Error');
}

/** Holds with the time since which each has been there: as long as reason and objects stay, whatever its words. */
export function stamped(holds: readonly Hold[], before: readonly Hold[], now: number): readonly Hold[] {
  if (holds.length === 0) return holds;
  const mark = ({ reason, on, objects }: Hold): string => [reason, on, ...objects].join();
  const known = new Map(before.map((hold) => [mark(hold), hold.since]));
  return holds.map((hold) => ({ ...hold, since: known.get(mark(hold)) ?? formatInstant(now) }));
}

// A pass that found nothing new is not worth a write: the report keeps the time of the last one that did.
function keepTime(report: Report, before: Report | undefined): Report {
  if (before === undefined) return report;
  const same = { ...report, reconciledAt: before.reconciledAt };
  return sameJson(same as unknown as Json, before as unknown as Json) ? before : report;
}

function healthSince(health: Health, before: Report | undefined, now: number): string {
  if (before?.health.status === health.status) return before.health.since;
  return formatInstant(now);
}

const heldTypes: Partial<Record<Hold['reason'], string>> = {
  'gave-up': 'SyncError',
  'preflight-failed': 'SyncError',
  'empty-not-allowed': 'SyncError',
  'not-permitted': 'InvalidSpecError',
  'source-integrity': 'ComparisonError',
  'shared-object': 'SharedResourceWarning',
  'source-unreachable': 'ComparisonWarning',
};

// Said even where nothing is synced.
function sharedFindings({ changes, holds }: Sight): readonly Finding[] {
  if (holds.some(({ reason }) => reason === 'shared-object')) return [];
  return changes
    .filter(({ kind }) => kind === 'foreign')
    .map(({ ref, message = `${ref.kind} ${ref.name}: another application owns it` }) => {
      return { type: 'SharedResourceWarning', message };
    });
}

function heldFindings(holds: readonly Hold[]): readonly Finding[] {
  return holds.flatMap((hold) => {
    const type = heldTypes[hold.reason];
    return type === undefined ? [] : [{ type, message: hold.message }];
  });
}

function summaryOf(live: readonly LiveObject[]): Report['summary'] {
  return {
    images: [...new Set(live.flatMap((object) => object.images))].sort(),
    urls: [...new Set(live.flatMap((object) => object.urls))].sort(),
    isAppOfApps: live.some((object) => object.ref.kind === 'Application' && object.ref.group === 'argoproj.io'),
  };
}
