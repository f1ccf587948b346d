/** What would be changed in which file: rules and markers applied to the images of files. */
import { asEngineError, EngineError } from '../model/index.ts';
import type { ImageRegistry } from '../ports/index.ts';
import { normalImage } from './name.ts';
import { chooseTag, type Policy, parsePolicy } from './policy.ts';
import { type Place, readPlaces } from './read-places.ts';

/** An image that is kept new; every place where it stands counts. */
export type Rule = { readonly image: string; readonly policy: Policy };

/** One image that gets another tag. */
export type Update = {
  readonly image: string;
  readonly from: string;
  readonly to: string;
  /** '' where none was written, and the registry does not have the old tag any more. */
  readonly fromDigest: string;
  readonly toDigest: string;
  readonly policy: string;
  readonly places: readonly { readonly file: string; readonly line: number }[];
};

export type Updates = {
  readonly updates: readonly Update[];
  /** New texts by file. */
  readonly files: ReadonlyMap<string, string>;
  /** Images that could not be looked up, and rules without a place. */
  readonly problems: readonly { readonly about: string; readonly error: EngineError }[];
};

/** Reads rules: `IMAGE=POLICY`, one a line or separated by `;`. EngineError `usage`. */
export function parseRules(text: string): readonly Rule[] {
  return text
    .split(/[;\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'markers')
    .map((one) => {
      const equals = one.indexOf('=');
      if (equals < 1) throw new EngineError('usage', `image rule: must be IMAGE=POLICY: ${one.slice(0, 200)}`);
      return { image: normalImage(one.slice(0, equals).trim()), policy: parsePolicy(one.slice(equals + 1)) };
    });
}

type Wanted = { readonly place: Place; readonly policy: Policy };

/**
 * Chooses the tags of all images in `texts` that a rule or a marker names. `overlays` are files that win over others: an
 * image that stands in one of them is changed nowhere else.
 */
export async function planUpdates(
  texts: ReadonlyMap<string, string>,
  rules: readonly Rule[],
  registry: ImageRegistry,
  project: string,
  overlays: ReadonlySet<string> = new Set(),
): Promise<Updates> {
  const problems: { about: string; error: EngineError }[] = [];
  const { wanted, found } = wantedPlaces(texts, rules, overlays, problems);
  for (const { image } of rules) {
    if (found.has(image)) continue;
    const error = new EngineError('not-found', `image: stands in none of the files: ${image}`, { about: image });
    problems.push({ about: image, error });
  }
  const updates: Update[] = [];
  const edits = new Map<string, { readonly place: Place; readonly text: string }[]>();
  const groups = Map.groupBy(wanted, ({ place, policy }) => `${place.image}\0${place.tag}\0${policy.text}`);
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    try {
      const update = await updateOf(first, group, registry, project);
      if (update === undefined) continue;
      updates.push(update);
      for (const { place } of group) {
        const some = edits.get(place.file) ?? [];
        edits.set(place.file, [...some, { place, text: place.write(update.to, update.toDigest) }]);
      }
    } catch (error) {
      problems.push({ about: first.place.image, error: asEngineError(error) });
    }
  }
  const files = new Map([...edits].map(([file, some]) => [file, applied(texts.get(file) ?? '', some)]));
  return { updates, files, problems };
}

function wantedPlaces(
  texts: ReadonlyMap<string, string>,
  rules: readonly Rule[],
  overlays: ReadonlySet<string>,
  problems: { about: string; error: EngineError }[],
): { readonly wanted: readonly Wanted[]; readonly found: ReadonlySet<string> } {
  const places = [...texts].flatMap(([file, text]) => readPlaces(file, text));
  const inOverlay = new Set(places.flatMap((place) => (overlays.has(place.file) ? [place.image] : [])));
  const found = new Set(places.map((place) => place.image));
  const wanted = places.flatMap((place): Wanted[] => {
    if (!overlays.has(place.file) && inOverlay.has(place.image)) return [];
    try {
      // The marker stands nearer than the rule.
      const policy =
        place.policy !== '' ? parsePolicy(place.policy) : rules.find((rule) => rule.image === place.image)?.policy;
      return policy === undefined ? [] : [{ place, policy }];
    } catch (error) {
      problems.push({ about: `${place.file}:${place.line}`, error: asEngineError(error) });
      return [];
    }
  });
  return { wanted, found };
}

async function updateOf(
  { place, policy }: Wanted,
  group: readonly Wanted[],
  registry: ImageRegistry,
  project: string,
): Promise<Update | undefined> {
  const { image, tag } = place;
  const createdAt = async (one: string) => (await registry.describe(image, one, project)).created ?? '';
  const to = await chooseTag(policy, tag, await registry.tags(image, project), createdAt);
  if (to === tag) return undefined;
  // What cannot be read cannot be pulled either.
  const { digest } = await registry.describe(image, to, project);
  const before = tag === '' ? undefined : await registry.describe(image, tag, project).catch(() => undefined);
  const places = group.map((one) => ({ file: one.place.file, line: one.place.line }));
  const fromDigest = place.digest || (before?.digest ?? '');
  return { image, from: tag, to, fromDigest, toDigest: digest, policy: policy.text, places };
}

// From the last to the first, so that offsets stay right.
function applied(text: string, edits: readonly { readonly place: Place; readonly text: string }[]): string {
  let out = text;
  for (const { place, text: next } of edits.toSorted((a, b) => b.place.start - a.place.start))
    out = out.slice(0, place.start) + next + out.slice(place.end);
  return out;
}
