// Which kinds are left alone altogether: Argo CD's resource.exclusions and resource.inclusions.
import { matchesGlob, type ResourceFilter, type Settings } from '../model/index.ts';

/**
 * True when a kind is neither watched nor compared, applied or pruned on a cluster. Exclusions win; without inclusions
 * everything is included. Events, leases and metrics are never ours.
 */
export function isExcludedKind(
  settings: Pick<Settings, 'exclusions' | 'inclusions'>,
  server: string,
  group: string,
  kind: string,
): boolean {
  if (group === '' && kind === 'Event') return true;
  if (group === 'events.k8s.io' || group === 'metrics.k8s.io') return true;
  if (group === 'coordination.k8s.io' && kind === 'Lease') return true;
  const hits = (filter: ResourceFilter): boolean =>
    anyMatches(filter.apiGroups, group) && anyMatches(filter.kinds, kind) && anyMatches(filter.clusters, server);
  if (settings.exclusions.some(hits)) return true;
  return settings.inclusions.length > 0 && !settings.inclusions.some(hits);
}

function anyMatches(patterns: readonly string[], text: string): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matchesGlob(pattern, text));
}
