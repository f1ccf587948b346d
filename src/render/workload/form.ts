/**
 * Reads nodes field by field. What is wrong is noted with its line and reading goes on, so that a person is told of all
 * mistakes of a file at once; unknown keys come with the known one that was probably meant.
 */
import { EngineError, nearest } from '../../model/index.ts';
import type { MapNode, Node, Place } from './node.ts';

/** Mistakes in the order in which they were found. */
export type Problems = { readonly place: Place; readonly message: string }[];

/** The fields of a map by name. */
export type Fields<K extends string> = {
  readonly place: Place;
  readonly get: (name: K) => Node | undefined;
};

const most = 8;

/** Throws EngineError `manifest-invalid` when there are any: the first few, each with file and line. */
export function throwProblems(problems: Problems): void {
  const ordered = problems.toSorted((a, b) => (a.place.file === b.place.file ? a.place.line - b.place.line : 0));
  const [first] = ordered;
  if (first === undefined) return;
  const told = ordered.slice(0, most).map(({ place, message }) => `${place.file}:${place.line}: ${message}`);
  const rest = problems.length > most ? `; and ${problems.length - most} more` : '';
  throw new EngineError('manifest-invalid', told.join('; ') + rest, {
    about: `${first.place.file}:${first.place.line}`,
  });
}

/** What a node is, for people. */
function kindOf(node: Node): string {
  if (node.kind !== 'scalar') return `a ${node.kind}`;
  return node.value === null ? 'nothing' : `"${node.text.slice(0, 60)}"`;
}

function expected(node: Node, what: string, wanted: string, problems: Problems): undefined {
  problems.push({ place: node.place, message: `${what} must be ${wanted}, found ${kindOf(node)}` });
  return undefined;
}

/** The node as a map. */
export function mapOf(node: Node | undefined, what: string, problems: Problems): MapNode | undefined {
  if (node === undefined || node.kind === 'map') return node;
  return expected(node, what, 'a map', problems);
}

/** The fields of a map whose keys are known; others are problems. `[]` when it is no map. */
export function fieldsOf<const K extends string>(
  node: Node | undefined,
  names: readonly K[],
  what: string,
  problems: Problems,
): Fields<K> | undefined {
  const map = mapOf(node, what, problems);
  if (map === undefined) return undefined;
  for (const [name, { key }] of map.entries) {
    if ((names as readonly string[]).includes(name)) continue;
    problems.push({ place: key, message: unknownName(name, names, what === '' ? 'key' : `key of ${what}`) });
  }
  return { place: map.place, get: (name) => map.entries.get(name)?.node };
}

/** `unknown key "imge": did you mean "image"?` */
export function unknownName(name: string, names: readonly string[], what: string): string {
  const meant = nearest(name, names);
  const known = names.length > 0 && names.length <= 12 ? ` (known: ${names.join(', ')})` : '';
  return `unknown ${what}: "${name}"${meant === undefined ? known : `: did you mean "${meant}"?`}`;
}

/** Text. Numbers and words like `yes` are taken as they are written. */
export function textOf(node: Node | undefined, what: string, problems: Problems): string | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'scalar' && node.value !== null) return node.text;
  return expected(node, what, 'text', problems);
}

/** Text of a form that `wanted` describes. */
export function matching(
  node: Node | undefined,
  what: string,
  form: RegExp,
  wanted: string,
  problems: Problems,
): string | undefined {
  const text = textOf(node, what, problems);
  if (node === undefined || text === undefined || form.test(text)) return text;
  return expected(node, what, wanted, problems);
}

/** One of a few words. */
export function oneOf<const W extends string>(
  node: Node | undefined,
  what: string,
  words: readonly W[],
  problems: Problems,
): W | undefined {
  const text = textOf(node, what, problems);
  if (node === undefined || text === undefined) return undefined;
  const found = words.find((word) => word === text);
  return found ?? expected(node, what, `one of ${words.join(', ')}`, problems);
}

/** A whole number between two others; text that is one (an annotation) counts. */
export function countOf(
  node: Node | undefined,
  what: string,
  [least, greatest]: readonly [number, number],
  problems: Problems,
): number | undefined {
  if (node === undefined) return undefined;
  const count = node.kind === 'scalar' && /^\d{1,10}$/.test(node.text) ? Number(node.text) : Number.NaN;
  if (count >= least && count <= greatest) return count;
  return expected(node, what, `a whole number from ${least} to ${greatest}`, problems);
}

/** True or false; text that says so (an annotation) counts. */
export function flagOf(node: Node | undefined, what: string, problems: Problems): boolean | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
  if (node.kind === 'scalar' && (node.text === 'true' || node.text === 'false')) return node.text === 'true';
  return expected(node, what, 'true or false', problems);
}

/** The items of a list, none when it is absent. */
export function itemsOf(node: Node | undefined, what: string, problems: Problems): readonly Node[] {
  if (node === undefined) return [];
  if (node.kind === 'list') return node.items;
  expected(node, what, 'a list', problems);
  return [];
}

/** The texts of a list, undefined when it is absent. */
export function textsOf(node: Node | undefined, what: string, problems: Problems): readonly string[] | undefined {
  if (node === undefined) return undefined;
  return itemsOf(node, what, problems).flatMap((item, i) => textOf(item, `${what}[${i}]`, problems) ?? []);
}

/** The entries of a map whose keys are the user's own. */
export function entriesOf(
  node: Node | undefined,
  what: string,
  problems: Problems,
): readonly { readonly name: string; readonly key: Place; readonly node: Node }[] {
  const map = mapOf(node, what, problems);
  return [...(map?.entries ?? [])].map(([name, entry]) => ({ name, ...entry }));
}

/** The value of a field that has to be there. */
export function needed<T>(value: T | undefined, place: Place, what: string, problems: Problems): T | undefined {
  if (value === undefined) problems.push({ place, message: `${what} is missing` });
  return value;
}
