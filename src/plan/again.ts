// Hooks that run outside of a sync and have failed: when they run again, and how the next attempt begins. A hook that
// failed holds what it was made for; it runs again when Git moves, and when its object is gone: somebody has deleted it,
// its own policy has, or it could not be made.
import {
  idOf,
  type OperationState,
  parseInstant,
  type ResourceResult,
  type Source,
  type SyncPhase,
  sameJson,
} from '../model/index.ts';
import { defaultRetry, retryDelay } from './retry.ts';
import type { Hook } from './tasks.ts';

/**
 * When a phase that has failed runs again, ms since the epoch: after a pause that grows where the objects of its failed
 * hooks are gone, Infinity while nobody does anything about them; undefined when it has not failed.
 */
export function againAt(
  state: OperationState,
  revisions: readonly string[],
  hooks: readonly Hook[],
  phase: SyncPhase,
): number | undefined {
  const bad = state.results.filter((result) => result.syncPhase === phase && result.hookPhase === 'Failed');
  if (state.phase !== 'Failed' || bad.length === 0) return undefined;
  if (hasMoved(state, revisions)) return 0;
  const there = new Set(hooks.filter(({ live }) => live !== undefined).map(({ id }) => id));
  if (bad.some(({ ref }) => there.has(idOf(ref)))) return Number.POSITIVE_INFINITY;
  const pause = retryDelay({ ...defaultRetry, limit: -1 }, state.retryCount) ?? defaultRetry.maxDelay;
  return parseInstant(state.finishedAt ?? state.startedAt) + pause;
}

/**
 * The next attempt of a phase: what succeeded stays done. Where Git has moved it has an id of its own, so that what is
 * there counts as an earlier run's, and goes first.
 */
export function anew(
  state: OperationState,
  at: { readonly revisions: readonly string[]; readonly sources: readonly Source[] },
  phase: SyncPhase,
): OperationState {
  const { finishedAt: _, ...rest } = state;
  const { revisions, sources } = at;
  const retryCount = state.retryCount + 1;
  const [first = ''] = state.operation.id.split('#');
  const id = hasMoved(state, revisions) ? `${first}#${retryCount}` : state.operation.id;
  const stays = (result: ResourceResult) => result.syncPhase !== phase || result.hookPhase === 'Succeeded';
  return {
    ...rest,
    operation: { ...state.operation, id, revisions },
    phase: 'Running',
    message: '',
    retryCount,
    revisions,
    sources,
    results: state.results.filter(stays),
  };
}

function hasMoved(state: OperationState, revisions: readonly string[]): boolean {
  return !sameJson([...state.revisions], [...revisions]);
}
