import { comparePrereleases, compareVersions, parseVersion, type Version } from './version.ts';

/** A version range in the grammar of Masterminds/semver v3: `1.2.*`, `^1`, `~1.2`, `>=1 <2`, `1 - 3`, `a || b`. */
export type VersionRange = {
  allows(version: Version): boolean;
};

/** One comparison. `from` tells which parts were left open: `1.x` leaves minor and patch, `1.2` the patch. */
type Term = {
  readonly operator: string;
  readonly version: Version;
  readonly open: 'nothing' | 'patch' | 'minor' | 'all';
};

const part = '[0-9xX*|]+';
const label = String.raw`[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*`;
const plain = String.raw`v?(?:${part})(?:\.(?:${part}))?(?:\.(?:${part}))?(?:-${label})?(?:\+${label})?`;
const operators = String.raw`=>|=<|!=|>=|<=|~>|=|>|<|~|\^|`;
const hyphen = new RegExp(String.raw`\s*(${plain})\s+-\s+(${plain})\s*`, 'g');
const group = new RegExp(
  String.raw`^\s*(?:${operators})\s*${plain}\s*(?:(?:\s+|,\s*)(?:${operators})\s*${plain}\s*)*$`,
);
const single = new RegExp(String.raw`(${operators})\s*(${plain})`, 'g');
const taken = new RegExp(String.raw`^v?(${part})(?:\.(${part}))?(?:\.(${part}))?(?:-(${label}))?(?:\+${label})?$`);

/** The range that `text` is, undefined when it is none. A plain version is a range too (`1.2` means 1.2.*). */
export function parseRange(text: string): VersionRange | undefined {
  if (text.length > 512) return undefined;
  const groups = text.replace(hyphen, '>= $1, <= $2 ').split('||');
  if (groups.length > 32) return undefined;
  const parsed: (readonly Term[])[] = [];
  for (const one of groups) {
    const terms = group.test(one) ? parseGroup(one) : undefined;
    if (terms === undefined) return undefined;
    parsed.push(terms);
  }
  return { allows: (version) => parsed.some((terms) => allowedBy(terms, version)) };
}

/** True for a range that is not simply a version: only these are looked up among all tags. */
export function isRange(text: string): boolean {
  return parseVersion(text) === undefined && parseRange(text) !== undefined;
}

/** The highest of `names` within `range`; a name that is no version is passed over, the first of equals wins. */
export function highest(range: VersionRange, names: Iterable<string>): string | undefined {
  let best: { readonly name: string; readonly version: Version } | undefined;
  for (const name of names) {
    const version = parseVersion(name);
    if (version === undefined || !range.allows(version)) continue;
    if (best === undefined || compareVersions(version, best.version) > 0) best = { name, version };
  }
  return best?.name;
}

function parseGroup(text: string): readonly Term[] | undefined {
  const terms: Term[] = [];
  for (const match of text.matchAll(single)) {
    const term = parseTerm(match[1] ?? '', match[2] ?? '');
    if (term === undefined) return undefined;
    terms.push(term);
  }
  return terms;
}

function parseTerm(operator: string, text: string): Term | undefined {
  const match = taken.exec(text);
  if (match === null) return undefined;
  const [major = '', minor, patch] = [match[1], match[2], match[3]];
  const open = isOpen(major) ? 'all' : isOpen(minor) ? 'minor' : isOpen(patch) ? 'patch' : 'nothing';
  const numbers = {
    all: '0.0.0',
    minor: `${major}.0.0`,
    patch: `${major}.${minor}.0`,
    nothing: `${major}.${minor}.${patch}`,
  };
  const version = parseVersion(`${numbers[open]}${match[4] === undefined ? '' : `-${match[4]}`}`);
  return version === undefined ? undefined : { operator, version, open };
}

function isOpen(written: string | undefined): boolean {
  return written === undefined || written === '*' || written === 'x' || written === 'X';
}

function allowedBy(terms: readonly Term[], version: Version): boolean {
  // Prereleases are candidates only where some term of the group names one.
  if (version.pre !== '' && !terms.some((term) => term.version.pre !== '')) return false;
  return terms.every((term) => fits(term, version));
}

function fits(term: Term, version: Version): boolean {
  const order = compareVersions(version, term.version);
  switch (term.operator) {
    case '!=':
      return differs(term, version, order);
    case '>':
      return isAbove(term, version, order);
    case '<':
      return order < 0;
    case '>=':
    case '=>':
      return order >= 0;
    case '<=':
    case '=<':
      return isAtMost(term, version, order);
    case '~':
    case '~>':
      return withinTilde(term, version, order);
    case '^':
      return withinCaret(term, version, order);
    default:
      return term.open === 'nothing' ? order === 0 : withinTilde(term, version, order);
  }
}

function differs({ version: bound, open }: Term, version: Version, order: number): boolean {
  if (open === 'nothing') return order !== 0;
  if (bound.major !== version.major) return true;
  if (open === 'minor') return false;
  if (bound.minor !== version.minor) return true;
  if (open === 'all') return bound.patch !== version.patch || order !== 0;
  return comparePrereleases(version.pre, bound.pre) !== 0;
}

function isAbove({ version: bound, open }: Term, version: Version, order: number): boolean {
  if (open === 'nothing' || open === 'all') return order > 0;
  if (version.major !== bound.major) return version.major > bound.major;
  return open === 'patch' && version.minor > bound.minor;
}

function isAtMost({ version: bound, open }: Term, version: Version, order: number): boolean {
  if (open === 'nothing') return order <= 0;
  if (version.major !== bound.major) return version.major < bound.major;
  return open === 'minor' || version.minor <= bound.minor;
}

function withinTilde({ version: bound, open }: Term, version: Version, order: number): boolean {
  if (order < 0) return false;
  const zero = bound.major === 0n && bound.minor === 0n && bound.patch === 0n;
  if (zero && open !== 'minor' && open !== 'patch') return true;
  return version.major === bound.major && (open === 'minor' || version.minor === bound.minor);
}

function withinCaret({ version: bound, open }: Term, version: Version, order: number): boolean {
  if (order < 0) return false;
  if (version.major !== bound.major) return false;
  if (bound.major > 0n || open === 'minor') return true;
  if (version.minor !== bound.minor) return false;
  return bound.minor > 0n || open === 'patch' || version.patch === bound.patch;
}
