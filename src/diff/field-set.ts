// Places in an object, and who owns them: the field sets of managedFields (FieldsV1 of structured-merge-diff) as paths.
import { isJsonObject, type Json, type JsonObject, listAt, stringAt } from '../model/index.ts';

/** Steps from the root of an object: names, and indices of lists. */
export type Path = readonly (string | number)[];

/** The value at a path, undefined where there is none. */
export function valueAt(root: Json | undefined, path: Path): Json | undefined {
  let here = root;
  for (const step of path) {
    if (Array.isArray(here)) here = typeof step === 'number' ? (here as readonly Json[])[step] : undefined;
    else if (isJsonObject(here)) here = Object.hasOwn(here, `${step}`) ? here[step] : undefined;
    else return undefined;
  }
  return here;
}

/** The path that a JSON pointer (RFC 6901) means in an object, undefined where it leads nowhere. */
export function pathOfPointer(pointer: string, root: Json): Path | undefined {
  if (!pointer.startsWith('/')) return undefined;
  const path: (string | number)[] = [];
  let here: Json | undefined = root;
  for (const word of pointer.slice(1).split('/')) {
    const step = word.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(here) && /^\d+$/.test(step) ? Number(step) : step);
    here = valueAt(here, path.slice(-1));
    if (here === undefined) return undefined;
  }
  return path;
}

/** The entries of managedFields that these managers have of the object itself, not of a subresource. */
export function entriesOf(object: JsonObject, isTheirs: (manager: string) => boolean): readonly JsonObject[] {
  return listAt(object, 'metadata', 'managedFields').filter(
    (entry): entry is JsonObject =>
      isJsonObject(entry) &&
      isTheirs(stringAt(entry, 'manager') ?? '') &&
      (stringAt(entry, 'subresource') ?? '') === '',
  );
}

/** The places that an entry owns, each as deep as it goes. */
export function ownedPaths(entry: JsonObject, object: Json): readonly Path[] {
  const found: Path[] = [];
  walk(entry.fieldsV1, object, [], found);
  return found;
}

/** True when an entry owns the place, or something above it as a whole, or anything below it. */
export function owns(entry: JsonObject, object: Json, path: Path): boolean {
  let fields: Json | undefined = entry.fieldsV1;
  let here: Json | undefined = object;
  for (const step of path) {
    if (!isJsonObject(fields)) return false;
    // A field that is owned as a whole covers everything below it.
    if (Object.keys(fields).length === 0) return here !== object;
    const element = elementOf(fields, here, step);
    if (element === undefined) return false;
    fields = fields[element];
    here = valueAt(here, [step]);
  }
  return fields !== undefined;
}

function elementOf(fields: JsonObject, here: Json | undefined, step: string | number): string | undefined {
  if (typeof step === 'string') return Object.hasOwn(fields, `f:${step}`) ? `f:${step}` : undefined;
  if (!Array.isArray(here)) return undefined;
  const list = here as readonly Json[];
  return Object.keys(fields).find((key) => indexIn(list, key) === step);
}

function walk(fields: Json | undefined, here: Json | undefined, path: Path, found: Path[]): void {
  if (here === undefined || !isJsonObject(fields)) return;
  const keys = Object.keys(fields).filter((key) => key !== '.');
  if (keys.length === 0) {
    if (path.length > 0) found.push(path);
    return;
  }
  for (const key of keys) {
    const step = Array.isArray(here)
      ? indexIn(here as readonly Json[], key)
      : key.startsWith('f:')
        ? key.slice(2)
        : undefined;
    if (step !== undefined) walk(fields[key], valueAt(here, [step]), [...path, step], found);
  }
}

/** The item that an element of a field set names: `k:{…}` by its keys, `v:…` by its value, `i:…` by its place. */
function indexIn(list: readonly Json[], element: string): number | undefined {
  if (element.startsWith('i:')) return Number(element.slice(2));
  const wanted = parse(element.slice(2));
  if (wanted === undefined) return undefined;
  const index = list.findIndex((item) =>
    element.startsWith('k:')
      ? isJsonObject(item) && isJsonObject(wanted) && Object.keys(wanted).every((key) => item[key] === wanted[key])
      : JSON.stringify(item) === JSON.stringify(wanted),
  );
  return index < 0 ? undefined : index;
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
