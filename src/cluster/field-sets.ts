// Field sets of managedFields as sets: union, inclusion, and the part of one that somebody declared. (FieldsV1 of
// structured-merge-diff: `f:name`, `k:{…}`, `v:…`, `i:…`, and `.` for the member itself.)
import { earlierAppliers, isJsonObject, type Json, type JsonObject, type KubeObject } from '../model/index.ts';
import { lastApplied } from './three-way.ts';

/** True for an entry of managedFields whose fields an apply of ours takes over. */
export function isMigratable(entry: Readonly<Record<string, Json>>): boolean {
  return earlierAppliers.has(String(entry.manager)) && (entry.subresource ?? '') === '' && isJsonObject(entry.fieldsV1);
}

/** The field set of an entry, empty where it has none. */
export function fieldsOf(entry: JsonObject | undefined): JsonObject {
  const fields = entry?.fieldsV1;
  return isJsonObject(fields) ? fields : {};
}

/** The union of two field sets. */
export function join(a: JsonObject, b: JsonObject): JsonObject {
  const out: Record<string, Json> = { ...a };
  for (const [key, below] of Object.entries(b)) {
    const here = out[key];
    if (!isJsonObject(here) || !isJsonObject(below)) out[key] = below;
    // A leaf with something below it on the other side is itself a member, and so are they.
    else if (Object.keys(here).length === 0 && Object.keys(below).length > 0) out[key] = { '.': {}, ...below };
    else if (Object.keys(below).length === 0 && Object.keys(here).length > 0) out[key] = { '.': {}, ...here };
    else out[key] = join(here, below);
  }
  return out;
}

/** True when everything in `part` is in `whole`; what is owned as a whole includes all that is below it. */
export function includes(whole: JsonObject, part: JsonObject): boolean {
  if (Object.keys(whole).length === 0) return true;
  return Object.entries(part).every(([key, below]) => {
    if (key === '.') return true;
    const here = whole[key];
    return isJsonObject(here) && isJsonObject(below) && includes(here, below);
  });
}

/** The part of a field set that exists in `value`. */
export function within(fields: JsonObject, value: Json | undefined): JsonObject {
  const out: Record<string, Json> = {};
  for (const [key, below] of Object.entries(fields)) {
    if (key === '.' || !isJsonObject(below)) out[key] = below;
    else if (key.startsWith('f:') && isJsonObject(value) && Object.hasOwn(value, key.slice(2))) {
      const inner = within(below, value[key.slice(2)]);
      if (Object.keys(below).length === 0 || Object.keys(inner).length > 0) out[key] = inner;
    } else if (!key.startsWith('f:') && Array.isArray(value)) out[key] = below;
  }
  return Object.keys(out).every((key) => key === '.') ? {} : out;
}

/**
 * What an entry's owner declared, as opposed to what the server filled in for it: all that was applied by the server,
 * what kubectl's annotation names of the rest. Undefined where nothing tells the two apart.
 */
export function declaredBy(entry: JsonObject, live: KubeObject): JsonObject | undefined {
  if (entry.operation === 'Apply') return fieldsOf(entry);
  const written = lastApplied(live);
  return Object.keys(written).length === 0 ? undefined : named(fieldsOf(entry), written);
}

/** The part of a field set that `value` names, items of lists by their keys. */
function named(fields: JsonObject, value: Json | undefined): JsonObject {
  const out: Record<string, Json> = {};
  for (const [key, below] of Object.entries(fields)) {
    if (key === '.' || !isJsonObject(below)) continue;
    const there = namedBy(key, value);
    if (there === undefined) continue;
    const inner = named(below, there);
    // What is left of a member whose own fields were all filled in is the member itself.
    out[key] = Object.keys(below).length === 0 ? {} : { '.': {}, ...inner };
  }
  return out;
}

function namedBy(element: string, value: Json | undefined): Json | undefined {
  if (element.startsWith('f:')) {
    const name = element.slice(2);
    return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const list = value as readonly Json[];
  const wanted = parse(element.slice(2));
  if (element.startsWith('v:')) return list.find((item) => JSON.stringify(item) === JSON.stringify(wanted));
  if (!element.startsWith('k:') || !isJsonObject(wanted)) return undefined;
  // A key may have been filled in by the server (`protocol: TCP`): then the item does not name it.
  return list.find(
    (item) =>
      isJsonObject(item) &&
      Object.keys(wanted).some((key) => Object.hasOwn(item, key)) &&
      Object.keys(wanted).every((key) => !Object.hasOwn(item, key) || item[key] === wanted[key]),
  );
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
