// One pass of an operation: at most one wave is written, nothing is waited for, and what it came to is recorded.
import {
  type Application,
  formatInstant,
  type Operation,
  type OperationState,
  type Outcome,
  parseInstant,
  type SyncOptions,
} from '../model/index.ts';
import { atRevisions, conclude, followHooks, nextAttempt, plan, record, type TaskInput } from '../plan/index.ts';
import type { Cluster } from '../ports/index.ts';
import { deniedBy } from './allow.ts';
import { carryOut } from './carry-out.ts';
import { arrange, type Desired, desire } from './desire.ts';
import type { Engine } from './engine.ts';
import { hooksOf } from './hooks.ts';
import { admit } from './integrity.ts';
import { localManifests } from './local-manifests.ts';
import { projectOf } from './project.ts';
import { see, type View } from './see.ts';
import { directivesOf } from './steering.ts';

/** What a pass of an operation leaves behind. `more` is true when the next wave can be written at once. */
export type Operated = {
  readonly state: OperationState;
  readonly view: View;
  readonly desired: Desired;
  readonly holds: TaskHolds;
  readonly outcomes: readonly Outcome[];
  readonly more: boolean;
};

type TaskHolds = ReturnType<typeof plan>['holds'];

/** The options of an operation: its own, or the application's. */
export function optionsOf(app: Application, operation: Operation | undefined): SyncOptions {
  return operation?.options ?? app.syncPolicy.options;
}

/** Carries the operation one wave further. Throws EngineError when one of the worlds cannot be read. */
export async function operate(
  engine: Engine,
  app: Application,
  cluster: Cluster,
  begun: OperationState,
  known: Desired,
): Promise<Operated> {
  const options = optionsOf(app, begun.operation);
  const attempt = nextAttempt(begun);
  const asked = await desiredOf(engine, app, cluster, attempt, known, options);
  const { force } = begun.operation;
  const desired = force ? { ...asked, options: { ...asked.options, force } } : asked;
  const forbidden = asked === known ? [] : await notPermitted(engine, app, cluster, desired, attempt);
  if (forbidden.length > 0) return refuse(engine, app, cluster, attempt, known, forbidden);
  const hooks = hooksOf(desired, attempt);
  const look = { preflight: attempt.results.length === 0, hooks };
  let view = await see(engine, app, cluster, desired, look);
  let state = followHooks(atRevisions(attempt, desired.revisions), view.hooks);
  const todo = plan(taskInput(app, desired, view, state));
  const outcomes = await carryOut(engine, cluster, desired, state, todo);
  state = record(state, outcomes);
  if (state.operation.dryRun) return dryRun(engine, state, view, desired, todo);
  if (outcomes.length > 0) {
    view = await see(engine, app, cluster, desired, { preflight: false, hooks });
    // A hook without health is done as soon as it is there; nobody would wake us for it.
    state = followHooks(state, view.hooks, true);
  }
  const left = outcomes.length > 0 ? plan(taskInput(app, desired, view, state)) : todo;
  state = conclude(state, left, engine.clock.now());
  // Hooks whose policy says that they go at the end: their going changes nothing of the outcome.
  if (left !== todo && left.complete) await carryOut(engine, cluster, desired, state, left);
  return {
    state,
    view,
    desired,
    holds: left.holds,
    outcomes,
    more: state.phase === 'Running' && left.groups.length > 0,
  };
}

// What is not the target was not looked at before: another revision, other sources, manifests that came along.
async function notPermitted(
  engine: Engine,
  app: Application,
  cluster: Cluster,
  desired: Desired,
  { operation }: OperationState,
): Promise<TaskHolds> {
  const asked = { ...app, sources: desired.sources };
  const denied = deniedBy(engine, asked, { ...projectOf(engine, app), windows: [] }, cluster, desired);
  if (denied.length > 0 || operation.dryRun) return denied;
  return (await admit(engine, app, { ...desired, local: (operation.manifests?.length ?? 0) > 0 })).holds;
}

async function refuse(
  engine: Engine,
  app: Application,
  cluster: Cluster,
  state: OperationState,
  known: Desired,
  holds: TaskHolds,
): Promise<Operated> {
  const view = await see(engine, app, cluster, known, { preflight: false, hooks: [] });
  const message = holds.map((hold) => hold.message).join('; ');
  const finishedAt = formatInstant(engine.clock.now());
  const ended: OperationState = { ...state, phase: 'Error', message, finishedAt };
  return { state: ended, view, desired: known, holds, outcomes: [], more: false };
}

async function desiredOf(
  engine: Engine,
  app: Application,
  cluster: Cluster,
  state: OperationState,
  known: Desired,
  options: SyncOptions,
): Promise<Desired> {
  const { manifests } = state.operation;
  if (manifests !== undefined && manifests.length > 0) {
    const made = await arrange(engine, app, cluster, localManifests(manifests), options);
    return { ...known, ...made };
  }
  const same = state.revisions.join() === known.revisions.join() && state.operation.sources === undefined;
  if (same && options === known.options) return known;
  const revisions = state.operation.retry?.refresh === true ? [] : state.revisions;
  return desire(engine, app, cluster, { sources: state.sources, revisions, fresh: false }, options);
}

function taskInput(app: Application, desired: Desired, view: View, state: OperationState): TaskInput {
  return {
    changes: view.changes,
    hooks: view.hooks,
    operation: state,
    options: desired.options,
    prune: state.operation.prune,
    directives: directivesOf,
    confirmed: confirmedSince(app, state),
    ...(view.namespace === undefined ? {} : { namespace: view.namespace }),
  };
}

/** The annotation by which a person confirms pruning and deletion (Argo CD). */
const approval = 'argocd.argoproj.io/deletion-approved';

function confirmedSince(app: Application, state: OperationState): boolean {
  const at = parseInstant(app.annotations[approval] ?? '');
  return Number.isFinite(at) && at >= parseInstant(state.startedAt) - 1_000;
}

// A dry run ends in one pass, whatever its waves: nothing it finds changes what comes after.
function dryRun(
  engine: Engine,
  state: OperationState,
  view: View,
  desired: Desired,
  todo: ReturnType<typeof plan>,
): Operated {
  const at = formatInstant(engine.clock.now());
  const refused = view.changes.filter((change) => change.kind === 'rejected' || change.kind === 'foreign');
  const [first] = refused;
  const failed = todo.failed || first !== undefined || state.results.some((one) => one.status === 'SyncFailed');
  const message = failed ? (first?.message ?? 'one or more objects were refused') : 'dry run: nothing was written';
  const ended: OperationState = { ...state, phase: failed ? 'Failed' : 'Succeeded', message, finishedAt: at };
  return { state: ended, view, desired, holds: todo.holds, outcomes: [], more: false };
}
