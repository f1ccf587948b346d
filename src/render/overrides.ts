/**
 * `.argocd-source.yaml` and `.argocd-source-<application>.yaml`: options of a source kept in the repository beside its
 * manifests, merged over those of the Application.
 */
import { EngineError, isJsonObject, type Json, type JsonObject, type Source } from '../model/index.ts';
import type { Tree, TreeEntry } from '../ports/index.ts';
import type { Facts } from './build-environment.ts';
import { complete, spell, toolFields } from './option-fields.ts';
import { joinPath } from './paths.ts';
import type { Toolbox } from './toolbox/protocol.ts';
import { decodeText } from './yaml/decode-text.ts';
import { readYaml } from './yaml/read-yaml.ts';

const prefix = '.argocd-source';

/** `source` with the repository's own options over it. `entries` is the listing of its path. */
export async function withOverrides(
  source: Source,
  place: { readonly tree: Tree; readonly path: string; readonly entries: readonly TreeEntry[] },
  facts: Facts,
  toolbox: Toolbox,
): Promise<Source> {
  let merged = source;
  // The application's name counts only where some file could be meant for it.
  const named = place.entries.some((entry) => entry.name.startsWith(`${prefix}-`));
  const names = [`${prefix}.yaml`, ...(named ? [`${prefix}-${facts.get('ARGOCD_APP_NAME')}.yaml`] : [])];
  for (const name of names) {
    const kind = place.entries.find((entry) => entry.name === name)?.kind;
    if (kind !== 'file' && kind !== 'link') continue;
    const file = joinPath(place.path, name);
    const bytes = await place.tree.read(file);
    if (bytes !== undefined) merged = mergeOver(merged, await readPatch(bytes, file, toolbox), file);
  }
  return merged;
}

async function readPatch(bytes: Uint8Array, file: string, toolbox: Toolbox): Promise<JsonObject> {
  const text = decodeText(bytes);
  if (text === undefined) throw new EngineError('manifest-invalid', `${file}: not UTF-8 text`, { about: file });
  const { documents, problem } = await readYaml(text, toolbox);
  if (problem !== undefined) {
    const about = `${file}:${problem.line}`;
    throw new EngineError('manifest-invalid', `${about}: ${problem.message}`, { about });
  }
  const patch = (documents[0]?.value ?? {}) as Json;
  if (!isJsonObject(patch)) throw new EngineError('manifest-invalid', `${file}: expected an object`, { about: file });
  return patch;
}

function mergeOver(source: Source, patch: JsonObject, file: string): Source {
  const out: Record<string, unknown> = { ...source };
  for (const [key, change] of Object.entries(patch)) {
    const tool = key.toLowerCase();
    if (tool === 'plugin') out[tool] = mergePatch(source.plugin, change);
    if (tool !== 'helm' && tool !== 'kustomize' && tool !== 'directory') continue;
    const fields = toolFields[tool];
    const spelled = isJsonObject(change) ? spell(change, fields) : change;
    const merged = mergePatch(source[tool] as JsonObject | undefined, spelled);
    if (merged === null) delete out[tool];
    else if (isJsonObject(merged)) out[tool] = complete(merged, fields, file, tool);
    else throw new EngineError('manifest-invalid', `${file}: ${tool} must be an object`, { about: file });
  }
  return out as Source;
}

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
