// Parts that several readers of a status share.
import { at, type Json, type JsonObject, listAt, type ObjectRef, stringAt } from '../../model/index.ts';
import type { Fields } from './fields.ts';

/** A place whose problems interest nobody. */
export function loose(value: JsonObject): Fields {
  return { value, path: 'status', problems: [] };
}

/** The ref of an entry of `resources`. */
export function readRef(item: Json): ObjectRef {
  return {
    group: stringAt(item, 'group') ?? '',
    version: stringAt(item, 'version') ?? '',
    kind: stringAt(item, 'kind') ?? '',
    namespace: stringAt(item, 'namespace') ?? '',
    name: stringAt(item, 'name') ?? '',
  };
}

/** The strings of a list. */
export function textsAt(value: Json, ...path: readonly string[]): readonly string[] {
  return listAt(value, ...path).filter((item): item is string => typeof item === 'string');
}

/** Who started something. */
export function readInitiator(value: JsonObject): { readonly username: string; readonly automated: boolean } {
  return { username: stringAt(value, 'username') ?? '', automated: at(value, 'automated') === true };
}
