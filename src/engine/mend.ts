// Self-heal beside a sync that cannot go on: what its revision does not change is put back when somebody changes it.
import {
  type AppKey,
  type Application,
  type Change,
  formatInstant,
  type ObjectId,
  type OperationState,
  type Outcome,
  type Report,
} from '../model/index.ts';
import { healed, plan } from '../plan/index.ts';
import type { Cluster } from '../ports/index.ts';
import { carryOut } from './carry-out.ts';
import type { Desired } from './desire.ts';
import { type Engine, memoOf } from './engine.ts';
import { see, type View } from './see.ts';
import { directivesOf } from './steering.ts';

/** What a mend leaves behind. `more` is true when a later wave is still to be mended. */
export type Mended = {
  readonly view: View;
  readonly outcomes: readonly Outcome[];
  readonly healing: Report['healing'];
  readonly more: boolean;
};

/** The objects whose manifest is the one that was last known to be live. */
export function provenOf(engine: Engine, key: AppKey, changes: readonly Change[]): ReadonlySet<ObjectId> {
  const { proven } = memoOf(engine, key);
  const same = changes.filter(({ id, desired }) => desired !== undefined && proven.get(id) === desired.digest);
  return new Set(same.map((change) => change.id));
}

/** Writes these objects and nothing else, outside of any operation: the recorded one stays as it is. */
export async function mend(
  engine: Engine,
  app: Application,
  cluster: Cluster,
  desired: Desired,
  view: View,
  objects: readonly ObjectId[],
): Promise<Mended> {
  const healing = app.report?.healing;
  if (objects.length === 0) return { view, outcomes: [], healing, more: false };
  const now = engine.clock.now();
  const only = new Set(objects);
  const state = mendingState(app, desired, now);
  const todo = plan({
    changes: view.changes.filter((change) => only.has(change.id)),
    hooks: [],
    operation: state,
    options: desired.options,
    prune: false,
    directives: directivesOf,
    confirmed: false,
  });
  const outcomes = await carryOut(engine, cluster, desired, state, todo);
  return {
    view: await see(engine, app, cluster, desired, { preflight: false, hooks: [] }),
    outcomes,
    healing: healed(healing, objects, now),
    more: todo.rest > 0,
  };
}

function mendingState(app: Application, desired: Desired, now: number): OperationState {
  return {
    operation: {
      id: `mend-${now.toString(36)}`,
      initiatedBy: { username: '', automated: true },
      revisions: desired.revisions,
      prune: false,
      dryRun: false,
      force: false,
      info: [],
    },
    phase: 'Running',
    message: '',
    startedAt: formatInstant(now),
    retryCount: 0,
    revisions: desired.revisions,
    sources: app.sources,
    results: [],
  };
}
