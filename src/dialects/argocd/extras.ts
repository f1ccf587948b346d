// `status.plumbline`: what a report knows and Argo CD's status has no field for.
import {
  at,
  type FieldChange,
  type Hold,
  idOf,
  isJsonObject,
  type Json,
  type JsonObject,
  listAt,
  numberAt,
  type ObjectId,
  objectAt,
  type Report,
  stringAt,
} from '../../model/index.ts';
import { compact, some } from './compact.ts';
import { type Limits, utf8Length } from './limits.ts';
import { readFieldChange, readVerdict, writeFieldChange, writeVerdict } from './verdict.ts';
import { clipped } from './write-operation-state.ts';

/** What is read back from the extras. */
export type Extras = Pick<Report, 'holds' | 'healing' | 'desiredDigest' | 'verdict'> & {
  readonly operationId?: string;
  readonly retryAt?: string;
  readonly fields: ReadonlyMap<ObjectId, readonly FieldChange[]>;
};

/** The extras of a report; undefined when there is nothing to say. */
export function writeExtras(
  report: Report,
  omitted: { readonly resources: number; readonly results: number },
  limits: Limits,
): JsonObject | undefined {
  const missing = compact<JsonObject>({
    resources: omitted.resources || undefined,
    results: omitted.results || undefined,
  });
  const extras = compact<JsonObject>({
    holds: some(report.holds.slice(0, 50))?.map((hold) => writeHold(hold, limits)),
    healing: report.healing,
    retryAt: report.operation?.retryAt,
    operationId: report.operation?.operation.id || undefined,
    desiredDigest: report.desiredDigest,
    verdict: report.verdict && writeVerdict(report.verdict, limits),
    fields: writeFields(report, limits.fields),
    omitted: Object.keys(missing).length > 0 ? missing : undefined,
  });
  return Object.keys(extras).length > 0 ? extras : undefined;
}

/** Reads the extras; what has a wrong form counts as absent. */
export function readExtras(status: JsonObject): Extras {
  const extras = objectAt(status, 'plumbline');
  const healing = at(extras, 'healing');
  return compact<Extras>({
    holds: listAt(extras, 'holds').flatMap(readHold),
    healing: isJsonObject(healing) ? readHealing(healing) : undefined,
    desiredDigest: stringAt(extras, 'desiredDigest'),
    operationId: stringAt(extras, 'operationId'),
    retryAt: stringAt(extras, 'retryAt'),
    verdict: readVerdict(at(extras, 'verdict')),
    fields: readFields(objectAt(extras, 'fields')),
  });
}

function readHealing(healing: JsonObject): Extras['healing'] {
  const objects = listAt(healing, 'objects').filter((id): id is string => typeof id === 'string');
  return compact<NonNullable<Extras['healing']>>({
    attempts: numberAt(healing, 'attempts') ?? 0,
    at: stringAt(healing, 'at') ?? '',
    objects: some(objects),
  });
}

function writeHold(hold: Hold, limits: Limits): JsonObject {
  return compact<JsonObject>({
    reason: hold.reason,
    message: clipped(hold.message, limits),
    objects: some(hold.objects.slice(0, limits.objects)),
    until: hold.until,
    on: hold.on,
    since: hold.since,
  });
}

function readHold(value: Json): readonly Hold[] {
  const reason = stringAt(value, 'reason');
  if (reason === undefined) return [];
  const hold = compact<Hold>({
    reason: reason as Hold['reason'],
    message: stringAt(value, 'message') ?? '',
    objects: listAt(value, 'objects').filter((id): id is string => typeof id === 'string'),
    until: stringAt(value, 'until'),
    on: stringAt(value, 'on'),
    since: stringAt(value, 'since'),
  });
  return [hold];
}

function writeFields(report: Report, limit: number): JsonObject | undefined {
  const written: Record<string, Json> = {};
  let left = limit;
  for (const { ref, fields } of report.resources) {
    if (fields === undefined || fields.length === 0) continue;
    const changes = fields.slice(0, 50).map(writeFieldChange);
    left -= utf8Length(JSON.stringify(changes)) + 200;
    if (left < 0) break;
    written[idOf(ref)] = changes;
  }
  return Object.keys(written).length > 0 ? written : undefined;
}

function readFields(fields: JsonObject): Extras['fields'] {
  const read = new Map<ObjectId, readonly FieldChange[]>();
  for (const [id, changes] of Object.entries(fields)) {
    if (!Array.isArray(changes)) continue;
    read.set(id, (changes as readonly Json[]).flatMap(readFieldChange));
  }
  return read;
}
