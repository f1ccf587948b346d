// Hooks of a deletion: PreDelete before the first object goes, PostDelete after the last one has gone.
//
// They run by the same plan as the hooks of a sync: a deletion is an operation without objects. One that fails holds the
// deletion until it runs again (plan/again.ts).
import {
  type Application,
  type Directives,
  describe,
  formatInstant,
  type Json,
  type OperationState,
  sameJson,
} from '../model/index.ts';
import { againAt, anew, followHooks, type Hook, plan, record, type TaskInput } from '../plan/index.ts';
import type { Cluster } from '../ports/index.ts';
import { deniedBy } from './allow.ts';
import { carryOut } from './carry-out.ts';
import { type Desired, desire, target } from './desire.ts';
import type { Engine } from './engine.ts';
import { hooksOf } from './hooks.ts';
import { admit } from './integrity.ts';
import { projectOf } from './project.ts';
import { see } from './see.ts';
import { directivesOf } from './steering.ts';

/** Finalizers that Argo CD puts on applications with such hooks, so that they outlive the request to delete. */
export const deletionFinalizers = {
  PreDelete: 'pre-delete-finalizer.argocd.argoproj.io',
  PostDelete: 'post-delete-finalizer.argocd.argoproj.io',
} as const;

/** A phase of a deletion. */
export type DeletionPhase = keyof typeof deletionFinalizers;

/** The finalizers that the application needs for its hooks and does not have yet. */
export function missingFinalizers(app: Application, desired: Pick<Desired, 'hooks'>): readonly string[] {
  const phases = new Set(desired.hooks.flatMap((hook) => directivesOf(hook).hooks));
  return (['PreDelete', 'PostDelete'] as const)
    .filter((phase) => phases.has(phase))
    .map((phase) => deletionFinalizers[phase])
    .filter((finalizer) => !app.finalizers.some((one) => one === finalizer || one.startsWith(`${finalizer}/`)));
}

/** What a phase has come to: `done`, `running` with what it waits for, or `failed` with the reason. */
export type HooksRun = {
  readonly outcome: 'done' | 'running' | 'failed';
  readonly message: string;
  /** Something was written: nobody tells of that but the next look. */
  readonly wrote?: boolean;
  /** When what failed is tried again, ms since the epoch. */
  readonly again?: number;
};

/** Carries the hooks of a phase one step further. Throws EngineError when they cannot be read or written. */
export async function runDeletionHooks(
  engine: Engine,
  app: Application,
  cluster: Cluster,
  phase: DeletionPhase,
): Promise<HooksRun> {
  const finalizer = deletionFinalizers[phase];
  if (!app.finalizers.some((one) => one === finalizer || one.startsWith(`${finalizer}/`))) return done;
  const desired = await desire(engine, app, cluster, await target(engine, app), app.syncPolicy.options);
  const hooks = desired.hooks.filter((hook) => directivesOf(hook).hooks.includes(phase));
  if (hooks.length === 0) return done;
  const only: Desired = { ...desired, manifests: [], hooks, namespace: undefined };
  const barred = await barredBy(engine, app, cluster, only);
  if (barred !== undefined) {
    return { outcome: 'failed', message: `the ${phase} hooks may not run: ${barred}; ${wayOut}` };
  }
  const known = stateOf(engine, app, desired);
  const look = (state: OperationState) =>
    see(engine, app, cluster, only, { preflight: false, hooks: hooksOf(only, state) });
  const before = await look(known);
  const now = engine.clock.now();
  const again = againAt(known, desired.revisions, before.hooks, standsFor[phase]);
  if (again !== undefined && again > now) return failed(known, phase, again);
  const begun = again === undefined ? known : anew(known, desired, standsFor[phase]);
  const view = begun.operation.id === known.operation.id ? before : await look(begun);
  let state = followHooks(begun, view.hooks);
  const todo = plan(inputOf(only, view.hooks, state, phase));
  const outcomes = await carryOut(engine, cluster, only, state, todo);
  state = record(state, outcomes);
  if (todo.failed)
    state = { ...state, phase: 'Failed', message: failureOf(state, phase), finishedAt: formatInstant(now) };
  remember(engine, app, state);
  if (todo.failed)
    return failed(state, phase, againAt(state, desired.revisions, (await look(state)).hooks, standsFor[phase]));
  if (todo.complete) return done;
  const wrote = outcomes.some(({ result }) => result !== 'failed');
  return { outcome: 'running', message: todo.holds[0]?.message ?? `${phase} hooks run`, wrote };
}

// A deletion opens no door that the project keeps shut; its windows are about syncs.
async function barredBy(
  engine: Engine,
  app: Application,
  cluster: Cluster,
  hooks: Desired,
): Promise<string | undefined> {
  const project = { ...projectOf(engine, app), windows: [] };
  const [hold] = [...deniedBy(engine, app, project, cluster, hooks), ...(await admit(engine, app, hooks, false)).holds];
  return hold?.message;
}

const wayOut = 'without its finalizer the application goes all the same';

function failed(state: OperationState, phase: DeletionPhase, again: number | undefined): HooksRun {
  const after = again === undefined || again === Number.POSITIVE_INFINITY ? {} : { again };
  return { outcome: 'failed', message: failureOf(state, phase), ...after };
}

function failureOf(state: OperationState, phase: DeletionPhase): string {
  const bad = state.results.find((result) => result.hookPhase === 'Failed');
  const what = bad === undefined ? `a ${phase} hook` : `the ${phase} hook ${describe(bad.ref)}`;
  return `${what} failed${bad?.message ? `: ${bad.message}` : ''}; ${wayOut}`;
}

const deleting = 'the application is being deleted';
const standsFor = { PreDelete: 'PreSync', PostDelete: 'PostSync' } as const;
const done: HooksRun = { outcome: 'done', message: '' };

function stateOf(engine: Engine, app: Application, desired: Desired): OperationState {
  const id = `delete-${app.deletion?.requestedAt ?? ''}`;
  const known = engine.store.application(app.key)?.report?.operation;
  if (known?.operation.id.split('#')[0] === id) return known;
  return {
    operation: {
      id,
      initiatedBy: { username: '', automated: true },
      revisions: desired.revisions,
      prune: false,
      dryRun: false,
      force: false,
      info: [],
    },
    phase: 'Running',
    message: deleting,
    startedAt: app.deletion?.requestedAt ?? '',
    retryCount: 0,
    revisions: desired.revisions,
    sources: desired.sources,
    results: [],
  };
}

function inputOf(desired: Desired, hooks: readonly Hook[], state: OperationState, phase: DeletionPhase): TaskInput {
  const as = standsFor[phase];
  const directives = (side: Parameters<typeof directivesOf>[0]): Directives => ({ ...directivesOf(side), hooks: [as] });
  return { changes: [], hooks, operation: state, options: desired.options, prune: false, directives, confirmed: true };
}

function remember(engine: Engine, app: Application, operation: OperationState): void {
  const report = engine.store.application(app.key)?.report;
  if (report === undefined || sameJson(report.operation as unknown as Json, operation as unknown as Json)) return;
  engine.store.save(app.key, { ...report, operation }, { urgency: 'now' });
}
