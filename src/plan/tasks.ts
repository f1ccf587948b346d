// What a sync has to do, object by object, and how far each of it is: recomputed at every pass from live facts and the
// recorded operation, so that there is nothing to resume.
import {
  type Change,
  compareHealth,
  type Directives,
  type Hold,
  type LiveObject,
  type Manifest,
  noDirectives,
  type ObjectId,
  type ObjectRef,
  type OperationState,
  type SyncOptions,
  type SyncPhase,
} from '../model/index.ts';

/** One thing to do. */
export type Task = {
  readonly id: ObjectId;
  readonly ref: ObjectRef;
  readonly kind: 'apply' | 'prune' | 'hook';
  readonly phase: SyncPhase;
  readonly wave: number;
  readonly directives: Directives;
  readonly options: SyncOptions;
  readonly change?: Change;
  readonly manifest?: Manifest;
  readonly live?: LiveObject;
  /** The result of this operation so far, if any. */
  readonly result?: OperationState['results'][number];
};

/** How far a task is. `blocked` is a todo that cannot be started yet. */
export type Progress = 'todo' | 'blocked' | 'running' | 'done' | 'failed' | 'held';

/** A hook: its manifest under the name it has in this operation, and the live object of that name. */
export type Hook = { readonly id: ObjectId; readonly manifest: Manifest; readonly live?: LiveObject };

export type TaskInput = {
  readonly changes: readonly Change[];
  readonly hooks: readonly Hook[];
  readonly operation: OperationState;
  readonly options: SyncOptions;
  readonly prune: boolean;
  readonly directives: (side: { readonly steering: Readonly<Record<string, string>> }) => Directives;
  /** A namespace that is made before everything else. */
  readonly namespace?: Change;
  /** A person has confirmed pruning and deletion that asks for it. */
  readonly confirmed: boolean;
};

/** Every task of an operation. */
export function tasksOf(input: TaskInput): readonly Task[] {
  const results = new Map(input.operation.results.map((result) => [resultKey(result.ref, result.syncPhase), result]));
  const tasks: Task[] = [];
  if (input.namespace !== undefined) tasks.push(withResult(namespaceTask(input, input.namespace), results));
  for (const change of input.changes) {
    if (!selected(input, change.ref)) continue;
    const task = taskOfChange(input, change);
    if (task !== undefined) tasks.push(withResult(task, results));
  }
  // A selective sync runs no hooks (Argo CD).
  if (input.operation.operation.only === undefined && !input.operation.operation.dryRun) {
    for (const hook of input.hooks) for (const task of tasksOfHook(input, hook)) tasks.push(withResult(task, results));
  }
  return mirrorPrunes(tasks);
}

function namespaceTask(input: TaskInput, change: Change): Task {
  const { id, ref, desired, live } = change;
  return {
    id,
    ref,
    kind: 'apply',
    phase: 'PreSync',
    wave: Number.MIN_SAFE_INTEGER,
    directives: noDirectives,
    options: { ...input.options, replace: false, force: false, serverSideApply: true },
    change,
    ...(desired === undefined ? {} : { manifest: desired }),
    ...(live === undefined ? {} : { live }),
  };
}

function taskOfChange(input: TaskInput, change: Change): Task | undefined {
  const directives = input.directives(change.desired ?? change.live ?? { steering: {} });
  if (directives.skip) return undefined;
  const options = { ...input.options, ...directives.options };
  const common = { id: change.id, ref: change.ref, directives, options, change, phase: 'Sync' as const };
  const live = change.live === undefined ? {} : { live: change.live };
  if (change.kind === 'prune') return { ...common, ...live, kind: 'prune', wave: directives.wave };
  if (change.desired === undefined) return undefined;
  return { ...common, ...live, kind: 'apply', wave: directives.wave, manifest: change.desired };
}

function tasksOfHook(input: TaskInput, hook: Hook): readonly Task[] {
  const directives = input.directives(hook.manifest);
  const options = { ...input.options, ...directives.options };
  return directives.hooks.filter(isSyncPhase).map((phase) => ({
    id: hook.id,
    ref: hook.manifest.ref,
    kind: 'hook' as const,
    phase,
    wave: directives.wave,
    directives,
    options,
    manifest: hook.manifest,
    ...(hook.live === undefined ? {} : { live: hook.live }),
  }));
}

function isSyncPhase(phase: string): phase is SyncPhase {
  return phase === 'PreSync' || phase === 'Sync' || phase === 'PostSync' || phase === 'SyncFail';
}

function withResult(task: Task, results: ReadonlyMap<string, OperationState['results'][number]>): Task {
  const result = results.get(resultKey(task.ref, task.phase));
  return result === undefined ? task : { ...task, result };
}

function resultKey(ref: ObjectRef, phase: SyncPhase): string {
  return `${phase}/${ref.group}/${ref.kind}/${ref.namespace}/${ref.name}`;
}

function selected(input: TaskInput, ref: ObjectRef): boolean {
  const only = input.operation.operation.only;
  if (only === undefined) return true;
  return only.some(
    (one) =>
      one.group === ref.group &&
      one.kind === ref.kind &&
      one.name === ref.name &&
      (one.namespace === '' || one.namespace === ref.namespace),
  );
}

