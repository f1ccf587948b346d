// The core: one pass over one application. It reads both worlds, decides, writes at most one wave, and reports.
//
//   desire ─┐
//           ├► see ─► decide ─► operate (plan, carry out) ─► publish (report, verdict)
//   live ───┘
import { type AppKey, type Application, asEngineError, parseInstant } from '../model/index.ts';
import { decide, healed } from '../plan/index.ts';
import { claim, contest, deniedBy, passOver, unsettledPrunes } from './allow.ts';
import { gatesOf } from './depend.ts';
import { desire, target } from './desire.ts';
import { type Engine, memoOf } from './engine.ts';
import { finalize } from './finalize.ts';
import type { Admitted } from './four-eyes.ts';
import { admit } from './integrity.ts';
import { mend, provenOf } from './mend.ts';
import type { Next } from './next.ts';
import { operate } from './operate.ts';
import { projectOf } from './project.ts';
import { forget, outOf, publish, publishTrouble, refused } from './publish.ts';
import { see, type View } from './see.ts';

/** After so many failures in a row others no longer wait for what an application may want. */
const patience = 2;

/** One pass. Throws EngineError after having reported it; the loop decides when to try again. */
export async function reconcile(engine: Engine, key: AppKey): Promise<Next> {
  const app = engine.store.application(key);
  if (app === undefined) return forget(engine, key);
  if (app.deletion !== undefined) return finalize(engine, app);
  if (app.skipReconcile) return {};
  try {
    return await pass(engine, app);
  } catch (thrown) {
    const error = asEngineError(thrown);
    // What it wants is not known while a world is out of reach; but nobody waits for it for ever.
    if (error.retry === 'never' || memoOf(engine, key).failures >= patience) await passOver(engine, app, error);
    throw publishTrouble(engine, app, thrown);
  }
}

async function pass(engine: Engine, app: Application): Promise<Next> {
  const project = projectOf(engine, app);
  const cluster = await engine.clusters.get(app.destination, app.project);
  const desired = await desire(engine, app, cluster, await target(engine, app), app.syncPolicy.options);
  const woken = claim(engine, app, cluster.server, desired);
  const seen = await see(engine, app, cluster, desired, { preflight: false, hooks: [] });
  const out = outOf(seen);
  contest(engine, app, out);
  const now = engine.clock.now();
  if (unsettledPrunes(engine, app, out)) return { again: now + 100, woken };
  const eyes: Admitted = await admit(engine, app, desired, out.length > 0);
  const denied = [...deniedBy(engine, app, project, cluster, desired), ...eyes.holds];
  const { sources, revisions, manifests } = desired;
  const gates = gatesOf(engine, app, revisions);
  const situation = { application: app, report: app.report, sources, revisions, out, denied, gates, now };
  const proven = provenOf(engine, app.key, out);
  const sameContent = app.report?.desiredDigest === desired.rendered.digest;
  const decision = decide({ ...situation, proven, sameContent, desired: manifests.length, live: seen.ours });
  const common = { project, cluster, desired, admission: eyes.admission, healing: app.report?.healing };
  if (decision.kind === 'rest') {
    const operation = decision.ended ?? refused(app, decision.holds.map((hold) => hold.message).join('; '), now);
    const holds = [...desired.holds, ...decision.holds];
    const drifted = driftedOf(app, out);
    const mended = await mend(engine, app, cluster, desired, seen, decision.mends ?? []);
    const next = await publish(engine, app, { ...common, ...mended, operation, holds, drifted });
    return { ...earlier(earlier(next, mended.more ? 0 : decision.again), eyes.again), woken };
  }
  const ending = app.operation?.terminate === true;
  const begun = ending ? { ...decision.state, phase: 'Terminating' as const } : decision.state;
  const done = await operate(engine, app, cluster, begun, desired);
  const { state: operation, outcomes } = done;
  // A sync to another revision than the target does not change what the status compares with.
  const same = done.desired === desired;
  const view = same ? done.view : await see(engine, app, cluster, desired, { preflight: false, hooks: [] });
  const holds = [...desired.holds, ...done.holds];
  const drifted = decision.heals ? driftedOf(app, out) : [];
  const ids = out.map((change) => change.id);
  const healing = decision.heals ? healed(common.healing, ids, now) : common.healing;
  const next = await publish(engine, app, { ...common, view, operation, holds, outcomes, drifted, healing });
  if (done.more) return { again: 0, woken };
  return { ...earlier(next, operation.retryAt === undefined ? undefined : parseInstant(operation.retryAt)), woken };
}

function earlier(next: Next, at: number | undefined): Next {
  if (at === undefined || (next.again !== undefined && next.again <= at)) return next;
  return { ...next, again: at };
}

// What somebody else changed or deleted since the report that called it Synced.
function driftedOf(app: Application, out: View['changes']): View['changes'] {
  if (app.report?.sync.status !== 'Synced') return [];
  return out.filter((change) => change.kind === 'create' || change.live?.drifted === true);
}
