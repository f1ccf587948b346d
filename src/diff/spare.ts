// A manifest that leaves alone what ignore rules name: those places keep their live value where we answer for them, and
// are left to their owner where we do not. Applying it changes nothing there, and so does comparing it.
import {
  earlierAppliers,
  fieldManager,
  type IgnoreRule,
  isJsonObject,
  type Json,
  type JsonObject,
} from '../model/index.ts';
import { entriesOf, ownedPaths, owns, type Path, pathOfPointer, valueAt } from './field-set.ts';

/** What ignore rules name on each side. */
export type Ignored = { readonly desired: readonly Path[]; readonly live: readonly Path[] };

/** The places that rules name by pointer and by manager; those of jq expressions come from whoever can run them. */
export function ignoredPaths(rules: readonly IgnoreRule[], desired: JsonObject, live: JsonObject): Ignored {
  const pointers = rules.flatMap((rule) => rule.jsonPointers);
  const managers = new Set(rules.flatMap((rule) => rule.managers));
  const named = (root: JsonObject): readonly Path[] =>
    pointers.flatMap((pointer) => [pathOfPointer(pointer, root) ?? []]);
  const owned = entriesOf(live, (manager) => managers.has(manager)).flatMap((entry) => ownedPaths(entry, live));
  const real = (path: Path): boolean => path.length > 0;
  return { desired: named(desired).filter(real), live: [...named(live), ...owned].filter(real) };
}

/**
 * The manifest with the ignored places taken out of our hands. `how`: a server-side apply takes what it does not name
 * for given up, so that what we own is sent as it is live; the other ways overwrite, so that everything is.
 */
export function spare(desired: JsonObject, live: JsonObject, ignored: Ignored, how: 'owned' | 'all'): JsonObject {
  const ours = entriesOf(live, (manager) => manager === fieldManager || earlierAppliers.has(manager));
  const keeps = (path: Path): boolean => how === 'all' || ours.some((entry) => owns(entry, live, path));
  const out = JSON.parse(JSON.stringify(desired)) as Json;
  const removals: Path[] = [];
  for (const path of ignored.desired) {
    const there = translate(path, desired, live);
    const value = there === undefined ? undefined : valueAt(live, there);
    if (there !== undefined && value !== undefined && keeps(there)) put(out, path, value);
    else removals.push(path);
  }
  for (const path of ignored.live) {
    const here = translate(path, live, desired);
    if (keeps(path)) add(out, path, here, valueAt(live, path));
    else if (here !== undefined && valueAt(desired, here) !== undefined) removals.push(here);
  }
  for (const path of removals.sort(backwards)) remove(out, path);
  return isJsonObject(out) ? out : desired;
}

/** The same place in another version of the object: items of lists are found by what names them. */
function translate(path: Path, from: Json, to: Json): Path | undefined {
  const out: (string | number)[] = [];
  let [here, there]: [Json | undefined, Json | undefined] = [from, to];
  for (const step of path) {
    let next: string | number = step;
    if (typeof step === 'number') {
      const index = counterpart(here, there, step);
      if (index === undefined) return undefined;
      next = index;
    }
    out.push(next);
    here = valueAt(here, [step]);
    there = valueAt(there, [next]);
  }
  return out;
}

const identities = ['name', 'key', 'mountPath', 'containerPort', 'port', 'ip', 'type', 'uid', 'topologyKey'];

function counterpart(from: Json | undefined, to: Json | undefined, index: number): number | undefined {
  if (!Array.isArray(from) || !Array.isArray(to)) return undefined;
  const [a, b] = [from as readonly Json[], to as readonly Json[]];
  const key = identities.find((one) => distinct(a, one) && distinct(b, one));
  if (key === undefined) return index;
  const item = a[index];
  const found = b.findIndex((other) => isJsonObject(item) && isJsonObject(other) && item[key] === other[key]);
  return found < 0 ? undefined : found;
}

function distinct(list: readonly Json[], key: string): boolean {
  const values = new Set(list.map((item) => (isJsonObject(item) ? item[key] : undefined)));
  return values.size === list.length && !values.has(undefined);
}

type Mutable = Record<string | number, Json>;

function put(root: Json, path: Path, value: Json): void {
  const parent = valueAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (typeof parent !== 'object' || parent === null || last === undefined || last === '__proto__') return;
  (parent as Mutable)[last] = value;
}

// A live place that the manifest does not have (any more): it is made, with the maps above it; an item joins its list.
function add(root: Json, path: Path, here: Path | undefined, value: Json | undefined): void {
  if (value === undefined) return;
  if (
    here !== undefined &&
    !here.some((step, i) => typeof step === 'number' && valueAt(root, here.slice(0, i + 1)) === undefined)
  ) {
    let parent: Json | undefined = root;
    for (const step of here.slice(0, -1)) {
      const below = valueAt(parent, [step]);
      if (below === undefined && isJsonObject(parent)) put(parent, [step], {});
      parent = valueAt(parent, [step]);
    }
    if (typeof parent === 'object' && parent !== null) put(root, here, value);
    return;
  }
  const list = valueAt(root, path.slice(0, -1));
  if (typeof path.at(-1) === 'number' && Array.isArray(list)) (list as Json[]).push(value);
}

function remove(root: Json, path: Path): void {
  const parent = valueAt(root, path.slice(0, -1));
  const last = path.at(-1);
  if (Array.isArray(parent) && typeof last === 'number') (parent as Json[]).splice(last, 1);
  else if (isJsonObject(parent) && last !== undefined) delete (parent as Mutable)[last];
}

// Later items first, deeper places first: no removal moves another one's place.
function backwards(a: Path, b: Path): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    if (typeof x === 'number' && typeof y === 'number' && x !== y) return y - x;
  }
  return b.length - a.length;
}
