// Which kinds Argo CD's resource.exclusions and resource.inclusions leave out.
import type { ResourceFilter, Settings } from '../model/index.ts';

/** True when a kind is to be left alone on a cluster. Exclusions win; without inclusions everything is included. */
export function isExcluded(settings: Settings, server: string, group: string, kind: string): boolean {
  if (group === '' && kind === 'Event') return true;
  if (group === 'events.k8s.io' || group === 'metrics.k8s.io') return true;
  if (group === 'coordination.k8s.io' && kind === 'Lease') return true;
  const hits = (filter: ResourceFilter): boolean =>
    anyMatches(filter.apiGroups, group) && anyMatches(filter.kinds, kind) && anyMatches(filter.clusters, server);
  if (settings.exclusions.some(hits)) return true;
  return settings.inclusions.length > 0 && !settings.inclusions.some(hits);
}

function anyMatches(patterns: readonly string[], text: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matches(pattern, text));
}

/** `*` stands for any text, `?` for one character, as in the globs of those settings. */
function matches(pattern: string, text: string): boolean {
  if (pattern === '*' || pattern === text) return true;
  // Two places to go back to instead of a regular expression: no pattern can make this slow.
  let [p, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (p < pattern.length && pattern[p] === '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
