// Reads fields of hostile JSON: a wrong form becomes a problem that names its path, never an exception.
import { isJsonObject, type Json, type JsonObject } from '../../model/index.ts';

/** A place in a resource: its value, its path for messages, and where problems are collected. */
export type Fields = { readonly value: JsonObject; readonly path: string; readonly problems: string[] };

/** The value of a field; null counts as absent, as in Go. */
export function field(at: Fields, key: string): Json | undefined {
  const value = Object.hasOwn(at.value, key) ? at.value[key] : undefined;
  return value === null ? undefined : value;
}

/** Path of a field below `at`. */
export function pathOf(at: Fields, key: string): string {
  return at.path === '' ? key : `${at.path}.${key}`;
}

/** The string at `key`, '' where there is none. */
export function text(at: Fields, key: string): string {
  return wanted(at, key, 'string') ?? '';
}

/** The string at `key`, undefined where there is none or it is empty. */
export function textOrNone(at: Fields, key: string): string | undefined {
  const value = wanted<string>(at, key, 'string');
  return value === '' ? undefined : value;
}

/** The boolean at `key`, false where there is none. */
export function flag(at: Fields, key: string): boolean {
  return wanted(at, key, 'boolean') ?? false;
}

/** The integer at `key`. */
export function integer(at: Fields, key: string): number | undefined {
  const value = wanted<number>(at, key, 'number');
  if (value === undefined || Number.isSafeInteger(value)) return value;
  at.problems.push(`${pathOf(at, key)}: must be an integer`);
  return undefined;
}

/** The object at `key`. */
export function child(at: Fields, key: string): Fields | undefined {
  const value = field(at, key);
  if (value === undefined) return undefined;
  const path = pathOf(at, key);
  if (isJsonObject(value)) return { value, path, problems: at.problems };
  at.problems.push(`${path}: must be an object`);
  return undefined;
}

/** The items at `key`, with their paths. */
export function items(at: Fields, key: string): readonly { readonly value: Json; readonly path: string }[] {
  const value = field(at, key);
  if (value === undefined) return [];
  const path = pathOf(at, key);
  if (Array.isArray(value))
    return (value as readonly Json[]).map((item, i) => ({ value: item, path: `${path}[${i}]` }));
  at.problems.push(`${path}: must be a list`);
  return [];
}

/** The objects of the list at `key`. */
export function children(at: Fields, key: string): readonly Fields[] {
  const found: Fields[] = [];
  for (const { value, path } of items(at, key)) {
    if (isJsonObject(value)) found.push({ value, path, problems: at.problems });
    else at.problems.push(`${path}: must be an object`);
  }
  return found;
}

/** The strings of the list at `key`. */
export function texts(at: Fields, key: string): readonly string[] {
  const found: string[] = [];
  for (const { value, path } of items(at, key)) {
    if (typeof value === 'string') found.push(value);
    else at.problems.push(`${path}: must be a string`);
  }
  return found;
}

/** The map of strings at `key`. */
export function textMap(at: Fields, key: string): Readonly<Record<string, string>> {
  const map = child(at, key);
  if (map === undefined) return {};
  const found: [string, string][] = [];
  for (const [name, value] of Object.entries(map.value)) {
    if (typeof value === 'string') found.push([name, value]);
    else at.problems.push(`${map.path}.${name}: must be a string`);
  }
  // fromEntries defines own properties, so that a key such as __proto__ is data like any other.
  return Object.fromEntries(found);
}

function wanted<T extends string | number | boolean>(
  at: Fields,
  key: string,
  kind: 'string' | 'number' | 'boolean',
): T | undefined {
  const value = field(at, key);
  if (value === undefined) return undefined;
  if (typeof value === kind) return value as T;
  at.problems.push(`${pathOf(at, key)}: must be a ${kind}`);
  return undefined;
}
