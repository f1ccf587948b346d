// The objects of the fake apiserver: resource versions, managed fields, finalizers, and the history that watches read.
import { isJsonObject, type Json, type JsonObject, type KubeObject, sameJson } from '../../src/model/index.ts';
import {
  type FieldSet,
  fieldsOf,
  fromFieldsV1,
  owns,
  removeAt,
  schemaOf,
  setAt,
  toFieldsV1,
  valueAt,
} from './field-sets.ts';

/** A served kind. `status` means that the main resource does not take `status`. */
export type FakeKind = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly generation: boolean;
};

/** What a write came to. */
export type Stored = { readonly object: KubeObject; readonly created: boolean; readonly changed: boolean };

/** A refusal, as a Status says it. */
export class FakeRefusal extends Error {
  readonly status: number;
  readonly reason: string;
  readonly details: JsonObject;
  constructor(status: number, reason: string, message: string, details: JsonObject = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.details = details;
  }
}

type Entry = { manager: string; operation: string; apiVersion: string; time: string; fields: FieldSet };
type Record_ = { object: KubeObject; entries: Entry[] };
type Mutable = { [key: string]: Json };

/** A change of a resource. */
export type Change = { readonly version: number; readonly type: string; readonly object: KubeObject };

/** How a write is meant. */
export type WriteMode = {
  readonly manager: string;
  readonly dryRun: boolean;
  readonly now: string;
  readonly uid: string;
};

const mostHistory = 2_000;

export class FakeStorage {
  #version = 1;
  readonly #records = new Map<string, Map<string, Record_>>();
  readonly #history = new Map<string, Change[]>();
  readonly #listeners: ((resource: string) => void)[] = [];
  readonly #removed: ((object: KubeObject) => void)[] = [];
  readonly #forgotten = new Map<string, number>();

  get version(): number {
    return this.#version;
  }

  onChange(listener: (resource: string) => void): void {
    this.#listeners.push(listener);
  }

  onRemoved(listener: (object: KubeObject) => void): void {
    this.#removed.push(listener);
  }

  get(kind: FakeKind, namespace: string, name: string): KubeObject | undefined {
    return this.#records.get(resourceOf(kind))?.get(`${namespace}/${name}`)?.object;
  }

  list(kind: FakeKind): readonly KubeObject[] {
    const records = this.#records.get(resourceOf(kind));
    return records === undefined ? [] : [...records.keys()].sort().flatMap((key) => records.get(key)?.object ?? []);
  }

  history(resource: string): readonly Change[] {
    return this.#history.get(resource) ?? [];
  }

