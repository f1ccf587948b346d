// `status.operationState`: the sync that runs or ran last.
import type { JsonObject, Operation, OperationState, ResourceResult } from '../../model/index.ts';
import { compact, some } from './compact.ts';
import { keepWithin, type Limits } from './limits.ts';
import { writeOperation } from './operation.ts';
import { writeSource } from './source.ts';

/** The state in Argo CD's form, and how many results were left out for size. */
export function writeOperationState(
  operation: OperationState,
  many: boolean,
  limits: Limits,
): { readonly state: JsonObject; readonly omitted: number } {
  const { revisions, sources } = operation;
  const results = keepWithin(operation.results, limits.results, (result) => writeResult(result, limits), troubleIn);
  const listed = many || sources.length > 1;
  const state = compact<JsonObject>({
    operation: writeOperation(lasting(operation), listed),
    phase: operation.phase,
    message: operation.message === '' ? undefined : clipped(operation.message, limits),
    startedAt: operation.startedAt,
    finishedAt: operation.finishedAt,
    retryCount: operation.retryCount || undefined,
    syncResult: compact<JsonObject>({
      // The field must be there even when there are `revisions`.
      revision: listed ? '' : (revisions[0] ?? ''),
      revisions: listed ? some(revisions) : undefined,
      sources: listed ? some(sources)?.map(writeSource) : undefined,
      source: listed ? undefined : sources[0] && writeSource(sources[0]),
      resources: some(results.kept),
    }),
  });
  return { state, omitted: results.omitted };
}

// What came along with a request may hold Secrets: it is kept no longer than the sync needs it.
function lasting({ operation, finishedAt }: OperationState): Operation {
  if (finishedAt === undefined || operation.manifests === undefined) return operation;
  const { manifests: _, ...rest } = operation;
  return rest;
}

/** A message, cut where it is longer than its limit. */
export function clipped(message: string, limits: { readonly message: number }): string {
  return message.length <= limits.message ? message : `${message.slice(0, limits.message - 1)}…`;
}

function writeResult(result: ResourceResult, limits: Limits): JsonObject {
  const { ref } = result;
  return compact<JsonObject>({
    group: ref.group,
    version: ref.version,
    kind: ref.kind,
    namespace: ref.namespace,
    name: ref.name,
    status: result.status || undefined,
    message: result.message === '' ? undefined : clipped(result.message, limits),
    hookType: result.hookType,
    hookPhase: result.hookPhase,
    syncPhase: result.syncPhase,
    images: some(result.images),
  });
}

function troubleIn(result: ResourceResult): number {
  if (result.status === 'SyncFailed' || result.hookPhase === 'Failed' || result.hookPhase === 'Error') return 0;
  if (result.status === 'PruneSkipped' || result.hookType !== undefined || result.status === '') return 1;
  return 2;
}
