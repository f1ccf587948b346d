// Field sets of server-side apply for the fake apiserver: flat sets of paths, FieldsV1 in and out, and the merge rules of
// structured-merge-diff as far as the engine depends on them.
import { isJsonObject, type Json, type JsonObject } from '../../src/model/index.ts';

/** A set of owned paths. A path is its elements (`f:name`, `k:{…}`, `v:…`) joined by newlines. */
export type FieldSet = Set<string>;

type Schema = { readonly builtIn: boolean };

const listKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  conditions: ['type'],
  volumeMounts: ['mountPath'],
  ownerReferences: ['uid'],
};
const setLists = new Set(['finalizers']);
const atomicMaps = new Set(['selector', 'nodeSelector']);

/** Built-in kinds have associative lists and atomic selectors; the lists of custom kinds are atomic. */
export function schemaOf(group: string): Schema {
  return { builtIn: group === '' || !group.includes('.') || group.endsWith('.k8s.io') };
}

const identity = new Set(['apiVersion', 'kind', 'status']);
const metadataIdentity = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'managedFields',
  'selfLink',
  'generateName',
]);

/** The field set of an object as somebody sends it. */
export function fieldsOf(object: JsonObject, schema: Schema): FieldSet {
  const out: FieldSet = new Set();
  for (const [key, value] of Object.entries(object)) {
    if (identity.has(key)) continue;
    if (key !== 'metadata' || !isJsonObject(value)) collect(value, [`f:${key}`], key, schema, out);
    else {
      for (const [name, inner] of Object.entries(value)) {
        if (!metadataIdentity.has(name)) collect(inner, ['f:metadata', `f:${name}`], name, schema, out);
      }
    }
  }
  return out;
}

function collect(value: Json, path: readonly string[], name: string, schema: Schema, out: FieldSet): void {
  if (isJsonObject(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0 || (schema.builtIn && atomicMaps.has(name))) out.add(path.join('\n'));
    else for (const [key, inner] of entries) collect(inner, [...path, `f:${key}`], key, schema, out);
    return;
  }
  const keys = Array.isArray(value) ? keysOf(name, value as readonly Json[], schema) : undefined;
  if (keys === undefined || !Array.isArray(value) || value.length === 0) {
    out.add(path.join('\n'));
    return;
  }
  for (const item of value as readonly Json[]) {
    const element = elementOf(item, keys);
    out.add([...path, element].join('\n'));
    if (!isJsonObject(item)) continue;
    for (const [key, inner] of Object.entries(item)) collect(inner, [...path, element, `f:${key}`], key, schema, out);
  }
}

/** The keys of an associative list, none for a set, undefined for an atomic list. */
function keysOf(name: string, list: readonly Json[], schema: Schema): readonly string[] | undefined {
  if (name === 'finalizers' || name === 'ownerReferences') return setLists.has(name) ? [] : listKeys[name];
  if (!schema.builtIn) return undefined;
  if (name === 'ports') {
    const container = list.some((item) => isJsonObject(item) && 'containerPort' in item);
    return [container ? 'containerPort' : 'port', 'protocol'];
  }
  return listKeys[name];
}

function elementOf(item: Json, keys: readonly string[]): string {
  if (keys.length === 0 || !isJsonObject(item)) return `v:${JSON.stringify(item)}`;
  const named: Record<string, Json> = {};
  for (const key of [...keys].sort()) named[key] = item[key] ?? (key === 'protocol' ? 'TCP' : null);
  return `k:${JSON.stringify(named)}`;
}

/** FieldsV1 of a set. */
export function toFieldsV1(set: FieldSet): JsonObject {
  type Node = { [element: string]: Node };
  const root: Node = {};
  const members: Node[] = [];
  for (const path of [...set].sort()) {
    let here = root;
    for (const element of path.split('\n')) {
      here[element] ??= {};
      here = here[element];
    }
    members.push(here);
  }
  for (const node of members) if (Object.keys(node).length > 0) node['.'] = {};
  return root;
}

/** The set of FieldsV1. */
export function fromFieldsV1(fields: JsonObject): FieldSet {
  const out: FieldSet = new Set();
  const walk = (node: JsonObject, path: readonly string[]): void => {
    const keys = Object.keys(node);
    if (keys.length === 0 && path.length > 0) out.add(path.join('\n'));
    for (const key of keys) {
      const below = node[key];
      if (key === '.') out.add(path.join('\n'));
      else if (isJsonObject(below)) walk(below, [...path, key]);
    }
  };
  walk(fields, []);
  return out;
}

/** The value at a path, undefined where there is none. */
export function valueAt(object: JsonObject, path: string): Json | undefined {
  let here: Json | undefined = object;
  for (const element of path.split('\n')) {
    if (Array.isArray(here)) here = (here as readonly Json[])[indexIn(here as readonly Json[], element)];
    else if (isJsonObject(here)) here = here[element.slice(2)];
    else return undefined;
  }
  return here;
}

function indexIn(list: readonly Json[], element: string): number {
  const wanted = JSON.parse(element.slice(2)) as Json;
  if (element.startsWith('v:')) return list.findIndex((item) => JSON.stringify(item) === JSON.stringify(wanted));
  return list.findIndex((item) => {
    if (!isJsonObject(item) || !isJsonObject(wanted)) return false;
    return Object.keys(wanted).every((key) => (item[key] ?? (key === 'protocol' ? 'TCP' : null)) === wanted[key]);
  });
}

type Mutable = { [key: string]: Json };

/** Sets the value at a path, making what is missing on the way. `object` is changed. */
export function setAt(object: Mutable, path: string, value: Json): void {
  const elements = path.split('\n');
  let here: Mutable | Json[] = object;
  for (const [i, element] of elements.entries()) {
    const last = i === elements.length - 1;
    if (Array.isArray(here)) {
      let index = indexIn(here, element);
      if (index < 0) index = here.push(element.startsWith('k:') ? (JSON.parse(element.slice(2)) as Json) : value) - 1;
      if (last) return;
      here = here[index] as Mutable;
      continue;
    }
    const key = element.slice(2);
    if (last) {
      // An empty map or list that somebody sends does not empty what others have put there.
      const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
      if (!empty || here[key] === undefined || typeof here[key] !== 'object') here[key] = value;
      return;
    }
    if (typeof here[key] !== 'object' || here[key] === null) here[key] = elements[i + 1]?.startsWith('f:') ? {} : [];
    here = here[key] as Mutable | Json[];
  }
}

/** Removes the value at a path, and what is empty above it. `object` is changed. */
export function removeAt(object: Mutable, path: string): void {
  const elements = path.split('\n');
  const way: (Mutable | Json[])[] = [];
  let here: Json | undefined = object as Json;
  for (const element of elements) {
    if (typeof here !== 'object' || here === null) return;
    way.push(here as Mutable | Json[]);
    if (Array.isArray(here)) here = (here as readonly Json[])[indexIn(here as readonly Json[], element)];
    else here = (here as JsonObject)[element.slice(2)];
  }
  for (let i = elements.length - 1; i >= 0; i--) {
    const [at, element] = [way[i], elements[i] ?? ''];
    if (Array.isArray(at)) {
      const index = indexIn(at, element);
      if (index >= 0) at.splice(index, 1);
    } else if (at !== undefined) {
      delete at[element.slice(2)];
    }
    if (at === undefined || Object.keys(at).length > 0) return;
  }
}

/** True when `set` owns the path or something below it. */
export function owns(set: FieldSet, path: string): boolean {
  if (set.has(path)) return true;
  for (const other of set) if (other.startsWith(`${path}\n`)) return true;
  return false;
}
