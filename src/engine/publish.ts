// The end of a pass: its report, its verdict and its notices, saved and told.
import { counts } from '../diff/index.ts';
import { aggregate, type HealthInput } from '../health/index.ts';
import {
  type Admission,
  type AppKey,
  type Application,
  asEngineError,
  type ChangedObject,
  type EngineError,
  formatInstant,
  type Hold,
  type Json,
  type OperationState,
  type Outcome,
  type Project,
  parseInstant,
  type Report,
  sameJson,
  type VerdictState,
} from '../model/index.ts';
import type { Cluster } from '../ports/index.ts';
import { alertNotices, noticesOf, reportOf, resourcesOf, troubleOf } from '../report/index.ts';
import { admit, advance } from '../verdict/index.ts';
import { missingFinalizers } from './deletion-hooks.ts';
import { type Desired, troubleType } from './desire.ts';
import type { Engine } from './engine.ts';
import { commitOf, misreadAnnotations, rulesOf } from './judge.ts';
import type { Next } from './next.ts';
import type { View } from './see.ts';
import { directivesOf } from './steering.ts';
import { tally, tallySync } from './tally.ts';

/** What a pass has come to. */
export type Passed = {
  readonly project: Project;
  readonly cluster: Cluster;
  readonly desired: Desired;
  readonly view: View;
  readonly operation: OperationState | undefined;
  readonly holds: readonly Hold[];
  readonly outcomes: readonly Outcome[];
  /** What somebody else changed or deleted. */
  readonly drifted: View['changes'];
  readonly healing: Report['healing'];
  /** Why what is new may be written, where somebody has to have seen it. */
  readonly admission?: Admission | undefined;
};

/** The changes that make an application OutOfSync. */
export function outOf(view: View): View['changes'] {
  return view.changes.filter((change) =>
    counts(change, directivesOf(change.desired ?? change.live ?? { steering: {} })),
  );
}

/** Saves and tells. Answers when the verdict wants the application looked at again. */
export async function publish(engine: Engine, app: Application, passed: Passed): Promise<Next> {
  const before = app.report;
  const report = makeReport(engine, app, passed);
  const rules = rulesOf(engine, app, passed.project, passed.cluster);
  const commit = await commitOf(engine, app, report);
  // The courier may have delivered alerts while this pass was under way: what it acknowledged stays acknowledged.
  const verdict = engine.store.application(app.key)?.report?.verdict;
  const judged = advance(
    verdict,
    {
      application: app,
      report,
      out: outOf(passed.view),
      written: writtenBy(passed.outcomes),
      times: { ...passed.desired.times, ...firstWriteOf(passed.outcomes) },
      listened: engine.notifier.listens(),
      now: engine.clock.now(),
      ...(commit === undefined ? {} : { commit }),
    },
    rules,
  );
  const forgotten = judged?.forgotten ?? 0;
  if (forgotten > 0) engine.log.warn('alerts forgotten: nobody takes them', { app: app.key, count: forgotten });
  const telling = { listened: engine.notifier.listens(), now: engine.clock.now() };
  const admitted = judged === undefined ? undefined : admit(verdict, judged.state, passed.admission, telling);
  const final = admitted === undefined ? report : withVerdict(before, report, admitted.state);
  const alerts = [...(judged?.alerts ?? []), ...(admitted?.alerts ?? [])];
  store(engine, app, final, passed.operation);
  const finalizers = missingFinalizers(app, passed.desired);
  if (finalizers.length > 0) await engine.store.guard(app.key, finalizers);
  const notices = [...noticesOf(before, final, passed.drifted), ...alertNotices(alerts)];
  if (notices.length > 0) engine.store.notify(app.key, notices);
  tally(engine.metrics, verdict, alerts);
  tallySync(engine.metrics, app, passed.cluster.server, before?.operation, passed.operation);
  if (final.verdict !== undefined && final.verdict.outbox.length > 0) engine.courier.send(app.key);
  engine.archivist?.look(app.key);
  if (String(before?.sync.revisions) !== String(final.sync.revisions)) engine.locks?.look();
  return judged?.again === undefined ? {} : { again: judged.again };
}

// A verdict that says nothing new keeps a report that says nothing new from being written.
function withVerdict(before: Report | undefined, report: Report, verdict: VerdictState): Report {
  const known = before?.verdict;
  const same = known !== undefined && sameJson(known as unknown as Json, verdict as unknown as Json);
  return same && report === before ? report : { ...report, verdict: same ? known : verdict };
}

