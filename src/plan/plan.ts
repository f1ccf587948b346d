// The plan of one pass: the steps of the first wave that is not finished, and why everything else waits.
import { describe, type Hold, type Plan, type Step, type SyncPhase } from '../model/index.ts';
import { inTiers } from './kind-order.ts';
import { hookFinalizer, type Progress, progressOf, type Task, type TaskInput, tasksOf } from './tasks.ts';

type Judged = { readonly task: Task; readonly progress: Progress; readonly hold?: Hold };

const phases: readonly SyncPhase[] = ['PreSync', 'Sync', 'PostSync'];

/**
 * Plans the next wave of an operation. One wave follows another only when everything in it is done and healthy; the
 * last wave is complete as soon as it is written, unless it holds hooks, which are always waited for.
 *
 *     PreSync wave … → Sync wave … → PostSync wave …   → complete
 *           └──── any failure ────┴→ SyncFail hooks     → failed
 */
export function plan(input: TaskInput): Plan {
  const judged = tasksOf(input).map((task): Judged => ({ task, ...progressOf(input, task) }));
  if (input.operation.phase === 'Terminating') {
    return { groups: stops(judged), holds: [], rest: 0, complete: true, failed: false };
  }
  const ordinary = judged.filter(({ task }) => task.phase !== 'SyncFail');
  const holds = collectHolds(ordinary);
  const waves = wavesOf(ordinary);
  const untouched = input.operation.results.every((result) => result.syncPhase === 'SyncFail');
  if (untouched && ordinary.some(stopsBeforeTheFirstWrite)) {
    return afterFailure(input, judged, holds);
  }
  for (const [index, wave] of waves.entries()) {
    const rest = waves.slice(index + 1).reduce((sum, later) => sum + later.length, 0);
    const failed = wave.filter(({ progress }) => progress === 'failed');
    if (failed.length > 0) {
      return afterFailure(input, judged, [...holds, ...waitingHolds(failed.filter(isDegraded))]);
    }
    const todo = wave.filter(({ progress }) => progress === 'todo');
    if (todo.length > 0) return { groups: groupsOf(input, todo), holds, rest, complete: false, failed: false };
    const blocked = wave.some(({ progress }) => progress === 'blocked');
    const waiting = wave.filter((one) => one.progress === 'running' && (rest > 0 || one.task.kind === 'hook'));
    if (blocked || waiting.length > 0) {
      return { groups: [], holds: [...holds, ...waitingHolds(waiting)], rest, complete: false, failed: false };
    }
  }
  return { groups: cleanUps(judged, 'HookSucceeded'), holds, rest: 0, complete: true, failed: false };
}

// What the preflight found: a sync does not do half of what it cannot finish.
function stopsBeforeTheFirstWrite({ task, progress }: Judged): boolean {
  return progress === 'failed' && task.kind === 'apply' && task.change?.kind !== 'same';
}

// It was written, and does not work.
function isDegraded({ task }: Judged): boolean {
  return task.kind === 'apply' && task.change?.kind === 'same' && task.result?.status !== 'SyncFailed';
}

// After a failure nothing more is written except the hooks that were made for it.
function afterFailure(input: TaskInput, judged: readonly Judged[], holds: readonly Hold[]): Plan {
  const hooks = judged.filter(({ task }) => task.phase === 'SyncFail');
  const todo = hooks.filter(({ progress }) => progress === 'todo');
  if (todo.length > 0) return { groups: groupsOf(input, todo), holds, rest: 0, complete: false, failed: false };
  const open = hooks.filter(({ progress }) => progress === 'running' || progress === 'blocked');
  if (open.length > 0) {
    return { groups: [], holds: [...holds, ...waitingHolds(open)], rest: 0, complete: false, failed: false };
  }
  return { groups: cleanUps(judged, 'HookFailed'), holds, rest: 0, complete: true, failed: true };
}

// A sync that is ended writes nothing more, and leaves no hook running behind it (Argo CD, Terminate).
function stops(judged: readonly Judged[]): readonly (readonly Step[])[] {
  const steps = judged.flatMap(({ task, progress }): readonly Step[] => {
    if (task.kind !== 'hook' || progress !== 'running' || task.live === undefined) return [];
    if (task.live.deletedAt !== undefined) return [];
    const common = { id: task.id, ref: task.ref, phase: task.phase, wave: task.wave, uid: task.live.uid };
    return [{ ...common, ...freed(task), kind: 'delete', propagation: 'background', why: 'hook-policy' }];
  });
  return steps.length === 0 ? [] : [steps];
}

