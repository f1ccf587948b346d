// The patches that the fake apiserver takes besides server-side apply.
import { isJsonObject, type Json, type JsonObject, type KubeObject } from '../../src/model/index.ts';

/** RFC 7396. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const out: Record<string, Json> = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = mergePatch(out[key], value);
  }
  return out;
}

/** RFC 6902 as far as it is used: `replace`, `add` and `remove` below objects are all that the engine sends. */
export function jsonPatch(live: KubeObject, steps: readonly JsonObject[]): KubeObject {
  const out = structuredClone(live) as unknown as Record<string, Json>;
  for (const { op, path, value } of steps) {
    const keys = String(path)
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop() ?? '';
    let here = out;
    for (const key of keys) here = here[key] as Record<string, Json>;
    if (op === 'remove') delete here[last];
    else here[last] = value ?? null;
  }
  return out as unknown as KubeObject;
}