function makeReport(engine: Engine, app: Application, passed: Passed): Report {
  const { desired, view, operation } = passed;
  return reportOf({
    application: app,
    before: app.report,
    sources: desired.sources,
    revisions: desired.revisions,
    sourceTypes: desired.rendered.sourceTypes,
    desiredDigest: desired.rendered.digest,
    changes: view.changes,
    out: outOf(view),
    resources: resourcesOf(view.changes, view.hooks, directivesOf),
    health: aggregate(healthInputs(view, operation)),
    operation,
    holds: passed.holds,
    findings: [
      ...desired.rendered.warnings,
      ...view.findings,
      ...misreadAnnotations(engine, app, passed.project),
      ...(engine.orphans?.findings(app, passed.project, passed.cluster) ?? []),
    ],
    healing: passed.healing,
    now: engine.clock.now(),
  });
}

function store(engine: Engine, app: Application, report: Report, operation: OperationState | undefined): void {
  const picked = app.operation !== undefined && operation?.operation.id === app.operation.id;
  if (report === app.report && !picked && app.refresh === undefined) return;
  engine.store.save(app.key, report, {
    urgency: urgencyOf(app.report, report),
    ...(picked ? { clearOperation: true } : {}),
    ...(app.refresh === undefined ? {} : { clearRefresh: true }),
  });
}

function writtenBy(outcomes: readonly Outcome[]): readonly ChangedObject[] {
  return outcomes
    .filter(({ result }) => result === 'done')
    .map(({ step }) => {
      if (step.kind === 'delete') return { ref: step.ref, how: 'deleted', fields: [] };
      const how = step.change.kind === 'create' ? 'created' : 'updated';
      return { ref: step.ref, how, fields: step.change.fields.slice(0, 20).map((field) => field.path) };
    });
}

function firstWriteOf(outcomes: readonly Outcome[]): { readonly firstWrite?: number } {
  const times = outcomes.flatMap(({ result, at }) => (result === 'done' ? [parseInstant(at)] : []));
  return times.length === 0 ? {} : { firstWrite: Math.min(...times) };
}

// While a sync is on its way, what is not there yet has not had its turn.
function healthInputs(view: View, operation: OperationState | undefined): readonly HealthInput[] {
  const pending = operation?.phase === 'Running';
  return view.changes.map((change) => {
    const health = change.live?.health;
    return {
      ref: change.ref,
      exists: change.live !== undefined,
      pending,
      ignored: directivesOf(change.desired ?? change.live ?? { steering: {} }).ignoreHealth,
      ...(health === undefined ? {} : { health }),
    };
  });
}

// Bookkeeping of an application that nothing happened to may wait behind everything that people wait for. So may the
// moment between an automated sync and the health that it leads to: the next report says both in one write.
function urgencyOf(before: Report | undefined, after: Report): 'now' | 'later' {
  if (isOnItsWay(after)) return 'later';
  if (before === undefined) return 'now';
  const same =
    before.sync.status === after.sync.status &&
    before.health.status === after.health.status &&
    before.operation?.phase === after.operation?.phase &&
    before.operation?.startedAt === after.operation?.startedAt;
  return same ? 'later' : 'now';
}

function isOnItsWay({ operation, sync, health }: Report): boolean {
  if (operation?.phase !== 'Succeeded' || !operation.operation.initiatedBy.automated) return false;
  if (operation.results.some((result) => result.hookPhase !== undefined)) return false;
  return sync.status === 'Synced' && health.status === 'Progressing';
}

/** A request that cannot be carried out is answered at once, with the reason, and does not stay in the way. */
export function refused(app: Application, message: string, now: number): OperationState | undefined {
  if (app.operation === undefined) return app.report?.operation;
  return {
    operation: app.operation,
    phase: 'Error',
    message,
    startedAt: formatInstant(now),
    finishedAt: formatInstant(now),
    retryCount: 0,
    revisions: app.operation.revisions,
    sources: app.operation.sources ?? app.sources,
    results: [],
  };
}

/** Reports that a pass could not do its work; what was known stays. */
export function publishTrouble(engine: Engine, app: Application, thrown: unknown): EngineError {
  const error = asEngineError(thrown);
  const finding = { type: troubleType(error), message: error.message };
  const now = engine.clock.now();
  const operation = refused(app, error.message, now);
  const report = troubleOf(app.report, finding, operation, now);
  if (report !== app.report || app.refresh !== undefined) {
    engine.store.save(app.key, report, {
      urgency: 'now',
      ...(app.operation === undefined ? {} : { clearOperation: true }),
      ...(app.refresh === undefined ? {} : { clearRefresh: true }),
    });
    engine.store.notify(app.key, noticesOf(app.report, report, []));
  }
  return error;
}

/** An application that is gone: nothing of it is kept, and those that waited for its objects are woken. */
export function forget(engine: Engine, key: AppKey): Next {
  engine.memos.delete(key);
  engine.archivist?.look(key);
  return { woken: engine.claims.drop(key) };
}