// The objects of ended hooks whose policy says that they go.
function cleanUps(judged: readonly Judged[], otherwise: 'HookSucceeded' | 'HookFailed'): readonly (readonly Step[])[] {
  const steps = judged.flatMap(({ task }): readonly Step[] => {
    if (task.kind !== 'hook' || task.live === undefined || task.live.deletedAt !== undefined) return [];
    const phase = task.result?.hookPhase;
    const policy = phase === 'Succeeded' ? 'HookSucceeded' : phase === undefined ? otherwise : 'HookFailed';
    if (phase === undefined || !task.directives.hookDelete.includes(policy)) return [];
    const common = { id: task.id, ref: task.ref, phase: task.phase, wave: task.wave, uid: task.live.uid };
    return [{ ...common, ...freed(task), kind: 'delete', propagation: 'background', why: 'hook-policy' }];
  });
  return steps.length === 0 ? [] : [steps];
}

function wavesOf(judged: readonly Judged[]): readonly (readonly Judged[])[] {
  const waves: Judged[][] = [];
  for (const phase of phases) {
    const inPhase = judged.filter(({ task }) => task.phase === phase);
    const numbers = [...new Set(inPhase.map(({ task }) => task.wave))].sort((a, b) => a - b);
    for (const wave of numbers) waves.push(inPhase.filter(({ task }) => task.wave === wave));
  }
  return waves;
}

// Within a wave: prunes first, so that names and ports are free, then writes by tiers of kinds (Argo CD, runTasks).
function groupsOf(input: TaskInput, todo: readonly Judged[]): readonly (readonly Step[])[] {
  const tasks = todo.map(({ task }) => task);
  const prunes = tasks.filter((task) => task.kind === 'prune').map((task) => ({ ref: task.ref, task }));
  const applies = tasks.filter((task) => task.kind !== 'prune').map((task) => ({ ref: task.ref, task }));
  const groups = [...inTiers(prunes, true), ...inTiers(applies)];
  return groups.map((group) => group.flatMap(({ task }) => stepsOf(input, task)));
}

function stepsOf(input: TaskInput, task: Task): readonly Step[] {
  const common = { id: task.id, ref: task.ref, phase: task.phase, wave: task.wave };
  if (task.kind === 'prune') {
    const propagation = task.options.prunePropagation;
    return [{ ...common, kind: 'delete', uid: task.live?.uid ?? '', propagation, why: 'prune' }];
  }
  if (task.manifest === undefined) return [];
  if (task.kind === 'hook' && task.live !== undefined) {
    const removal = { uid: task.live.uid, propagation: 'foreground' as const, ...freed(task) };
    return [{ ...common, ...removal, kind: 'delete', why: 'hook-policy' }];
  }
  const change = task.change ?? { id: task.id, ref: task.ref, kind: 'create', desired: task.manifest, fields: [] };
  const how = howToApply(input, task);
  const hook = task.kind === 'hook' ? { hook: task.phase } : {};
  return [{ ...common, kind: 'apply', manifest: task.manifest, change, how, ...hook }];
}

function freed({ live }: Task): { readonly without?: string } {
  return live?.finalizers.includes(hookFinalizer) === true ? { without: hookFinalizer } : {};
}

function howToApply(input: TaskInput, task: Task): Extract<Step, { kind: 'apply' }>['how'] {
  const force = task.options.force || input.operation.operation.force;
  if (force) return 'recreate';
  if (task.options.replace) return 'replace';
  return task.options.serverSideApply ? 'server-side' : 'client-side';
}

function waitingHolds(waiting: readonly Judged[]): readonly Hold[] {
  return waiting.map(({ task }) => {
    const deleting = task.kind === 'prune' || task.live?.deletedAt !== undefined;
    const why = task.live?.health?.message ?? '';
    return {
      reason: deleting ? 'waits-for-deletion' : 'waits-for-health',
      message: `${describe(task.ref)}: ${deleting ? 'is being deleted' : (task.live?.health?.status ?? 'Missing')}${why === '' ? '' : `: ${why}`}`,
      objects: [task.id],
      on: task.id,
    };
  });
}

function collectHolds(judged: readonly Judged[]): readonly Hold[] {
  return judged.flatMap(({ hold }) => (hold === undefined ? [] : [hold]));
}
