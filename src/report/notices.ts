// The transitions between two reports that are worth telling, once each.
import {
  type Alert,
  describe,
  type Notice,
  type OperationState,
  type Report,
  type ResourceReport,
} from '../model/index.ts';

/** What has happened between `before` and `after`. `drifted` are the objects that someone else changed. */
export function noticesOf(
  before: Report | undefined,
  after: Report,
  drifted: readonly Pick<ResourceReport, 'ref'>[],
): readonly Notice[] {
  return [
    ...operationNotices(before?.operation, after.operation),
    ...driftNotices(drifted),
    ...statusNotices(before, after),
  ];
}

function operationNotices(before: OperationState | undefined, after: OperationState | undefined): readonly Notice[] {
  if (after === undefined) return [];
  const started = before?.operation.id !== after.operation.id || before.startedAt !== after.startedAt;
  const ended = after.finishedAt !== undefined && (started || before?.finishedAt === undefined);
  const by = after.operation.initiatedBy;
  const who = by.automated ? 'automated sync' : `sync by ${by.username === '' ? 'unknown user' : by.username}`;
  const to = shortRevisions(after.revisions);
  const notices: Notice[] = [];
  // A sync that begins and ends in one pass is told once, by its end.
  if (started && !ended) {
    notices.push(notice('operation-started', 'normal', 'OperationStarted', `${who} to ${to} started`));
  }
  if (ended && after.phase === 'Succeeded') {
    notices.push(notice('operation-succeeded', 'normal', 'OperationCompleted', `${who} to ${to} succeeded`));
  } else if (ended) {
    const message = `${who} to ${to} failed: ${after.message}`;
    notices.push(notice('operation-failed', 'warning', 'OperationCompleted', message));
  }
  return notices;
}

function driftNotices(drifted: readonly Pick<ResourceReport, 'ref'>[]): readonly Notice[] {
  if (drifted.length === 0) return [];
  const names = drifted.slice(0, 3).map((one) => describe(one.ref));
  const more = drifted.length > 3 ? ` and ${drifted.length - 3} more` : '';
  return [notice('drift', 'warning', 'Drifted', `changed in the cluster: ${names.join(', ')}${more}`)];
}

function statusNotices(before: Report | undefined, after: Report): readonly Notice[] {
  const notices: Notice[] = [];
  const [syncWas, syncIs] = [before?.sync.status, after.sync.status];
  if (before !== undefined && syncWas !== syncIs) {
    const level = syncIs === 'Unknown' ? 'warning' : 'normal';
    notices.push(notice('sync-status', level, 'ResourceUpdated', `sync status: ${syncWas} -> ${syncIs}`));
  }
  const [healthWas, healthIs] = [before?.health.status, after.health.status];
  if (before !== undefined && healthWas !== healthIs) {
    const level = healthIs === 'Degraded' || healthIs === 'Unknown' ? 'warning' : 'normal';
    notices.push(notice('health-status', level, 'ResourceUpdated', `health status: ${healthWas} -> ${healthIs}`));
  }
  return notices;
}

/** Alerts as Events: each commit's way in the words of the mission. */
export function alertNotices(alerts: readonly Alert[]): readonly Notice[] {
  return alerts.map(({ kind, message }) => {
    const level = kind === 'diff' || kind === 'stalled' || kind === 'break-glass' ? 'warning' : 'normal';
    return notice(
      'verdict',
      level,
      kind.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      message,
    );
  });
}

function shortRevisions(revisions: readonly string[]): string {
  return revisions.map((one) => (/^[0-9a-f]{40}$/.test(one) ? one.slice(0, 7) : one)).join(', ');
}

function notice(kind: Notice['kind'], level: Notice['level'], reason: string, message: string): Notice {
  return { kind, level, reason, message };
}
