// `status` of an Application → report. A status written by Argo CD is read as well, so that history survives a move.
import {
  at,
  type Condition,
  compareHealth,
  type FieldChange,
  type Health,
  type HealthStatus,
  type HistoryEntry,
  idOf,
  isJsonObject,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  type ObjectId,
  type ObjectRef,
  objectAt,
  type Report,
  type ResourceReport,
  type Source,
  type SyncStatus,
  sameJson,
  stringAt,
} from '../../model/index.ts';
import { compact } from './compact.ts';
import { readExtras } from './extras.ts';
import { readOverride, readRevisions } from './operation.ts';
import { readOperationState } from './read-operation-state.ts';
import { loose, readInitiator, readRef, textsAt } from './read-parts.ts';

/** The report that a status tells of, undefined where nothing was ever reported. Fields of a wrong form count as absent. */
export function readReport(status: Json | undefined): Report | undefined {
  if (!isJsonObject(status)) return undefined;
  const syncStatus = stringAt(status, 'sync', 'status');
  if (syncStatus === undefined && at(status, 'history') === undefined && at(status, 'operationState') === undefined)
    return undefined;
  const extras = readExtras(status);
  const sources = readOverride(loose(objectAt(status, 'sync', 'comparedTo')));
  const share = sharing(sources);
  const refs = sharedRefs();
  return compact<Report>({
    sync: { status: syncStatusOf(syncStatus), revisions: readRevisions(loose(objectAt(status, 'sync'))), sources },
    health: {
      ...readHealth(objectAt(status, 'health')),
      since: stringAt(status, 'health', 'lastTransitionTime') ?? '',
    },
    resources: listAt(status, 'resources').map((item) => readResource(item, refs(item), extras.fields)),
    conditions: listAt(status, 'conditions').map(readCondition),
    operation: readOperationState(at(status, 'operationState'), extras, { sources: share, ref: refs }),
    history: listAt(status, 'history').map((entry) => readHistory(entry, share)),
    summary: {
      images: textsAt(status, 'summary', 'images'),
      urls: textsAt(status, 'summary', 'externalURLs'),
      isAppOfApps: at(status, 'summary', 'isAppOfApps') === true,
    },
    sourceTypes: sourceTypesOf(status),
    holds: extras.holds,
    reconciledAt: stringAt(status, 'reconciledAt') ?? '',
    desiredDigest: extras.desiredDigest,
    healing: extras.healing,
    verdict: extras.verdict,
  });
}

/** Answers `known` in place of a list that equals it: history repeats the same sources, memory need not. */
function sharing(known: readonly Source[]): (sources: readonly Source[]) => readonly Source[] {
  return (sources) => (sameJson(sources as unknown as Json, known as unknown as Json) ? known : sources);
}

/** One ref for all mentions of an object. */
function sharedRefs(): (item: Json) => ObjectRef {
  const known = new Map<ObjectId, ObjectRef>();
  return (item) => {
    const ref = readRef(item);
    const id = idOf(ref);
    const first = known.get(id);
    if (first?.version === ref.version) return first;
    known.set(id, ref);
    return ref;
  };
}

function readResource(
  item: Json,
  ref: ObjectRef,
  fields: ReadonlyMap<ObjectId, readonly FieldChange[]>,
): ResourceReport {
  const status = stringAt(item, 'status');
  const health = at(item, 'health');
  return compact<ResourceReport>({
    ref,
    status: status === undefined ? '' : syncStatusOf(status),
    health: isJsonObject(health) && stringAt(health, 'status') !== undefined ? readHealth(health) : undefined,
    hook: at(item, 'hook') === true,
    requiresPruning: at(item, 'requiresPruning') === true,
    requiresDeletionConfirmation: at(item, 'requiresDeletionConfirmation') === true ? true : undefined,
    wave: numberAt(item, 'syncWave') ?? 0,
    fields: fields.get(idOf(ref)),
  });
}

function readHealth(health: JsonObject): Health {
  const status = stringAt(health, 'status') as HealthStatus | undefined;
  const known = status !== undefined && compareHealth(status, 'Healthy') >= 0;
  return compact<Health>({ status: known ? status : 'Unknown', message: stringAt(health, 'message') });
}

function readCondition(item: Json): Condition {
  return {
    type: stringAt(item, 'type') ?? '',
    message: stringAt(item, 'message') ?? '',
    since: stringAt(item, 'lastTransitionTime') ?? '',
  };
}

function readHistory(entry: Json, share: (sources: readonly Source[]) => readonly Source[]): HistoryEntry {
  const at = loose(isJsonObject(entry) ? entry : {});
  return {
    id: numberAt(entry, 'id') ?? 0,
    revisions: readRevisions(at),
    sources: share(readOverride(at)),
    deployedAt: stringAt(entry, 'deployedAt') ?? '',
    deployStartedAt: stringAt(entry, 'deployStartedAt') ?? '',
    initiatedBy: readInitiator(objectAt(entry, 'initiatedBy')),
  };
}

function sourceTypesOf(status: JsonObject): readonly string[] {
  const many = textsAt(status, 'sourceTypes');
  if (many.length > 0) return many;
  const one = stringAt(status, 'sourceType');
  return one === undefined ? [] : [one];
}

function syncStatusOf(status: string | undefined): SyncStatus {
  return status === 'Synced' || status === 'OutOfSync' ? status : 'Unknown';
}
