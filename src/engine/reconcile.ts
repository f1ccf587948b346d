// The core: one pass over one application. It reads both worlds, decides, writes at most one wave, and reports.
//
//   desire ─┐
//           ├► see ─► decide ─► operate (plan, carry out) ─► report ─► save
//   live ───┘
import { counts } from '../diff/index.ts';
import { aggregate, type HealthInput } from '../health/index.ts';
import {
  type AppKey,
  type Application,
  asEngineError,
  type EngineError,
  formatInstant,
  type OperationState,
  parseInstant,
  type Report,
} from '../model/index.ts';
import { decide, healsInARow } from '../plan/index.ts';
import { noticesOf, reportOf, resourcesOf, troubleOf } from '../report/index.ts';
import { claim, contest, deniedBy, projectOf, unsettledPrunes } from './allow.ts';
import { type Desired, desire, target, troubleType } from './desire.ts';
import type { Engine } from './engine.ts';
import { finalize } from './finalize.ts';
import type { Next } from './next.ts';
import { operate } from './operate.ts';
import { see, type View } from './see.ts';
import { directivesOf } from './steering.ts';

/** One pass. Throws EngineError after having reported it; the loop decides when to try again. */
export async function reconcile(engine: Engine, key: AppKey): Promise<Next> {
  const app = engine.store.application(key);
  if (app === undefined) return forget(engine, key);
  if (app.deletion !== undefined) return finalize(engine, app);
  if (app.skipReconcile) return {};
  try {
    return await pass(engine, app);
  } catch (thrown) {
    // What it wants is not known while a world is out of reach; for one that cannot be read nobody waits.
    if (asEngineError(thrown).retry === 'never') engine.claims.pass(key);
    throw reportTrouble(engine, app, thrown);
  }
}

async function pass(engine: Engine, app: Application): Promise<Next> {
  const project = projectOf(engine, app);
  const cluster = await engine.clusters.get(app.destination, app.project);
  const desired = await desire(engine, app, cluster, await target(engine, app), app.syncPolicy.options);
  const woken = claim(engine, app, cluster.server, desired);
  const first = await see(engine, app, cluster, desired, { preflight: false, hooks: [] });
  const out = outOf(first);
  contest(engine, app, out);
  const denied = deniedBy(engine, app, project, cluster, desired);
  const now = engine.clock.now();
  if (unsettledPrunes(engine, app, out)) return { again: now + 100, woken };
  const { sources, revisions } = desired;
  const situation = { application: app, report: app.report, sources, revisions, out, denied, now };
  const decision = decide({ ...situation, desired: desired.manifests.length, live: first.ours });
  if (decision.kind === 'rest') {
    const ended =
      app.operation === undefined
        ? app.report?.operation
        : refused(app, decision.holds.map((hold) => hold.message).join('; '), now);
    save(engine, app, desired, first, ended, [...desired.holds, ...decision.holds], driftedOf(app, out));
    return { ...(decision.again === undefined ? {} : { again: decision.again }), woken };
  }
  const state =
    app.operation?.terminate === true ? { ...decision.state, phase: 'Terminating' as const } : decision.state;
  const done = await operate(engine, app, cluster, state, desired);
  const view =
    done.desired === desired ? done.view : await see(engine, app, cluster, desired, { preflight: false, hooks: [] });
  const healing = decision.heals
    ? { attempts: healsInARow(app.report?.healing, now) + 1, at: formatInstant(now) }
    : undefined;
  const drifted = decision.heals ? driftedOf(app, out) : [];
  save(engine, app, desired, view, done.state, [...desired.holds, ...done.holds], drifted, healing);
  if (done.more) return { again: 0, woken };
  return { ...(done.state.retryAt === undefined ? {} : { again: parseInstant(done.state.retryAt) }), woken };
}

function outOf(view: View): View['changes'] {
  return view.changes.filter((change) =>
    counts(change, directivesOf(change.desired ?? change.live ?? { steering: {} })),
  );
}

function save(
  engine: Engine,
  app: Application,
  desired: Desired,
  view: View,
  operation: OperationState | undefined,
  holds: Parameters<typeof reportOf>[0]['holds'],
  drifted: Parameters<typeof noticesOf>[2],
  healing = app.report?.healing,
): void {
  const before = app.report;
  const now = engine.clock.now();
  const { sources, revisions, rendered } = desired;
  const resources = resourcesOf(view.changes, view.hooks, directivesOf);
  const report = reportOf({
    application: app,
    before,
    sources,
    revisions,
    sourceTypes: rendered.sourceTypes,
    desiredDigest: rendered.digest,
    changes: view.changes,
    out: outOf(view),
    resources,
    health: aggregate(healthInputs(view, operation)),
    operation,
    holds,
    findings: rendered.warnings,
    healing,
    now,
  });
  const picked = app.operation !== undefined && operation?.operation.id === app.operation.id;
  if (report === before && !picked && app.refresh === undefined) return;
  engine.store.save(app.key, report, {
    urgency: urgencyOf(before, report),
    ...(picked ? { clearOperation: true } : {}),
    ...(app.refresh === undefined ? {} : { clearRefresh: true }),
  });
  engine.store.notify(app.key, noticesOf(before, report, drifted));
}

// What somebody else changed or deleted since the report that called it Synced.
function driftedOf(app: Application, out: View['changes']): View['changes'] {
  if (app.report?.sync.status !== 'Synced') return [];
  return out.filter((change) => change.kind === 'create' || change.live?.drifted === true);
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

// Bookkeeping of an application that nothing happened to may wait behind everything that people wait for.
function urgencyOf(before: Report | undefined, after: Report): 'now' | 'later' {
  if (before === undefined) return 'now';
  const same =
    before.sync.status === after.sync.status &&
    before.health.status === after.health.status &&
    before.operation?.phase === after.operation?.phase &&
    before.operation?.startedAt === after.operation?.startedAt;
  return same ? 'later' : 'now';
}

// A request that policy forbids is answered at once, with the reason, and does not stay in the way.
function refused(app: Application, message: string, now: number): OperationState | undefined {
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

function reportTrouble(engine: Engine, app: Application, thrown: unknown): EngineError {
  const error = asEngineError(thrown);
  const finding = { type: troubleType(error), message: error.message };
  const now = engine.clock.now();
  const operation = app.operation === undefined ? app.report?.operation : refused(app, error.message, now);
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

function forget(engine: Engine, key: AppKey): Next {
  engine.memos.delete(key);
  return { woken: engine.claims.drop(key) };
}
