// Plays a sync from its first pass to its end in a world of a few lines, and writes down what each pass does: the
// storyboard that golden folders hold.

import { argocd } from '../../src/dialects/index.ts';
import { compare } from '../../src/diff/index.ts';
import {
  defaultSettings,
  type Health,
  idOf,
  type LiveObject,
  type Manifest,
  type OperationState,
  type Outcome,
  type Prediction,
  type Step,
  type SyncOptions,
} from '../../src/model/index.ts';
import {
  conclude,
  followHooks,
  hookMark,
  hookOperationAnnotation,
  nextAttempt,
  plan,
  record,
  type TaskInput,
} from '../../src/plan/index.ts';

/** One object of a case. `health` is what it says pass by pass once it is live; the last word stays. */
export type GoldenObject = {
  readonly kind: string;
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Live before the sync: `same`, `changed`, or `extra` (live only). Absent: not live. */
  readonly live?: 'same' | 'changed' | 'extra';
  readonly health?: readonly Health['status'][];
  /** The same of what later attempts have made. */
  readonly healthOfRetry?: readonly Health['status'][];
  /** Attempts at which the server refuses the write (`write`), or the dry run (`preflight`), from 1. */
  readonly refused?: { readonly at: 'write' | 'preflight'; readonly attempts: number };
};

/** A case. */
export type GoldenCase = {
  readonly reason: string;
  readonly syncOptions?: readonly string[];
  readonly prune?: boolean;
  readonly retry?: number;
  /** The pass from which on a person has confirmed what asks for it. */
  readonly confirmed?: number;
  readonly objects: readonly GoldenObject[];
};

type Body = { readonly spec: GoldenObject; written: boolean; seen: number; operation: string; attempt: number };

const longest = 40;

/** The storyboard of a case, one line a pass. */
export function storyboard(given: GoldenCase): string {
  const options = optionsOf(given);
  const world = new Map<string, Body>();
  for (const spec of given.objects) {
    if (spec.live !== undefined)
      world.set(spec.name, { spec, written: spec.live === 'same', seen: 9, operation: '', attempt: 0 });
  }
  let state = begin(given);
  const lines: string[] = [];
  for (let pass = 1; pass <= longest; pass += 1) {
    state = nextAttempt(state);
    const confirmed = pass >= (given.confirmed ?? Number.POSITIVE_INFINITY);
    const input = (): TaskInput => ({ ...inputOf(given, world, state, options), confirmed });
    state = followHooks(state, input().hooks);
    const todo = plan(input());
    const outcomes = todo.groups.flatMap((group) => group.map((step) => carryOut(given, world, state, step)));
    state = record(state, outcomes);
    if (outcomes.length > 0) state = followHooks(state, input().hooks, true);
    const left = outcomes.length > 0 ? plan(input()) : todo;
    state = conclude(state, left, pass * 1_000);
    const after = left !== todo && left.complete ? left.groups : [];
    for (const step of after.flat()) carryOut(given, world, state, step);
    lines.push(lineOf(pass, [...todo.groups, ...after], outcomes, left.holds, state));
    if (state.phase !== 'Running') break;
    for (const body of world.values()) body.seen += 1;
  }
  return `${lines.join('\n')}\n`;
}

// The options as an Application states them.
function optionsOf(given: GoldenCase): SyncOptions {
  const spec = { syncPolicy: { syncOptions: [...(given.syncOptions ?? [])] } };
  const resource = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name: 'app' }, spec };
  return argocd.readApplication(resource, { controlNamespace: 'argocd' }).syncPolicy.options;
}

function begin(given: GoldenCase): OperationState {
  const retry = { limit: given.retry ?? 0, delay: 1_000, factor: 2, maxDelay: 9_000, refresh: false };
  const initiatedBy = { username: '', automated: true };
  const base = { revisions: ['r1'], prune: given.prune ?? true, dryRun: false, force: false, info: [], retry };
  return {
    operation: { id: 'op', initiatedBy, ...base },
    phase: 'Running',
    message: '',
    startedAt: '1970-01-01T00:00:00.000Z',
    retryCount: 0,
    revisions: ['r1'],
    sources: [],
    results: [],
  };
}

