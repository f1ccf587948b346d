// `status.plumbline.verdict`: the verdict of the newest commit with its outbox, so that a crash loses no alert.
import {
  type Alert,
  type AlertKind,
  alertKinds,
  at,
  type ChangedObject,
  type CommitRecord,
  type FieldChange,
  isJsonObject,
  type Json,
  type JsonObject,
  listAt,
  type ObjectRef,
  objectAt,
  type Stage,
  stringAt,
  type VerdictOutcome,
  type VerdictState,
} from '../../model/index.ts';
import { compact, some } from './compact.ts';
import type { Limits } from './limits.ts';
import { readRef, textsAt } from './read-parts.ts';
import { clipped } from './write-operation-state.ts';

const stages: readonly Stage[] = ['committed', 'seen', 'rendered', 'firstWrite', 'applied', 'healthy'];
const outcomes: readonly string[] = ['open', 'converged', 'stalled', 'superseded'];
const kinds: readonly string[] = alertKinds;
const hows: readonly string[] = ['created', 'updated', 'deleted'];
const mostFields = 20;

/** The verdict as JSON; long lists are cut. */
export function writeVerdict(verdict: VerdictState, limits: Limits): JsonObject {
  return compact<JsonObject>({
    record: writeRecord(verdict.record, limits),
    differsSince: verdict.differsSince,
    lastDiffAt: verdict.lastDiffAt,
    quietSince: verdict.quietSince,
    stalled: verdict.stalled || undefined,
    outbox: some(verdict.outbox.map((alert) => writeAlert(alert, limits))),
    lived: some(verdict.lived),
    livedDigests: verdict.livedDigests,
    reached: verdict.reached,
    troubledSince: verdict.troubledSince,
    admitted: verdict.admitted,
    ended: some((verdict.ended ?? []).map((record) => writeRecord(record, limits))),
  });
}

/** Reads a verdict; undefined where there is none, or none that makes sense. */
export function readVerdict(value: Json | undefined): VerdictState | undefined {
  const record = readRecord(at(value, 'record'));
  if (record === undefined) return undefined;
  return compact<VerdictState>({
    record,
    differsSince: stringAt(value, 'differsSince'),
    lastDiffAt: stringAt(value, 'lastDiffAt'),
    quietSince: stringAt(value, 'quietSince'),
    stalled: at(value, 'stalled') === true,
    outbox: listAt(value, 'outbox').flatMap(readAlert),
    lived: listAt(value, 'lived').map((revisions) => textsAt(revisions)),
    livedDigests: at(value, 'livedDigests') === undefined ? undefined : textsOf(value, 'livedDigests'),
    reached: at(value, 'reached') === undefined ? undefined : textsOf(value, 'reached'),
    troubledSince: stringAt(value, 'troubledSince'),
    admitted: at(value, 'admitted') === undefined ? undefined : textsOf(value, 'admitted'),
    ended: some(listAt(value, 'ended').flatMap((item) => readRecord(item) ?? [])),
  });
}

/** A record as JSON; long lists are cut. */
export function writeRecord(record: CommitRecord, limits: Limits): JsonObject {
  const { blocked } = record;
  return compact<JsonObject>({
    environment: record.environment,
    application: record.application,
    repository: record.repository,
    path: record.path,
    revisions: record.revisions,
    digest: record.digest,
    stages: record.stages,
    outcome: record.outcome,
    endedAt: record.endedAt,
    author: record.author,
    message: record.message && clipped(record.message, limits),
    approvedBy: record.approvedBy,
    breakGlass: record.breakGlass,
    changes: some(record.changes.slice(0, limits.objects))?.map(({ ref, how, fields }) =>
      compact<JsonObject>({ ref: writeRef(ref), how, fields: some(fields.slice(0, mostFields)) }),
    ),
    before: some(record.before),
    rollback: record.rollback || undefined,
    blocked:
      blocked &&
      compact<JsonObject>({
        what: clipped(blocked.what, limits),
        object: blocked.object && writeRef(blocked.object),
        advice: clipped(blocked.advice, limits),
      }),
  });
}

