// What we own of an object, as text: the object rebuilt from the fields that our entry in managedFields names, with
// the values they have now. Equal text means that nobody has touched what we applied; and when it equals the canonical
// text of a manifest, applying that manifest would change nothing. (Rules: the FieldsV1 format of structured-merge-diff.)
import { hash } from 'node:crypto';
import {
  canonical,
  fieldManager,
  isJsonObject,
  type Json,
  type JsonObject,
  type KubeObject,
  stringAt,
} from '../model/index.ts';

/** A digest of what we own; '' when we own nothing. Sixteen bytes, one character each: it is kept for every object. */
export type OwnedDigest = string;

/**
 * The digest over all our entries of an object. It equals `manifestOwned` of a manifest only where that is certain to
 * mean the same: one Apply entry, in the version of the object, and no field that could be read in two ways.
 */
export function ownedDigest(object: KubeObject): OwnedDigest {
  const entries = managedFields(object);
  const ours = entries.filter(isOurs);
  const [entry] = ours;
  if (entry === undefined) return '';
  if (ours.length > 1 || entry.operation !== 'Apply') return digest(`*${ours.map(entryText(object)).join('*')}`);
  if (entry.apiVersion !== object.apiVersion) return digest(`*${entryText(object)(entry)}`);
  const fields = entry.fieldsV1;
  if (!isJsonObject(fields)) return digest('*');
  return digestOfFields(
    fields,
    object,
    entries.filter((other) => !isOurs(other)),
  );
}

/** The digest over these fields of an object; `others` are the entries of everybody else. */
export function digestOfFields(fields: JsonObject, object: KubeObject, others: readonly JsonObject[]): OwnedDigest {
  const walk: Walk = { others, doubt: false };
  const text = project(fields, object, walk, []);
  return digest(walk.doubt ? `*${text}` : text);
}

/** The digest that an object has when it equals this manifest in all fields, and we own exactly these. */
export function manifestOwned(manifest: JsonObject): OwnedDigest {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = manifest;
  const kept: Record<string, Json> = {};
  if (isJsonObject(metadata)) {
    for (const [key, value] of Object.entries(metadata)) if (!serverOwned.has(key)) kept[key] = value;
  }
  return digest(canonical(Object.keys(kept).length === 0 ? rest : { ...rest, metadata: kept }));
}

/** The entries of managedFields; malformed ones are left out. */
export function managedFields(object: KubeObject): readonly JsonObject[] {
  const entries = object.metadata.managedFields;
  return Array.isArray(entries) ? (entries as readonly Json[]).filter(isJsonObject) : [];
}

/** True for an entry of ours that speaks of the object itself, not of a subresource. */
export function isOurs(entry: JsonObject): boolean {
  return entry.manager === fieldManager && (stringAt(entry, 'subresource') ?? '') === '';
}

// The fields that the server strips from the field set of an apply.
const serverOwned = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]);

type Walk = { readonly others: readonly JsonObject[]; doubt: boolean };

/** For entries that say nothing certain about values: the fields and the generation still tell a change. */
function entryText(object: KubeObject): (entry: JsonObject) => string {
  const generation = String(object.metadata.generation ?? '');
  return (entry) => `${stringAt(entry, 'apiVersion')}${generation}${JSON.stringify(entry.fieldsV1 ?? null)}`;
}

/** Canonical JSON text of the owned part of `value`; `path` is where we are in the field set, one list for the walk. */
function project(fields: JsonObject, value: Json | undefined, walk: Walk, path: string[]): string {
  const keys = Object.keys(fields);
  if (keys.length === 0) return leaf(value, walk, path);
  if (keys.length === 1 && keys[0] === '.') return Array.isArray(value) ? '[]' : '{}';
  if (Array.isArray(value)) return projectList(fields, value as readonly Json[], walk, path);
  if (!isJsonObject(value)) {
    walk.doubt = true;
    return canonical(value ?? null);
  }
  return projectMap(fields, keys, value, walk, path);
}

