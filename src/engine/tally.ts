// The verdicts as numbers: how long commits take, and the four DORA figures.
import {
  type Alert,
  type Application,
  alertKinds,
  type OperationState,
  parseInstant,
  type VerdictState,
} from '../model/index.ts';
import type { Metrics } from '../ports/index.ts';

/**
 * Begins the counters of alerts and of these environments at zero: Prometheus tells the increase of a counter only from
 * the first value that it has seen.
 */
export function beginTally(metrics: Metrics, environments: Iterable<string>): void {
  for (const kind of alertKinds) metrics.count('plumbline_alerts_total', { kind }, 0);
  for (const environment of environments) {
    metrics.count('plumbline_deployments_total', { environment }, 0);
    metrics.count('plumbline_change_failures_total', { environment }, 0);
  }
}

/** Counts what a pass had to tell. `before` is the verdict that the pass found. Times in seconds. */
export function tally(metrics: Metrics, before: VerdictState | undefined, alerts: readonly Alert[]): void {
  for (const { kind, at, record } of alerts) {
    const labels = { environment: record.environment };
    metrics.count('plumbline_alerts_total', { kind });
    if (kind === 'committed') beginTally(metrics, [record.environment]);
    if (kind === 'converged') {
      metrics.count('plumbline_deployments_total', labels);
      const since = record.stages.committed ?? record.stages.seen;
      metrics.observe('plumbline_commit_to_converged_seconds', secondsBetween(since, at), labels);
    }
    // A change has failed when it could not converge, or when somebody went back from it; once.
    const goesBack = kind === 'committed' && record.rollback && before?.record.outcome !== 'stalled';
    if ((kind === 'stalled' && record.outcome === 'stalled') || goesBack) {
      metrics.count('plumbline_change_failures_total', labels);
    }
    if (kind === 'recovered' && before?.troubledSince !== undefined) {
      metrics.observe('plumbline_time_to_restore_seconds', secondsBetween(before.troubledSince, at), labels);
    }
  }
}

/** Counts a sync that has ended in this pass, under Argo CD's names. `before` is the operation that the pass found. */
export function tallySync(
  metrics: Metrics,
  app: Application,
  server: string,
  before: OperationState | undefined,
  after: OperationState | undefined,
): void {
  if (after?.finishedAt === undefined || after === before) return;
  const same = before?.operation.id === after.operation.id && before.startedAt === after.startedAt;
  if (same && before.finishedAt !== undefined) return;
  const labels = { namespace: app.namespace, name: app.name, project: app.project, dest_server: server };
  metrics.count('argocd_app_sync_total', { ...labels, phase: after.phase, dry_run: String(after.operation.dryRun) });
  const seconds = secondsBetween(after.startedAt, after.finishedAt);
  metrics.count('argocd_app_sync_duration_seconds_total', labels, seconds);
}

// The clock of whoever committed may be ahead of ours.
function secondsBetween(since: string | undefined, at: string): number {
  const ms = parseInstant(at) - parseInstant(since);
  return Number.isFinite(ms) ? Math.max(0, ms) / 1_000 : 0;
}
