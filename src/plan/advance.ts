// The recorded operation after a pass: results of its steps, phases of its hooks, its end or its next attempt.
import {
  describe,
  formatInstant,
  type OperationPhase,
  type OperationState,
  type Outcome,
  type Plan,
  type ResourceResult,
} from '../model/index.ts';
import { defaultRetry, retryDelay } from './retry.ts';
import { type Hook, ranAs } from './tasks.ts';

/** Adds what the steps of a pass have come to. */
export function record(state: OperationState, outcomes: readonly Outcome[]): OperationState {
  if (outcomes.length === 0) return state;
  const results = new Map(state.results.map((result) => [keyOf(result), result]));
  for (const outcome of outcomes) {
    const result = resultOf(outcome);
    if (result !== undefined) results.set(keyOf(result), result);
  }
  return { ...state, results: [...results.values()] };
}

/** Reads the phases of running hooks off their objects. One whose object is not there has ended, unless it is `young`. */
export function followHooks(state: OperationState, hooks: readonly Hook[], young = false): OperationState {
  const known = new Map(hooks.map((hook) => [hook.id, hook]));
  let changed = false;
  const results = state.results.map((result) => {
    if (result.hookPhase !== 'Running') return result;
    const hook = known.get(`${result.ref.group}/${result.ref.kind}/${result.ref.namespace}/${result.ref.name}`);
    const object = hook?.live;
    const vanished = object === undefined || !ranAs(object, state, result.syncPhase);
    if (vanished && young) return result;
    const hookPhase = vanished ? vanishedPhase(hook) : hookPhaseOf(object.health?.status);
    if (hookPhase === 'Running') return result;
    changed = true;
    const gone = hookPhase === 'Failed' ? 'it was deleted before its end' : '';
    return { ...result, hookPhase, message: vanished ? gone : (object.health?.message ?? '') };
  });
  return changed ? { ...state, results } : state;
}

// Of a Job that cleans up after itself the end was missed; anything else that goes while it runs was taken away.
function vanishedPhase(hook: Hook | undefined): OperationPhase {
  const runs = /^(Job|Pod|Workflow)$/.test(hook?.manifest.ref.kind ?? '');
  return runs && !/"ttl(SecondsAfterFinished|Strategy)"/.test(hook?.manifest.body ?? '') ? 'Failed' : 'Succeeded';
}

// As in Argo CD (getOperationPhase): what is suspended is not over; a kind without health is done when it is there.
function hookPhaseOf(health: string | undefined): OperationPhase {
  if (health === 'Progressing' || health === 'Missing' || health === 'Suspended') return 'Running';
  return health === 'Degraded' || health === 'Unknown' ? 'Failed' : 'Succeeded';
}

/** The operation after its plan: it goes on, ends, or waits for its next attempt. `now` in ms since the epoch. */
export function conclude(state: OperationState, plan: Plan, now: number): OperationState {
  const at = formatInstant(now);
  if (state.operation.terminate === true || state.phase === 'Terminating') {
    const results = state.results.map(
      (result): ResourceResult =>
        result.hookPhase === 'Running' ? { ...result, hookPhase: 'Failed', message: 'terminated' } : result,
    );
    return { ...state, phase: 'Failed', message: 'operation terminated', finishedAt: at, results };
  }
  const failures = state.results.filter((result) => result.status === 'SyncFailed' || result.hookPhase === 'Failed');
  if (plan.failed || (failures.length > 0 && plan.complete)) return retryOrFail(state, plan, failures, now);
  if (!plan.complete) {
    const waits = plan.holds.find(({ reason }) => reason.startsWith('waits-') || reason.endsWith('-confirmation'));
    const message = waits === undefined ? '' : `waiting: ${waits.message}`;
    return { ...state, phase: 'Running', message };
  }
  const pruned = plan.holds.filter((hold) => hold.reason === 'prune-disabled').length;
  const message = `successfully synced${pruned === 0 ? ' (all tasks run)' : ` (${pruned} left to prune)`}`;
  return { ...state, phase: 'Succeeded', message, finishedAt: at };
}

function retryOrFail(
  state: OperationState,
  plan: Plan,
  failures: readonly ResourceResult[],
  now: number,
): OperationState {
  const message = failureMessage(plan, failures);
  const policy = state.operation.retry ?? (state.operation.initiatedBy.automated ? defaultRetry : undefined);
  const delay = policy === undefined ? undefined : retryDelay(policy, state.retryCount);
  if (delay === undefined) return { ...state, phase: 'Failed', message, finishedAt: formatInstant(now) };
  const retryAt = formatInstant(now + delay);
  return { ...state, phase: 'Running', message, retryCount: state.retryCount + 1, retryAt };
}

function failureMessage(plan: Plan, failures: readonly ResourceResult[]): string {
  const rejected = plan.holds.filter((hold) => hold.reason !== 'prune-disabled');
  const reasons =
    failures.length > 0
      ? failures.map((failure) => `${describe(failure.ref)}: ${failure.message}`)
      : rejected.map((hold) => hold.message);
  const shown = reasons.slice(0, 3).join('; ');
  return reasons.length > 3 ? `${shown}; and ${reasons.length - 3} more` : shown;
}

/** The operation as its next attempt begins: what failed is forgotten, what succeeded is found done. */
export function nextAttempt(state: OperationState): OperationState {
  if (state.retryAt === undefined) return state;
  const { retryAt: _, ...rest } = state;
  return { ...rest, results: state.results.filter(stays) };
}

// Hooks that were called for a failure are called for the next one too.
function stays({ status, hookPhase, syncPhase }: ResourceResult): boolean {
  if (hookPhase === undefined) return status !== 'SyncFailed';
  return hookPhase === 'Succeeded' && syncPhase !== 'SyncFail';
}

/** The operation at these revisions: hooks that ran for others do not count for them. */
export function atRevisions(state: OperationState, revisions: readonly string[]): OperationState {
  if (state.revisions.join() === revisions.join()) return { ...state, revisions };
  return { ...state, revisions, results: state.results.filter(({ hookPhase }) => hookPhase !== 'Succeeded') };
}

function keyOf(result: ResourceResult): string {
  const { group, kind, namespace, name } = result.ref;
  return `${result.syncPhase}/${group}/${kind}/${namespace}/${name}`;
}

function resultOf(outcome: Outcome): ResourceResult | undefined {
  const { step } = outcome;
  const common = { ref: step.ref, message: outcome.message, syncPhase: step.phase, images: [] };
  if (step.kind === 'delete') {
    if (step.why === 'hook-policy') return undefined;
    return { ...common, status: outcome.result === 'failed' ? 'SyncFailed' : 'Pruned' };
  }
  const failed = outcome.result === 'failed';
  if (step.hook === undefined) return { ...common, status: failed ? 'SyncFailed' : 'Synced' };
  return { ...common, status: '', hookType: step.hook, hookPhase: failed ? 'Failed' : 'Running' };
}