/** Reads a record; undefined where there is none. */
export function readRecord(value: Json | undefined): CommitRecord | undefined {
  const application = stringAt(value, 'application');
  if (application === undefined) return undefined;
  const outcome = stringAt(value, 'outcome') ?? '';
  const what = stringAt(value, 'blocked', 'what');
  const object = at(value, 'blocked', 'object');
  return compact<CommitRecord>({
    environment: stringAt(value, 'environment') ?? '',
    application,
    repository: stringAt(value, 'repository') ?? '',
    path: stringAt(value, 'path') ?? '',
    revisions: textsOf(value, 'revisions'),
    digest: stringAt(value, 'digest') ?? '',
    stages: readStages(objectAt(value, 'stages')),
    outcome: outcomes.includes(outcome) ? (outcome as VerdictOutcome) : 'open',
    endedAt: stringAt(value, 'endedAt'),
    author: stringAt(value, 'author'),
    message: stringAt(value, 'message'),
    breakGlass: stringAt(value, 'breakGlass'),
    approvedBy: at(value, 'approvedBy') === undefined ? undefined : textsOf(value, 'approvedBy'),
    changes: listAt(value, 'changes').flatMap(readChange),
    before: textsOf(value, 'before'),
    rollback: at(value, 'rollback') === true,
    blocked:
      what === undefined
        ? undefined
        : compact<NonNullable<CommitRecord['blocked']>>({
            what,
            object: isJsonObject(object) ? readRef(object) : undefined,
            advice: stringAt(value, 'blocked', 'advice') ?? '',
          }),
  });
}

function writeAlert(alert: Alert, limits: Limits): JsonObject {
  const differences = alert.differences.slice(0, limits.objects).map(({ ref, fields }) => ({
    ref: writeRef(ref),
    fields: fields.slice(0, mostFields).map(writeFieldChange),
  }));
  return compact<JsonObject>({
    id: alert.id,
    kind: alert.kind,
    at: alert.at,
    record: writeRecord(alert.record, limits),
    differences: some(differences),
    message: clipped(alert.message, limits),
  });
}

function readAlert(value: Json): readonly Alert[] {
  const id = stringAt(value, 'id');
  const kind = stringAt(value, 'kind') ?? '';
  const record = readRecord(at(value, 'record'));
  if (id === undefined || record === undefined || !kinds.includes(kind)) return [];
  const differences = listAt(value, 'differences').map((item) => ({
    ref: readRef(objectAt(item, 'ref')),
    fields: listAt(item, 'fields').flatMap(readFieldChange),
  }));
  const message = stringAt(value, 'message') ?? '';
  return [{ id, kind: kind as AlertKind, at: stringAt(value, 'at') ?? '', record, differences, message }];
}

function readChange(value: Json): readonly ChangedObject[] {
  const how = stringAt(value, 'how') ?? '';
  if (!hows.includes(how)) return [];
  return [{ ref: readRef(objectAt(value, 'ref')), how: how as ChangedObject['how'], fields: textsOf(value, 'fields') }];
}

function readStages(value: JsonObject): CommitRecord['stages'] {
  const read: Partial<Record<Stage, string>> = {};
  for (const stage of stages) {
    const time = stringAt(value, stage);
    if (time !== undefined) read[stage] = time;
  }
  return read;
}

function writeRef(ref: ObjectRef): JsonObject {
  return compact<JsonObject>({
    group: ref.group || undefined,
    version: ref.version,
    kind: ref.kind,
    namespace: ref.namespace || undefined,
    name: ref.name,
  });
}

/** One field that differs, with long values cut. */
export function writeFieldChange(change: FieldChange): JsonObject {
  return compact<JsonObject>({
    path: change.path,
    live: change.live && clipped(change.live, { message: 500 }),
    desired: change.desired && clipped(change.desired, { message: 500 }),
    owner: change.owner,
    since: change.since,
  });
}

/** One field that differs; none where there is no path. */
export function readFieldChange(value: Json): readonly FieldChange[] {
  const path = stringAt(value, 'path');
  if (path === undefined) return [];
  const change = compact<FieldChange>({
    path,
    live: stringAt(value, 'live'),
    desired: stringAt(value, 'desired'),
    owner: stringAt(value, 'owner'),
    since: stringAt(value, 'since'),
  });
  return [change];
}

function textsOf(value: Json | undefined, key: string): readonly string[] {
  return value === undefined ? [] : textsAt(value, key);
}
