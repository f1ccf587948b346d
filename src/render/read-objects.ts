/** A file of Kubernetes objects as a person hands it over: YAML as Argo CD reads it, lists taken apart. */
import { EngineError, isJsonObject, type Json, type JsonObject } from '../model/index.ts';
import { canonicalText, isObject, ownKey, type Value, type ValueObject } from './exact-json.ts';
import type { Toolbox } from './toolbox/protocol.ts';
import { readYaml } from './yaml/read-yaml.ts';

/** The library counts from the start of a document; we have said the line of the file. */
const lineInside = /^yaml: line \d+: /;

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
    throw new EngineError('manifest-invalid', `${about}: ${problem.message.replace(lineInside, '')}`, { about });
  }
  return documents.flatMap(({ value, line }) => {
    const items = Array.isArray(value) ? value : isObject(value) ? itemsOf(value) : undefined;
    if (items === undefined) {
      const about = `${file}:${line}`;
      throw new EngineError('manifest-invalid', `${about}: expected an object`, { about });
    }
    return items.map(plain).filter(isJsonObject);
  });
}

/** The items of a list, one object as itself. An item of a typed list (PodList) may leave out of which kind it is. */
function itemsOf(value: ValueObject): readonly Value[] {
  const kind = ownKey(value, 'kind');
  if (typeof kind !== 'string' || !kind.endsWith('List')) return [value];
  const items = ownKey(value, 'items');
  if (!Array.isArray(items)) return kind === 'List' ? [] : [value];
  if (kind === 'List') return items;
  const missing = { apiVersion: ownKey(value, 'apiVersion') ?? '', kind: kind.slice(0, -'List'.length) };
  return items.map((item) => (isObject(item) ? { ...missing, ...item } : item));
}

// Integers beyond what a number holds are written out and read back as the nearest number: nobody counts in them here.
function plain(value: Value): Json {
  return JSON.parse(canonicalText(value)) as Json;
}