// Prunes run in the reverse order of their waves; PruneLast puts one behind everything else (Argo CD, sync waves).
function mirrorPrunes(tasks: readonly Task[]): readonly Task[] {
  const waves = [...new Set(tasks.filter((task) => task.kind === 'prune').map((task) => task.wave))].sort(
    (a, b) => a - b,
  );
  const mirrored = new Map(waves.map((wave, i) => [wave, waves[waves.length - 1 - i] ?? wave]));
  const last = Math.max(0, ...tasks.filter((task) => task.phase === 'Sync').map((task) => task.wave)) + 1;
  return tasks.map((task) => {
    if (task.kind !== 'prune') return task;
    return { ...task, wave: task.options.pruneLast ? last : (mirrored.get(task.wave) ?? task.wave) };
  });
}

/** How far a task is, and what it waits for or why it is held. */
export function progressOf(input: TaskInput, task: Task): { readonly progress: Progress; readonly hold?: Hold } {
  if (task.kind === 'hook') return hookProgress(input, task);
  if (task.kind === 'prune') return pruneProgress(input, task);
  return applyProgress(input, task);
}

function applyProgress(input: TaskInput, task: Task): { readonly progress: Progress; readonly hold?: Hold } {
  const change = task.change;
  if (task.result?.status === 'SyncFailed') return { progress: 'failed' };
  switch (change?.kind) {
    case 'foreign': {
      const hold = holdOn(task, 'shared-object', change.message ?? 'another application owns it');
      return { progress: task.options.failOnSharedResource ? 'failed' : 'held', hold };
    }
    case 'rejected':
      return { progress: 'failed', hold: holdOn(task, 'preflight-failed', change.message ?? 'rejected') };
    case 'unknown-kind':
      return unknownKind(input, task);
    case 'same':
      return { progress: healthProgress(task) };
    default:
      return { progress: 'todo' };
  }
}

// A kind that the same source brings is waited for; any other may only be waited for when the user says so.
function unknownKind(input: TaskInput, task: Task): { readonly progress: Progress; readonly hold?: Hold } {
  const kind = `${task.ref.group === '' ? 'v1' : task.ref.group}/${task.ref.kind}`;
  const hold = holdOn(task, 'waits-for-kind', `the cluster does not know ${kind}`);
  return {
    progress: bringsKind(input, task.ref) || task.options.skipDryRunOnMissingResource ? 'blocked' : 'failed',
    hold,
  };
}

function bringsKind(input: TaskInput, ref: ObjectRef): boolean {
  return input.changes.some(
    ({ desired }) =>
      desired?.ref.kind === 'CustomResourceDefinition' &&
      desired.ref.name.endsWith(`.${ref.group}`) &&
      desired.body.includes(`"${ref.kind}"`),
  );
}

function healthProgress(task: Task): Progress {
  const health = task.live?.health;
  if (health === undefined || task.directives.ignoreHealth) return 'done';
  if (compareHealth(health.status, 'Suspended') <= 0) return 'done';
  return health.status === 'Degraded' ? 'failed' : 'running';
}

function pruneProgress(input: TaskInput, task: Task): { readonly progress: Progress; readonly hold?: Hold } {
  if (task.live?.deletedAt !== undefined) return { progress: 'running' };
  if (task.result?.status === 'SyncFailed') return { progress: 'failed' };
  if (!input.prune || task.options.prune === 'no') {
    return { progress: 'held', hold: holdOn(task, 'prune-disabled', 'pruning is off') };
  }
  if (task.options.prune === 'confirm' && !input.confirmed) {
    // The operation waits for it, so that the answer does not need another one.
    return { progress: 'blocked', hold: holdOn(task, 'prune-needs-confirmation', 'pruning it needs a confirmation') };
  }
  return { progress: 'todo' };
}

// A hook is done by its result, not by its object: an object that vanished after its success stays a success.
function hookProgress(input: TaskInput, task: Task): { readonly progress: Progress; readonly hold?: Hold } {
  if (task.result?.hookPhase === 'Succeeded') return { progress: 'done' };
  if (task.result?.hookPhase === 'Failed' || task.result?.hookPhase === 'Error') return { progress: 'failed' };
  const mine = ranAs(task.live, input.operation, task.phase);
  if (task.live !== undefined && mine) {
    const suspended = task.live.health?.status === 'Suspended';
    return { progress: suspended ? 'running' : healthProgress(task) };
  }
  if (task.live !== undefined) {
    const hold = holdOn(task, 'waits-for-deletion', 'the object of an earlier run has to go first');
    const stuck = task.live.finalizers.includes(hookFinalizer);
    return task.live.deletedAt === undefined || stuck ? { progress: 'todo' } : { progress: 'blocked', hold };
  }
  if (task.result?.hookPhase === 'Running') return { progress: 'done' };
  return { progress: 'todo' };
}

/** Argo CD's finalizer on the objects of hooks; where Argo CD runs no more, nobody else takes it off. */
export const hookFinalizer = 'argocd.argoproj.io/hook-finalizer';

/** Marks the object of a hook with what ran it. */
export const hookOperationAnnotation = 'plumbline.dev/operation';

/** The value of that mark: a hook may run in several phases, and what failed runs again in the next attempt. */
export function hookMark({ operation, retryCount }: OperationState, phase: SyncPhase): string {
  return `${operation.id}/${phase}${retryCount === 0 ? '' : `/${retryCount}`}`;
}

/** True when the live object of a hook was made for this phase of the operation. */
export function ranAs(live: LiveObject | undefined, operation: OperationState, phase: SyncPhase): boolean {
  return live?.steering[hookOperationAnnotation] === hookMark(operation, phase);
}

function holdOn(task: Task, reason: Hold['reason'], why: string): Hold {
  return { reason, message: `${task.ref.kind} ${task.ref.name}: ${why}`, objects: [task.id] };
}