  /** True when what happened to a resource since `version` is no longer known. */
  isForgotten(resource: string, version: number): boolean {
    return version < (this.#forgotten.get(resource) ?? 0);
  }

  /** Server-side apply by force. */
  apply(kind: FakeKind, sent: KubeObject, mode: WriteMode): Stored {
    const key = keyOf(sent);
    const record = this.#records.get(resourceOf(kind))?.get(key);
    const fields = fieldsOf(sent, schemaOf(kind.group));
    const old = record?.entries ?? [];
    const mine = old.find((entry) => entry.manager === mode.manager && entry.operation === 'Apply');
    const others = old.filter((entry) => entry !== mine).map((entry) => ({ ...entry, fields: new Set(entry.fields) }));
    const object = structuredClone(record?.object ?? skeleton(sent, mode)) as Mutable;
    for (const path of fields) {
      const value = valueAt(sent, path) ?? null;
      if (!sameJson(valueAt(object, path), value)) for (const other of others) other.fields.delete(path);
      setAt(object, path, structuredClone(value) as Json);
    }
    for (const path of mine?.fields ?? []) {
      if (!owns(fields, path) && !others.some((other) => owns(other.fields, path))) removeAt(object, path);
    }
    const unchanged = mine !== undefined && sameSet(mine.fields, fields);
    const entry: Entry = {
      manager: mode.manager,
      operation: 'Apply',
      apiVersion: sent.apiVersion,
      time: unchanged ? mine.time : mode.now,
      fields,
    };
    return this.#finish(kind, record, object, [entry, ...others], mode);
  }

  /** A plain write of the whole object (POST, PUT, and what patches come to). */
  update(kind: FakeKind, sent: KubeObject, mode: WriteMode, subresource = ''): Stored {
    const record = this.#records.get(resourceOf(kind))?.get(keyOf(sent));
    const before: KubeObject = record?.object ?? skeleton(sent, mode);
    const object = structuredClone(before) as Mutable;
    if (subresource === 'status') {
      object.status = sent.status ?? {};
      return this.#finish(kind, record, object, record?.entries ?? [], mode);
    }
    checkVersion(record, sent);
    const managed = sent.metadata.managedFields;
    const given =
      Array.isArray(managed) && record !== undefined ? (managed as readonly Json[]).filter(isJsonObject) : undefined;
    const entries =
      given === undefined || sameJson(given, before.metadata.managedFields) ? record?.entries : given.map(entryOf);
    const schema = schemaOf(kind.group);
    const [was, is] = [fieldsOf(before, schema), fieldsOf(sent, schema)];
    const changed = new Set(
      [...is].filter((path) => !was.has(path) || !sameJson(valueAt(before, path), valueAt(sent, path))),
    );
    const gone = [...was].filter((path) => !is.has(path));
    for (const path of gone) removeAt(object, path);
    for (const path of is)
      if (changed.has(path)) setAt(object, path, structuredClone(valueAt(sent, path) ?? null) as Json);
    const next = (entries ?? []).map((entry) => ({ ...entry, fields: new Set(entry.fields) }));
    for (const entry of next) for (const path of [...changed, ...gone]) entry.fields.delete(path);
    claim(next, changed, sent.apiVersion, mode);
    return this.#finish(kind, record, object, next, mode);
  }

  /** Asks for the deletion of an object; it goes at once unless a finalizer holds it. */
  remove(kind: FakeKind, object: KubeObject, now: string): KubeObject {
    const record = this.#records.get(resourceOf(kind))?.get(keyOf(object));
    if (record === undefined) return object;
    const finalizers = record.object.metadata.finalizers;
    if (!Array.isArray(finalizers) || finalizers.length === 0) {
      this.#drop(kind, record.object);
      return record.object;
    }
    if (record.object.metadata.deletionTimestamp === undefined) {
      const metadata = { ...record.object.metadata, deletionTimestamp: now };
      this.#store(kind, { ...record.object, metadata }, record.entries, 'MODIFIED');
    }
    return record.object;
  }

  /** Changes an object as the server itself does (deletion marks, CRD conditions): no field manager. */
  touch(kind: FakeKind, object: KubeObject): void {
    const record = this.#records.get(resourceOf(kind))?.get(keyOf(object));
    if (record !== undefined) this.#store(kind, object, record.entries, 'MODIFIED');
  }

  /** Forgets what happened: watches that continue from earlier are told so. */
  compact(): void {
    for (const [resource, history] of this.#history) {
      history.length = 0;
      this.#forgotten.set(resource, this.#version);
    }
  }

  #finish(kind: FakeKind, record: Record_ | undefined, object: Mutable, all: Entry[], mode: WriteMode): Stored {
    const entries = all.filter((entry) => entry.fields.size > 0);
    const metadata = { ...(object.metadata as JsonObject), managedFields: entries.map(fromEntry) };
    const next = { ...object, metadata } as unknown as KubeObject;
    if (record === undefined) {
      if (mode.dryRun) return { object: next, created: true, changed: true };
      return { object: this.#store(kind, next, entries, 'ADDED'), created: true, changed: true };
    }
    const before = record.object;
    if (sameJson(withoutTimes(next), withoutTimes(before))) return { object: before, created: false, changed: false };
    const specChanged = kind.generation && !sameJson(intentOf(before), intentOf(next));
    const generation = Number(before.metadata.generation ?? 1) + (specChanged ? 1 : 0);
    const grown = kind.generation ? { ...next, metadata: { ...next.metadata, generation } } : next;
    if (mode.dryRun) return { object: grown, created: false, changed: true };
    const stored = this.#store(kind, grown, entries, 'MODIFIED');
    const finalizers = stored.metadata.finalizers;
    const held = Array.isArray(finalizers) && finalizers.length > 0;
    if (stored.metadata.deletionTimestamp !== undefined && !held) this.#drop(kind, stored);
    return { object: stored, created: false, changed: true };
  }

  #store(kind: FakeKind, object: KubeObject, entries: Entry[], type: string): KubeObject {
    const version = ++this.#version;
    const first = kind.generation && object.metadata.generation === undefined ? { generation: 1 } : {};
    const metadata = { ...object.metadata, ...first, resourceVersion: `${version}` };
    const stored = { ...object, metadata };
    const resource = resourceOf(kind);
    let records = this.#records.get(resource);
    if (records === undefined) {
      records = new Map();
      this.#records.set(resource, records);
    }
    records.set(keyOf(stored), { object: stored, entries });
    this.#tell(resource, { version, type, object: stored });
    return stored;
  }

