import { highest, parseRange, parseVersion } from '../../model/index.ts';

/** True for a complete version (`1.2.3`, `v1.2.3-rc.1`): it means itself, whatever the repository holds. */
export function isExactVersion(target: string): boolean {
  return /^v?\d+\.\d+\.\d+/.test(target) && parseVersion(target) !== undefined;
}

/** The version that `target` (a version, a range, '' for the newest release) means among `versions`. */
export function chooseVersion(versions: readonly string[], target: string): string | undefined {
  if (versions.includes(target)) return target;
  const range = parseRange(target === '' ? '*' : target);
  return range === undefined ? undefined : highest(range, versions);
}
