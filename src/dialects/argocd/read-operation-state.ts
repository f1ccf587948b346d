// `status.operationState` → the operation of a report.
import {
  at,
  isJsonObject,
  type Json,
  listAt,
  numberAt,
  type ObjectRef,
  type OperationPhase,
  type OperationState,
  objectAt,
  type ResourceResult,
  type Source,
  type SyncPhase,
  stringAt,
} from '../../model/index.ts';
import { compact } from './compact.ts';
import { readOperation, readOverride, readRevisions } from './operation.ts';
import { loose, textsAt } from './read-parts.ts';

const phases: readonly string[] = ['Running', 'Terminating', 'Failed', 'Error', 'Succeeded'];
const syncPhases: readonly string[] = ['PreSync', 'Sync', 'PostSync', 'SyncFail'];
const statuses: readonly string[] = ['Synced', 'SyncFailed', 'Pruned', 'PruneSkipped'];

/** Reads an operation state; its id and the time of its next attempt lie beside it. */
export function readOperationState(
  state: Json | undefined,
  extras: { readonly operationId?: string; readonly retryAt?: string },
  share: { sources(sources: readonly Source[]): readonly Source[]; ref(item: Json): ObjectRef },
): OperationState | undefined {
  if (!isJsonObject(state)) return undefined;
  const operation = readOperation(loose(objectAt(state, 'operation')));
  if (operation === undefined) return undefined;
  const result = loose(objectAt(state, 'syncResult'));
  const phase = stringAt(state, 'phase');
  return compact<OperationState>({
    operation: extras.operationId === undefined ? operation : { ...operation, id: extras.operationId },
    phase: phase !== undefined && phases.includes(phase) ? (phase as OperationPhase) : 'Error',
    message: stringAt(state, 'message') ?? '',
    startedAt: stringAt(state, 'startedAt') ?? '',
    finishedAt: stringAt(state, 'finishedAt'),
    retryCount: numberAt(state, 'retryCount') ?? 0,
    retryAt: extras.retryAt,
    revisions: readRevisions(result),
    sources: share.sources(readOverride(result)),
    results: listAt(result.value, 'resources').map((item) => readResult(item, share.ref(item))),
  });
}

function readResult(item: Json, ref: ObjectRef): ResourceResult {
  const status = stringAt(item, 'status') ?? '';
  const hookPhase = stringAt(item, 'hookPhase');
  const syncPhase = stringAt(item, 'syncPhase') ?? 'Sync';
  const images = at(item, 'images');
  return compact<ResourceResult>({
    ref,
    status: statuses.includes(status) ? (status as ResourceResult['status']) : '',
    message: stringAt(item, 'message') ?? '',
    hookType: stringAt(item, 'hookType'),
    hookPhase: hookPhase !== undefined && phases.includes(hookPhase) ? (hookPhase as OperationPhase) : undefined,
    syncPhase: syncPhases.includes(syncPhase) ? (syncPhase as SyncPhase) : 'Sync',
    images: images === undefined ? [] : textsAt(images),
  });
}