function inputOf(
  given: GoldenCase,
  world: ReadonlyMap<string, Body>,
  state: OperationState,
  options: TaskInput['options'],
): TaskInput {
  const live = new Map<string, LiveObject>();
  for (const body of world.values()) {
    const object = liveOf(body);
    live.set(idOf(object.ref), object);
  }
  const desired = given.objects.filter((spec) => spec.live !== 'extra').map(manifestOf);
  const isHook = (manifest: Manifest): boolean => argocd.readDirectives(manifest.steering).hooks.length > 0;
  const predictions = new Map<string, Prediction>();
  for (const spec of given.objects) {
    const refused = spec.refused?.at === 'preflight' && state.retryCount < spec.refused.attempts;
    if (refused)
      predictions.set(idOf(refOf(spec)), { kind: 'rejected', message: `${spec.kind} ${spec.name}: refused` });
  }
  const changes = compare({
    manifests: desired.filter((manifest) => !isHook(manifest)),
    live,
    predictions,
    identity: { name: 'app', settings: defaultSettings },
    rules: [],
    directives: (side) => argocd.readDirectives(side.steering),
    wantedBy: () => false,
  });
  const hooks = desired.filter(isHook).map((manifest) => {
    const id = idOf(manifest.ref);
    const object = live.get(id);
    return { id, manifest, ...(object === undefined ? {} : { live: object }) };
  });
  const directives = (side: Parameters<TaskInput['directives']>[0]): ReturnType<TaskInput['directives']> =>
    argocd.readDirectives(side.steering);
  return { changes, hooks, operation: state, options, prune: state.operation.prune, directives, confirmed: false };
}

function refOf(spec: GoldenObject): Manifest['ref'] {
  return { group: '', version: 'v1', kind: spec.kind, namespace: 'n', name: spec.name };
}

function manifestOf(spec: GoldenObject): Manifest {
  const steering = spec.annotations ?? {};
  return { ref: refOf(spec), digest: spec.name, body: '{}', steering, origin: '', source: 0 };
}

function liveOf({ spec, written, seen, operation, attempt }: Body): LiveObject {
  const words = (attempt === 0 ? spec.health : (spec.healthOfRetry ?? spec.health)) ?? [];
  const status = words[Math.min(seen, words.length - 1)];
  const mark: Record<string, string> = operation === '' ? {} : { [hookOperationAnnotation]: operation };
  return {
    ref: refOf(spec),
    uid: spec.name,
    resourceVersion: '1',
    tracking: 'app:x',
    drifted: false,
    ...(written ? { matches: spec.name } : {}),
    ...(status === undefined ? {} : { health: { status } }),
    createdAt: '',
    finalizers: [],
    owners: [],
    steering: { ...spec.annotations, ...mark },
    images: [],
    urls: [],
  };
}

function carryOut(given: GoldenCase, world: Map<string, Body>, state: OperationState, step: Step): Outcome {
  const { name } = step.ref;
  const spec = given.objects.find((one) => one.name === name);
  const outcome = (result: Outcome['result'], message: string): Outcome => ({ step, result, message, at: '' });
  if (step.kind === 'delete') {
    world.delete(name);
    return outcome('done', 'pruned');
  }
  if (spec === undefined) return outcome('failed', 'no such object');
  if (spec.refused?.at === 'write' && state.retryCount < spec.refused.attempts) return outcome('failed', 'refused');
  world.set(name, {
    spec,
    written: true,
    seen: 0,
    operation: step.hook === undefined ? '' : hookMark(state, step.phase),
    attempt: state.retryCount,
  });
  return outcome('done', 'written');
}

function lineOf(
  pass: number,
  groups: readonly (readonly Step[])[],
  outcomes: readonly Outcome[],
  holds: readonly { readonly reason: string; readonly objects: readonly string[] }[],
  state: OperationState,
): string {
  const failed = new Set(outcomes.filter((one) => one.result === 'failed').map((one) => one.step.id));
  const writes = groups.map((group) => group.map((step) => verb(step, failed.has(step.id))).join(' ')).join(' > ');
  const waits = holds.map((hold) => `${hold.reason}(${hold.objects.map((id) => id.split('/').at(-1)).join(' ')})`);
  const retry = state.retryAt === undefined ? '' : ` retry ${state.retryCount}`;
  const parts = [writes === '' ? '-' : writes, ...waits.map((wait) => `[${wait}]`), `${state.phase}${retry}`];
  return `${pass}. ${parts.join('  ')}`;
}

function verb(step: Step, failed: boolean): string {
  const sign = step.kind === 'delete' ? '-' : '+';
  const phase = step.kind === 'apply' && step.hook !== undefined ? `${step.hook}:` : '';
  return `${sign}${phase}${step.ref.name}${failed ? '!' : ''}`;
}
