/** A version as Masterminds/semver (Helm, Argo CD) reads it: loose, `v1` is 1.0.0. */
export type Version = {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Without the dash, '' for a release. */
  readonly pre: string;
};

const loose =
  /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const largest = 2n ** 64n - 1n;

/** The version that `text` is, undefined when it is none. */
export function parseVersion(text: string): Version | undefined {
  const match = text.length > 256 ? null : loose.exec(text);
  if (match === null) return undefined;
  const [major, minor, patch] = [match[1], match[2], match[3]].map((digits) => BigInt(digits ?? '0'));
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  if (major > largest || minor > largest || patch > largest) return undefined;
  const pre = match[4] ?? '';
  if (pre.split('.').some((part) => /^0\d+$/.test(part))) return undefined;
  return { major, minor, patch, pre };
}

/** Below 0, 0 or above 0 as `a` comes before, with or after `b`; build metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  return (
    compareNumbers(a.major, b.major) ||
    compareNumbers(a.minor, b.minor) ||
    compareNumbers(a.patch, b.patch) ||
    comparePrereleases(a.pre, b.pre)
  );
}

/** The order of prereleases: none is the highest, numbers come before words. */
export function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return 1;
  if (b === '') return -1;
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareParts(left[i], right[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareParts(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  const numberA = /^\d+$/.test(a);
  const numberB = /^\d+$/.test(b);
  if (numberA && numberB) return compareNumbers(BigInt(a), BigInt(b));
  if (numberA !== numberB) return numberA ? -1 : 1;
  return a < b ? -1 : 1;
}

function compareNumbers(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
