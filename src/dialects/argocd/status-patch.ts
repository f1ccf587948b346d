// The smallest merge patch (RFC 7396) from one status to the next.
import { isJsonObject, type Json, type JsonObject, sameJson } from '../../model/index.ts';

/**
 * What must be patched so that `before` becomes `after`, undefined when nothing has changed. The time of the last
 * reconciliation alone is no change: an application at rest is never written.
 */
export function statusPatch(before: JsonObject, after: JsonObject): JsonObject | undefined {
  const patch = patchOf(before, after);
  const fields = Object.keys(patch);
  if (fields.length === 0 || (fields.length === 1 && fields[0] === 'reconciledAt')) return undefined;
  return patch;
}

function patchOf(before: JsonObject, after: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const key of Object.keys(before)) if (after[key] === undefined) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    const old = before[key];
    if (isJsonObject(value) && isJsonObject(old)) {
      const inner = patchOf(old, value);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (!sameJson(old, value)) patch[key] = value;
  }
  return patch;
}
