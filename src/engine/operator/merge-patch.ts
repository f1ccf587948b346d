import { isJsonObject, type Json, type JsonObject, sameJson } from '../../model/index.ts';

/** The JSON merge patch (RFC 7396) that makes `to` of `from`. A null inside `to` cannot be said and is left out. */
export function mergePatch(from: JsonObject, to: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    const before = Object.hasOwn(from, key) ? from[key] : undefined;
    if (sameJson(before, value)) continue;
    patch[key] = isJsonObject(before) && isJsonObject(value) ? mergePatch(before, value) : value;
  }
  return patch;
}
