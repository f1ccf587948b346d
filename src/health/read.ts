// Reads of live objects that never throw: whatever an object holds at a place, the answer has the asked form.
// Every check reads through these, so that no hostile status can break a pass.

import { isJsonObject, type Json, type JsonObject } from '../model/index.ts';

const nothing: JsonObject = Object.freeze({});
const none: readonly JsonObject[] = Object.freeze([]);

/** The object under `key`, an empty one where there is none. */
export function objectIn(parent: JsonObject, key: string): JsonObject {
  const found = parent[key];
  return isJsonObject(found) ? found : nothing;
}

/** The objects of the list under `key`; items of another form are left out. */
export function itemsIn(parent: JsonObject, key: string): readonly JsonObject[] {
  const found = parent[key];
  if (!Array.isArray(found)) return none;
  const list = found as readonly Json[];
  return list.every(isJsonObject) ? (list as readonly JsonObject[]) : list.filter(isJsonObject);
}

/** The text under `key`: booleans read as conditions write them (True, False), numbers as decimals, the rest as ''. */
export function textIn(parent: JsonObject, key: string): string {
  return textOf(parent[key]);
}

/** A value as text, '' for lists, objects and null. */
export function textOf(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? String(value) : '';
}

/** True for a string. */
export function isText(value: Json | undefined): value is string {
  return typeof value === 'string';
}

/** The number under `key`, `fallback` where there is none. */
export function numberIn(parent: JsonObject, key: string, fallback = 0): number {
  const found = parent[key];
  return typeof found === 'number' ? found : fallback;
}

/** True where `key` holds anything but null. */
export function hasIn(parent: JsonObject, key: string): boolean {
  const found = parent[key];
  return found !== undefined && found !== null;
}

/** The value below `parent` at `path`, undefined where a step is missing. */
export function dig(parent: JsonObject, path: readonly string[]): Json | undefined {
  let here: Json | undefined = parent;
  for (const step of path) {
    if (!isJsonObject(here)) return undefined;
    here = here[step];
  }
  return here;
}

/** `status`, empty where the object has none. */
export function statusOf(object: JsonObject): JsonObject {
  return objectIn(object, 'status');
}

/** `spec`, empty where the object has none. */
export function specOf(object: JsonObject): JsonObject {
  return objectIn(object, 'spec');
}

/** `metadata`, empty where the object has none. */
export function metaOf(object: JsonObject): JsonObject {
  return objectIn(object, 'metadata');
}

/** `status.conditions`. */
export function conditionsOf(object: JsonObject): readonly JsonObject[] {
  return itemsIn(statusOf(object), 'conditions');
}

/** The first condition of `type`. */
export function conditionOf(object: JsonObject, type: string): JsonObject | undefined {
  return typed(conditionsOf(object), type);
}

/** The first item of `conditions` whose `type` is `type`. */
export function typed(conditions: readonly JsonObject[], type: string): JsonObject | undefined {
  for (const condition of conditions) if (condition.type === type) return condition;
  return undefined;
}

/** The annotation `key`, '' where there is none. */
export function annotationIn(object: JsonObject, key: string): string {
  return textIn(objectIn(metaOf(object), 'annotations'), key);
}

/** The label `key`, '' where there is none. */
export function labelIn(object: JsonObject, key: string): string {
  return textIn(objectIn(metaOf(object), 'labels'), key);
}
