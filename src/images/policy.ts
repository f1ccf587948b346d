/**
 * Which tag is wanted: `semver:^1.2`, `newest` (by the time it was made), `numeric` (calendar versions and build numbers
 * too), `alphabetical`; each with ` match REGEX` for the tags that count, whose first group is what is compared.
 */
import { compareVersions, EngineError, parseRange, parseVersion, type Version } from '../model/index.ts';
import { matchTags } from './match.ts';

export type Policy = {
  readonly kind: 'semver' | 'newest' | 'numeric' | 'alphabetical';
  /** Of semver. */
  readonly range: string;
  /** '' for every tag. */
  readonly match: string;
  /** As it was written. */
  readonly text: string;
};

/** Asks when a tag was made, RFC 3339; '' when it does not say. */
export type CreatedAt = (tag: string) => Promise<string>;

/** Tags whose time is asked for at most: more has to be narrowed with `match`. */
const mostDescribed = 200;

/** Reads a policy. EngineError `usage` says what is wrong with it. */
export function parsePolicy(text: string): Policy {
  const [, head = '', match = ''] = /^\s*(.*?)(?:\s+match\s+(\S.*?))?\s*$/.exec(text) ?? [];
  const [word = '', ...rest] = head.split(':');
  const range = rest.join(':').trim();
  const wrong = (why: string) => new EngineError('usage', `image policy: ${why}: ${text.trim().slice(0, 200)}`);
  if (match !== '') matchTags(match, []);
  if (word === 'semver') {
    if (range === '' || parseRange(range) === undefined) throw wrong('semver needs a range, as in semver:^1.2');
    return { kind: 'semver', range, match, text: text.trim() };
  }
  const kind = word === 'calver' ? 'numeric' : word;
  if (kind !== 'newest' && kind !== 'numeric' && kind !== 'alphabetical')
    throw wrong('must be semver:RANGE, newest, numeric, calver or alphabetical');
  if (range !== '') throw wrong(`${word} takes no range; narrow the tags with match REGEX`);
  return { kind, range: '', match, text: text.trim() };
}

type Candidate = { readonly tag: string; readonly by: string };

/**
 * The tag that `policy` wants instead of `current`; `current` when nothing better is there. Never an older one, as far
 * as the policy can compare the two.
 */
export async function chooseTag(
  policy: Policy,
  current: string,
  tags: readonly string[],
  createdAt: CreatedAt,
): Promise<string> {
  const candidates = candidatesOf(policy, tags);
  const now = candidatesOf(policy, [current])[0];
  if (policy.kind === 'newest') return (await newest(policy, candidates, createdAt)) ?? current;
  const compare = comparison(policy);
  const fit = policy.kind === 'semver' ? candidates.filter((one) => inRange(policy, one.by)) : candidates;
  const [best] = fit.toSorted((a, b) => compare(b.by, a.by));
  if (best === undefined) return current;
  if (now === undefined || !isComparable(policy, now.by)) return best.tag;
  return compare(best.by, now.by) > 0 ? best.tag : current;
}

function candidatesOf({ match }: Policy, tags: readonly string[]): readonly Candidate[] {
  if (match === '') return tags.map((tag) => ({ tag, by: tag }));
  const found = matchTags(match, tags);
  return tags.flatMap((tag, i) => {
    const by = found[i] ?? null;
    return by === null ? [] : [{ tag, by }];
  });
}

async function newest(policy: Policy, all: readonly Candidate[], createdAt: CreatedAt): Promise<string | undefined> {
  // Signatures and attestations lie beside images as tags of their own.
  const candidates = all.filter(({ tag }) => !/^sha256-[0-9a-f]{64}/.test(tag));
  if (candidates.length > mostDescribed) {
    const message = `image policy: newest among ${candidates.length} tags: narrow them with match REGEX: ${policy.text}`;
    throw new EngineError('usage', message);
  }
  let best: { readonly tag: string; readonly created: string } | undefined;
  for (const { tag } of candidates) {
    const created = await createdAt(tag);
    if (created !== '' && (best === undefined || created > best.created)) best = { tag, created };
  }
  return best?.tag;
}

function isComparable(policy: Policy, by: string): boolean {
  if (policy.kind === 'semver') return versionOf(by) !== undefined;
  return policy.kind !== 'numeric' || /\d/.test(by);
}

/** A whole version: tags like `1.2` move on by themselves. */
function versionOf(text: string): Version | undefined {
  return /^v?\d+\.\d+\.\d+/.test(text) ? parseVersion(text) : undefined;
}

function inRange({ range }: Policy, by: string): boolean {
  const version = versionOf(by);
  return version !== undefined && parseRange(range)?.allows(version) === true;
}

function comparison({ kind }: Policy): (a: string, b: string) => number {
  if (kind === 'semver') {
    return (a, b) => {
      const [left, right] = [versionOf(a), versionOf(b)];
      return left === undefined || right === undefined ? 0 : compareVersions(left, right);
    };
  }
  if (kind === 'alphabetical') return (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  return compareNumbers;
}

/** By the numbers in them, one after the other: `2026.11.3` is before `2026.11.20`. Without any it comes first. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => (text.match(/\d+/g) ?? []).map(BigInt));
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const [x, y] = [left?.[i], right?.[i]];
    if (x === y) continue;
    return x === undefined || (y !== undefined && x < y) ? -1 : 1;
  }
  return 0;
}
