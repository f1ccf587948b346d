/** A file of Kubernetes objects as a person hands it over: YAML as Argo CD reads it, lists taken apart. */
import { EngineError, isJsonObject, type Json, type JsonObject } from '../model/index.ts';
import { canonicalText, isObject, ownKey, type Value } from './exact-json.ts';
import type { Toolbox } from './toolbox/protocol.ts';
import { readYaml } from './yaml/read-yaml.ts';

/**
 * The objects in the text, in their order. EngineError `manifest-invalid` names file and line; `toolbox-failed` when a
 * document needs the original library and it is not there.
 */
export async function readObjects(
  text: string,
  file: string,
  toolbox: Pick<Toolbox, 'yaml'>,
): Promise<readonly JsonObject[]> {
  const { documents, problem } = await readYaml(text, toolbox);
  if (problem !== undefined) {
    const about = `${file}:${problem.line}`;
    throw new EngineError('manifest-invalid', `${about}: ${problem.message}`, { about });
  }
  return documents.flatMap(({ value, line }) => {
    if (!isObject(value)) {
      const about = `${file}:${line}`;
      throw new EngineError('manifest-invalid', `${about}: expected an object`, { about });
    }
    const items = ownKey(value, 'items');
    const isList = String(ownKey(value, 'kind') ?? '').endsWith('List') && Array.isArray(items);
    return (isList ? items : [value]).map(plain).filter(isJsonObject);
  });
}

// Integers beyond what a number holds are written out and read back as the nearest number: nobody counts in them here.
function plain(value: Value): Json {
  return JSON.parse(canonicalText(value)) as Json;
}
