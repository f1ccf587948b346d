// What was deployed, and when: one entry for each sync that changed what is deployed.
import { type HistoryEntry, type Json, type OperationState, sameJson } from '../model/index.ts';

/** The history after an operation that has just succeeded. A heal or a re-sync of the same state adds nothing. */
export function historyAfter(
  history: readonly HistoryEntry[],
  state: OperationState,
  limit: number,
): readonly HistoryEntry[] {
  const { operation } = state;
  if (state.phase !== 'Succeeded' || operation.dryRun || operation.only !== undefined) return history;
  // What came along with the request is in no commit: nobody can go back to it.
  if (operation.manifests !== undefined) return history;
  const last = history.at(-1);
  const same =
    last !== undefined &&
    sameJson([...last.revisions], [...state.revisions]) &&
    sameJson(last.sources as unknown as Json, state.sources as unknown as Json);
  if (same || limit === 0) return limit === 0 ? [] : history;
  const entry: HistoryEntry = {
    id: last === undefined ? 0 : last.id + 1,
    revisions: state.revisions,
    sources: state.sources,
    deployedAt: state.finishedAt ?? state.startedAt,
    deployStartedAt: state.startedAt,
    initiatedBy: operation.initiatedBy,
  };
  return [...history, entry].slice(-limit);
}
