import { boolYaml11Tag, CORE_SCHEMA, loadAll, mergeTag } from 'js-yaml';
import { EngineError, isJsonObject, type Json, type JsonObject } from '../../model/index.ts';

const schema = CORE_SCHEMA.withTags(boolYaml11Tag, mergeTag);

/** The objects of a YAML or JSON file, items of lists one by one; empty documents are left out. */
export function readObjects(text: string, file: string): readonly JsonObject[] {
  let documents: unknown[];
  try {
    documents = loadAll(text, { schema });
  } catch (thrown) {
    const reason = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
    throw new EngineError('manifest-invalid', `cannot read YAML: ${file}: ${reason}`, { about: file, cause: thrown });
  }
  return documents.flatMap((document): readonly JsonObject[] => {
    if (document === null || document === undefined) return [];
    const plain = JSON.parse(JSON.stringify(document)) as Json;
    if (!isJsonObject(plain)) throw new EngineError('manifest-invalid', `not an object: ${file}`, { about: file });
    const items = plain.items;
    return Array.isArray(items) && String(plain.kind).endsWith('List') ? items.filter(isJsonObject) : [plain];
  });
}

const firstFields = ['apiVersion', 'kind', 'metadata'];
const firstNames = ['name', 'generateName', 'namespace', 'labels', 'annotations'];

/** A Kubernetes object in the order in which people write and read it; nothing else is changed. */
export function inReadingOrder(object: Json): Json {
  if (!isJsonObject(object) || !isJsonObject(object.metadata)) return object;
  return ordered({ ...object, metadata: ordered(object.metadata, firstNames) }, firstFields);
}

function ordered(object: JsonObject, first: readonly string[]): JsonObject {
  const head = first.filter((key) => Object.hasOwn(object, key)).map((key) => [key, object[key] ?? null] as const);
  return { ...Object.fromEntries(head), ...object };
}

/** A YAML document that every reader, YAML 1.1 or 1.2, takes for the same value: what could be misread is quoted. */
export function dumpYaml(value: Json): string {
  if (isCollection(value) && sizeOf(value) > 0) return `${lines(value, 0).join('\n')}\n`;
  return `${scalar(value)}\n`;
}

/** Documents one after the other, with `---` before each but the first. */
export function dumpYamlStream(values: readonly Json[]): string {
  return values.map((value) => dumpYaml(inReadingOrder(value))).join('---\n');
}

function isCollection(value: Json): value is readonly Json[] | JsonObject {
  return typeof value === 'object' && value !== null;
}

function sizeOf(value: readonly Json[] | JsonObject): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function lines(value: readonly Json[] | JsonObject, depth: number): string[] {
  const pad = '  '.repeat(depth);
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([key, item]) => {
      const head = `${pad}${text(key)}:`;
      if (!isCollection(item) || sizeOf(item) === 0) return [`${head} ${scalar(item, depth + 1)}`];
      // Lists stand at the depth of their key, as kubectl writes them.
      return [head, ...lines(item, Array.isArray(item) ? depth : depth + 1)];
    });
  }
  return value.flatMap((item) => {
    if (!isCollection(item) || sizeOf(item) === 0) return [`${pad}- ${scalar(item, depth + 1)}`];
    const [first = '', ...rest] = lines(item, depth + 1);
    return [`${pad}- ${first.slice((depth + 1) * 2)}`, ...rest];
  });
}

function scalar(value: Json, depth = 1): string {
  if (typeof value === 'string') return value.includes('\n') ? block(value, depth) : text(value);
  if (isCollection(value)) return Array.isArray(value) ? '[]' : '{}';
  return JSON.stringify(value);
}

/** A literal block where it can say the value, double quotes otherwise. */
function block(value: string, depth: number): string {
  // Control characters, trailing blanks and a first line that starts with a blank do not survive a literal block.
  const plain =
    !/[^\n\t\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]|[ \t]\n|[ \t]$|^[ \t\n]|\u2028|\u2029/u.test(
      value,
    );
  if (!plain) return quoted(value);
  const chomp = value.endsWith('\n\n') ? '+' : value.endsWith('\n') ? '' : '-';
  const body = value.endsWith('\n') ? value.slice(0, -1) : value;
  const pad = '  '.repeat(depth);
  return `|${chomp}\n${body
    .split('\n')
    .map((line) => (line === '' ? '' : pad + line))
    .join('\n')}`;
}

/** Plain where no reader could take it for anything but this string. */
function text(value: string): string {
  const safe =
    /^[A-Za-z_/][A-Za-z0-9_./@%+=-]*( [A-Za-z0-9_./@%+(),=-]+)*$|^[A-Za-z_][A-Za-z0-9_./@%+-]*(:[A-Za-z0-9_./@%+-]+)+$/;
  const word = /^(y|n|yes|no|on|off|true|false|null|nan|inf)$/i;
  if (safe.test(value) && !word.test(value)) return value;
  // Names such as `nginx:1.27` and addresses are plain too; anything that starts like a number is quoted.
  if (/^[a-z][a-z0-9+.-]*:\/\/[A-Za-z0-9_./@%+:?&=~-]+[A-Za-z0-9_/]$/.test(value)) return value;
  return /[^\x20-\x7e]/.test(value) || value.includes("'") ? quoted(value) : `'${value}'`;
}

function quoted(value: string): string {
  // JSON leaves these bare; YAML readers take them for line ends or refuse them.
  return JSON.stringify(value).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
