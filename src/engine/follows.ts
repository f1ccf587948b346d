// Whether refs that have moved in a repository may be what a source targets. What Plumbline writes back (notes, branches
// of environments) moves refs too, and must wake nobody who does not follow them.
import type { Source } from '../model/index.ts';

/** True unless none of the refs can be the target. Without names of Git refs it may be. */
export function mayFollow({ targetRevision: target, tagPrefix = '' }: Source, refs: readonly string[]): boolean {
  if (refs.length === 0 || refs.some((ref) => ref !== 'HEAD' && !ref.startsWith('refs/'))) return true;
  if (target === '' || target === 'HEAD') return refs.includes('HEAD');
  if ([target, `refs/heads/${target}`, `refs/tags/${target}`, `refs/${target}`].some((name) => refs.includes(name)))
    return true;
  // A version, a range or the beginning of a SHA is looked up among what there is.
  if (/^[0-9a-f]{7,64}$/i.test(target)) return true;
  const isLookedUp = tagPrefix !== '' || /^[v\d~^<>=*xX]/.test(target);
  return isLookedUp && refs.some((ref) => ref.startsWith('refs/tags/'));
}
