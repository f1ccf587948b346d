import { at, type Json, numberAt, objectAt, stringAt } from '../../model/index.ts';
import type { Restored } from '../polled.ts';
import { restoredFailure, storedFailure } from '../stored-failure.ts';
import type { RemoteRefs } from './remote-refs.ts';

/** The last known refs of a repository as they lie beside its mirror: they outlive restarts, and the repository. */
export function storedRefs(state: Restored<RemoteRefs>): Json {
  const { head, refs, peeled, others } = state.value;
  const maps = { refs: Object.fromEntries(refs), peeled: Object.fromEntries(peeled) };
  return { at: state.at, head, others, ...maps, failing: storedFailure(state.failing) };
}

/** Reads them back; undefined when they cannot be read. */
export function restoredRefs(stored: Json | undefined): Restored<RemoteRefs> | undefined {
  const when = numberAt(stored, 'at');
  const head = stringAt(stored, 'head');
  if (when === undefined || head === undefined) return undefined;
  const value = {
    head,
    refs: strings(objectAt(stored, 'refs')),
    peeled: strings(objectAt(stored, 'peeled')),
    others: numberAt(stored, 'others') ?? 0,
  };
  const failing = restoredFailure(at(stored, 'failing'));
  return { value, at: when, ...(failing === undefined ? {} : { failing }) };
}

function strings(map: Readonly<Record<string, Json>>): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(map)) if (typeof value === 'string') out.set(key, value);
  return out;
}