  #drop(kind: FakeKind, object: KubeObject): void {
    const version = ++this.#version;
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: `${version}` } };
    this.#records.get(resourceOf(kind))?.delete(keyOf(object));
    this.#tell(resourceOf(kind), { version, type: 'DELETED', object: last });
    for (const listener of this.#removed) listener(last);
  }

  #tell(resource: string, change: Change): void {
    const history = this.#history.get(resource);
    if (history === undefined) this.#history.set(resource, [change]);
    else {
      history.push(change);
      if (history.length > mostHistory) {
        const last = history.splice(0, mostHistory / 2).at(-1);
        this.#forgotten.set(resource, last?.version ?? 0);
      }
    }
    for (const listener of this.#listeners) listener(resource);
  }
}

/** The name of a kind's resource: `plural.group`. */
export function resourceOf(kind: Pick<FakeKind, 'plural' | 'group'>): string {
  return `${kind.plural}.${kind.group}`;
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

function skeleton(sent: KubeObject, { now, uid }: WriteMode): KubeObject {
  const { name = '', namespace } = sent.metadata;
  const metadata: JsonObject = { name, ...(namespace === undefined ? {} : { namespace }), uid, creationTimestamp: now };
  return { apiVersion: sent.apiVersion, kind: sent.kind, metadata };
}

function checkVersion(record: Record_ | undefined, sent: KubeObject): void {
  const asked = sent.metadata.resourceVersion;
  if (record === undefined || asked === undefined || asked === '') return;
  if (asked === record.object.metadata.resourceVersion) return;
  throw new FakeRefusal(
    409,
    'Conflict',
    'the object has been modified; please apply your changes to the latest version',
  );
}

function claim(entries: Entry[], paths: FieldSet, apiVersion: string, { manager, now }: WriteMode): void {
  if (paths.size === 0) return;
  const entry = entries.find((one) => one.manager === manager && one.operation === 'Update');
  if (entry === undefined)
    entries.push({ manager, operation: 'Update', apiVersion, time: now, fields: new Set(paths) });
  else {
    for (const path of paths) entry.fields.add(path);
    entry.time = now;
  }
}

function entryOf(entry: JsonObject): Entry {
  const text = (field: string): string => String(entry[field] ?? '');
  const fields = entry.fieldsV1;
  return {
    manager: text('manager'),
    operation: text('operation'),
    apiVersion: text('apiVersion'),
    time: text('time'),
    fields: fromFieldsV1(isJsonObject(fields) ? fields : {}),
  };
}

function fromEntry({ manager, operation, apiVersion, time, fields }: Entry): JsonObject {
  return { manager, operation, apiVersion, time, fieldsType: 'FieldsV1', fieldsV1: toFieldsV1(fields) };
}

function sameSet(a: FieldSet, b: FieldSet): boolean {
  return a.size === b.size && [...a].every((path) => b.has(path));
}

function withoutTimes({ metadata, ...rest }: KubeObject): JsonObject {
  const { managedFields, resourceVersion: _version, ...others } = metadata;
  const plain = Array.isArray(managedFields)
    ? (managedFields as readonly JsonObject[]).map(({ time: _time, ...entry }) => entry)
    : [];
  return { ...rest, metadata: { ...others, managedFields: plain } };
}

function intentOf({ metadata: _metadata, status: _status, ...rest }: KubeObject): JsonObject {
  return rest as JsonObject;
}