function projectMap(fields: JsonObject, keys: string[], value: JsonObject, walk: Walk, path: string[]): string {
  // Servers write field sets in order; the order of `f:` keys is that of their names.
  if (!isSorted(keys)) keys.sort();
  let text = '{';
  for (const key of keys) {
    if (key === '.') continue;
    const name = key.slice(2);
    const below = fields[key];
    const here = key.startsWith('f:') && Object.hasOwn(value, name) ? value[name] : undefined;
    if (here === undefined || !isJsonObject(below)) {
      walk.doubt = true;
      continue;
    }
    path.push(key);
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(name)}:${project(below, here, walk, path)}`;
    path.pop();
  }
  return `${text}}`;
}

function isSorted(keys: readonly string[]): boolean {
  for (let i = 1; i < keys.length; i++) if ((keys[i - 1] ?? '') > (keys[i] ?? '')) return false;
  return true;
}

function projectList(fields: JsonObject, list: readonly Json[], walk: Walk, path: string[]): string {
  // In the order of the live list: an apply keeps it, so an equal manifest lists its items in the same order.
  const found: (string | undefined)[] = [];
  let owned = 0;
  for (const [key, below] of Object.entries(fields)) {
    if (key === '.') continue;
    const index = indexOf(key, list);
    if (index === undefined || !isJsonObject(below) || found[index] !== undefined) {
      walk.doubt = true;
      continue;
    }
    owned++;
    path.push(key);
    found[index] = key.startsWith('v:') ? canonical(list[index] ?? null) : project(below, list[index], walk, path);
    path.pop();
  }
  // An object in a list without any field of its own still counts, a list of nothing is the empty list.
  return owned === 0 ? '[]' : `[${found.filter((item) => item !== undefined).join(',')}]`;
}

/** The index of the item that a path element names: `k:{…}` by its keys, `v:…` by its value, `i:…` by its place. */
export function indexOf(element: string, list: readonly Json[]): number | undefined {
  const kind = element.slice(0, 2);
  if (kind === 'i:') {
    const index = Number(element.slice(2));
    return index < list.length ? index : undefined;
  }
  const wanted = parseElement(element);
  if (wanted === undefined) return undefined;
  const index =
    kind === 'v:'
      ? list.findIndex((item) => item === wanted || (isJsonObject(item) && canonical(item) === canonical(wanted)))
      : list.findIndex((item) => isJsonObject(item) && hasKeys(item, wanted));
  return index < 0 ? undefined : index;
}

function hasKeys(item: JsonObject, wanted: Json): boolean {
  if (!isJsonObject(wanted)) return false;
  for (const key in wanted) if (item[key] !== wanted[key]) return false;
  return true;
}

const parsed = new Map<string, Json>();
const mostParsed = 5_000;

function parseElement(element: string): Json | undefined {
  const known = parsed.get(element);
  if (known !== undefined) return known;
  try {
    const value = JSON.parse(element.slice(2)) as Json;
    if (parsed.size >= mostParsed) parsed.clear();
    parsed.set(element, value);
    return value;
  } catch {
    return undefined;
  }
}

/**
 * A field that we own as a whole. For an atomic map or list that is its whole value; but the leaf of an empty map that
 * we applied, into which others have put entries since, looks the same: their entries below it give it away.
 */
function leaf(value: Json | undefined, walk: Walk, path: readonly string[]): string {
  if (value === undefined) {
    walk.doubt = true;
    return 'null';
  }
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null && walk.others.some((other) => reachesBelow(other, path))) {
    walk.doubt = true;
  }
  return canonical(value);
}

function reachesBelow(entry: JsonObject, path: readonly string[]): boolean {
  let here: Json | undefined = entry.fieldsV1;
  for (const element of path) {
    if (!isJsonObject(here)) return false;
    here = here[element];
  }
  return isJsonObject(here) && Object.keys(here).length > 0;
}

function digest(text: string): OwnedDigest {
  return hash('sha256', text, 'buffer').toString('latin1', 0, 16);
}
