// The apply of kubectl: what the last manifest had and the new one has not is removed, what the new one has is set, all
// else stays. Lists of objects that can be told apart are merged item by item, other lists are replaced.
import { isJsonObject, type Json, type JsonObject, type KubeObject, sameJson, stringAt } from '../model/index.ts';

/** The manifest that kubectl (or another client-side apply) wrote down, empty when there is none. */
export function lastApplied(live: KubeObject): JsonObject {
  const text = stringAt(live.metadata, 'annotations', 'kubectl.kubernetes.io/last-applied-configuration');
  if (text === undefined) return {};
  try {
    const value = JSON.parse(text) as unknown;
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** The object that should be: `live` with the changes from `before` to `wanted`. */
export function mergeThreeWay(before: JsonObject, wanted: JsonObject, live: JsonObject): JsonObject {
  const out: Record<string, Json> = { ...live };
  for (const key of Object.keys(before)) if (!Object.hasOwn(wanted, key)) delete out[key];
  for (const [key, value] of Object.entries(wanted)) {
    if (value === null) delete out[key];
    else out[key] = mergeValue(own(before, key), value, own(live, key));
  }
  return out;
}

/** The JSON merge patch (RFC 7396) from one object to another; undefined when they are equal. */
export function mergePatch(from: JsonObject, to: JsonObject): JsonObject | undefined {
  const patch: Record<string, Json> = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    const old = own(from, key);
    if (old !== undefined && sameJson(old, value)) continue;
    if (isJsonObject(old) && isJsonObject(value)) patch[key] = mergePatch(old, value) ?? {};
    else patch[key] = value;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function mergeValue(before: Json | undefined, wanted: Json, live: Json | undefined): Json {
  if (isJsonObject(wanted) && isJsonObject(live))
    return mergeThreeWay(isJsonObject(before) ? before : {}, wanted, live);
  if (Array.isArray(wanted) && Array.isArray(live)) {
    return mergeLists(Array.isArray(before) ? (before as readonly Json[]) : [], wanted as readonly Json[], live);
  }
  return wanted;
}

// The merge keys of the built-in kinds (patchMergeKey), the more telling ones first.
const mergeKeys: readonly (readonly string[])[] = [
  ['name'],
  ['mountPath'],
  ['devicePath'],
  ['containerPort', 'protocol'],
  ['port', 'protocol'],
  ['port'],
  ['topologyKey', 'whenUnsatisfiable'],
  ['ip'],
  ['uid'],
  ['type'],
];

function mergeLists(before: readonly Json[], wanted: readonly Json[], live: readonly Json[]): Json {
  const objects = (list: readonly Json[]): list is readonly JsonObject[] => list.every(isJsonObject);
  if (!objects(wanted) || !objects(live) || !objects(before)) return wanted;
  const keys = mergeKeys.find((candidate) => distinct(wanted, candidate) && distinct(live, candidate));
  if (keys === undefined) return wanted;
  const old = index(before, keys);
  const there = index(live, keys);
  const out: Json[] = [];
  const used = new Set<string>();
  for (const item of wanted) {
    const name = nameOf(item, keys);
    used.add(name);
    out.push(mergeValue(old.get(name), item, there.get(name)));
  }
  // Items that others added stay, behind ours.
  for (const [name, item] of there) if (!used.has(name) && !old.has(name)) out.push(item);
  return out;
}

function distinct(list: readonly JsonObject[], keys: readonly string[]): boolean {
  const [first = ''] = keys;
  return list.every((item) => item[first] !== undefined) && index(list, keys).size === list.length;
}

function index(list: readonly JsonObject[], keys: readonly string[]): ReadonlyMap<string, JsonObject> {
  return new Map(list.map((item) => [nameOf(item, keys), item]));
}

function nameOf(item: JsonObject, keys: readonly string[]): string {
  return JSON.stringify(keys.map((key) => item[key] ?? (key === 'protocol' ? 'TCP' : null)));
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
