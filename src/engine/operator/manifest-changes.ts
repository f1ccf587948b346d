// What leads from one rendering to another: field by field, without a server.
import type { ObjectChange } from '../../contract/index.ts';
import {
  type FieldChange,
  idOf,
  isJsonObject,
  type Json,
  type JsonObject,
  type Manifest,
  sameJson,
} from '../../model/index.ts';

/** Only objects that differ: those of `to` in its order, then those that only `from` has. Secret values are masked. */
export function manifestChanges(from: readonly Manifest[], to: readonly Manifest[]): readonly ObjectChange[] {
  const before = new Map(from.map((one) => [idOf(one.ref), one]));
  const after = new Map(to.map((one) => [idOf(one.ref), one]));
  const changes: ObjectChange[] = [];
  for (const [id, manifest] of after) {
    const old = before.get(id);
    const { ref, origin } = manifest;
    if (old === undefined) changes.push({ ref, origin, kind: 'create', fields: [] });
    else if (old.body !== manifest.body) {
      const fields = fieldsBetween(JSON.parse(old.body) as JsonObject, JSON.parse(manifest.body) as JsonObject);
      if (fields.length > 0) changes.push({ ref, origin, kind: 'update', fields });
    }
  }
  for (const [id, { ref, origin }] of before) {
    if (!after.has(id)) changes.push({ ref, origin, kind: 'prune', fields: [] });
  }
  return changes;
}

type Difference = {
  readonly path: readonly string[];
  readonly live: Json | undefined;
  readonly desired: Json | undefined;
};

/** The fields that differ. Items of lists are matched by the name they carry, where all of them carry one. */
function fieldsBetween(from: JsonObject, to: JsonObject): readonly FieldChange[] {
  const found: Difference[] = [];
  walk(from, to, [], found);
  const secret = to.kind === 'Secret' && to.apiVersion === 'v1';
  return found.map(({ path, live, desired }) => {
    const masked = secret && (path[0] === 'data' || path[0] === 'stringData');
    return {
      path: path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
      // Masks of different lengths, so that two different values do not look equal.
      ...(live === undefined ? {} : { live: masked ? '"++++++++"' : JSON.stringify(live) }),
      ...(desired === undefined ? {} : { desired: masked ? '"+++++++++"' : JSON.stringify(desired) }),
    };
  });
}

function walk(from: Json | undefined, to: Json | undefined, path: readonly string[], found: Difference[]): void {
  if (sameJson(from, to)) return;
  if (isJsonObject(from) && isJsonObject(to)) {
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
      walk(own(from, key), own(to, key), [...path, key], found);
    return;
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    const a = from as readonly Json[];
    const b = to as readonly Json[];
    if (a.every(isJsonObject) && b.every(isJsonObject)) {
      walkItems(a, b, path, found);
      return;
    }
  }
  found.push({ path, live: from, desired: to });
}

const names = ['name', 'key', 'mountPath', 'containerPort', 'port', 'ip', 'type'];

function walkItems(
  a: readonly JsonObject[],
  b: readonly JsonObject[],
  path: readonly string[],
  found: Difference[],
): void {
  const name = names.find((one) => distinct(a, one) && distinct(b, one));
  if (name === undefined) {
    for (let i = 0; i < Math.max(a.length, b.length); i++) walk(a[i], b[i], [...path, String(i)], found);
    return;
  }
  const left = new Map(a.map((item, i) => [item[name], i]));
  for (const [i, item] of b.entries()) {
    const old = left.get(item[name]);
    left.delete(item[name]);
    walk(old === undefined ? undefined : a[old], item, [...path, String(old ?? i)], found);
  }
  for (const i of left.values()) walk(a[i], undefined, [...path, String(i)], found);
}

function distinct(list: readonly JsonObject[], name: string): boolean {
  const values = new Set(list.map((item) => item[name]));
  return values.size === list.length && !values.has(undefined);
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
