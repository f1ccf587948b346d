// Actions that people wrote in Lua: what a discovery script offers, and what an action script asks for (Argo CD's forms).
import { isJsonObject, type Json, type JsonObject, type KubeObject, listAt, stringAt } from '../model/index.ts';
import { type Effect, effectsBetween, type Param } from './action.ts';

/** An action as a discovery script offers it. */
export type Offered = {
  readonly name: string;
  readonly displayName: string;
  readonly disabled: boolean;
  readonly params: readonly Param[];
};

/** The actions in what a discovery script returned: a table by name. A string says what is wrong with it. */
export function discoveredActions(text: string): readonly Offered[] | string {
  const found = parse(text);
  // An empty table arrives as an empty list.
  if (found === null || (Array.isArray(found) && found.length === 0)) return [];
  if (!isJsonObject(found)) return 'discovery.lua returned no table of actions';
  return Object.entries(found)
    .map(([name, one]) => ({
      name,
      displayName: stringAt(one, 'displayName') ?? '',
      disabled: isJsonObject(one) && (one.disabled === true || one.disabled === 'true'),
      params: listAt(one, 'params').flatMap(paramOf),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function paramOf(value: Json): readonly Param[] {
  const name = stringAt(value, 'name');
  const preset = stringAt(value, 'default');
  if (name === undefined) return [];
  return [{ name, about: stringAt(value, 'type') ?? '', ...(preset === undefined ? {} : { default: preset }) }];
}

/**
 * What an action script asks for: the object as it should be, or a list of `{operation, resource}`. A string says what
 * is wrong with it.
 */
export function effectsOfScript(before: KubeObject, text: string): readonly Effect[] | string {
  const returned = parse(text);
  if (isJsonObject(returned)) return changed(before, returned);
  if (!Array.isArray(returned)) return 'the action returned neither an object nor a list';
  const effects: Effect[] = [];
  for (const one of returned as readonly Json[]) {
    const resource = isJsonObject(one) ? one.resource : undefined;
    const operation = stringAt(one, 'operation');
    const asked = isJsonObject(resource)
      ? effectOf(before, operation, resource)
      : 'a part of the answer has no resource';
    if (typeof asked === 'string') return asked;
    effects.push(...asked);
  }
  return effects;
}

function effectOf(before: KubeObject, operation: string | undefined, resource: JsonObject): readonly Effect[] | string {
  if (operation === 'patch') return changed(before, resource);
  if (operation !== 'create')
    return `the action asks for ${operation ?? 'nothing'}: only create and patch are possible`;
  const { apiVersion, kind, metadata } = resource;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isJsonObject(metadata)) {
    return 'the action creates something that is no object';
  }
  return [{ kind: 'create', object: { ...resource, apiVersion, kind, metadata } }];
}

function changed(before: KubeObject, after: JsonObject): readonly Effect[] | string {
  const same = ['name', 'namespace'].every(
    (key) => stringAt(after, 'metadata', key) === stringAt(before.metadata, key),
  );
  if (after.kind !== before.kind || !same) return 'the action changes another object than the one it was run on';
  return effectsBetween(before, restored(after, before) as JsonObject);
}

/** Lua has one empty table: what was an empty map before is one again, and what Lua cannot say (null) is as before. */
function restored(after: Json, before: Json | undefined): Json {
  if (Array.isArray(after)) {
    if (after.length === 0 && isJsonObject(before)) return {};
    const old = Array.isArray(before) ? (before as readonly Json[]) : [];
    return (after as readonly Json[]).map((item, i) => restored(item, old[i]));
  }
  if (!isJsonObject(after)) return after;
  const old = isJsonObject(before) ? before : {};
  const out: Record<string, Json> = {};
  for (const [key, value] of Object.entries(after)) out[key] = restored(value, own(old, key));
  for (const [key, value] of Object.entries(old)) if (value === null && !Object.hasOwn(after, key)) out[key] = null;
  return out;
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return '';
  }
}
