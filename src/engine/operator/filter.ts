// Which applications a request is about.
import type { ApplicationFilter } from '../../contract/index.ts';
import type { Application, Destination } from '../../model/index.ts';
import { readSelector } from './selector.ts';
import { healthOf, syncOf } from './views.ts';

/** A test for this filter. EngineError `usage` for a selector that cannot be read. */
export function matcher(filter: ApplicationFilter): (application: Application) => boolean {
  const { keys, namespace, projects, repo, sync, health, cluster } = filter;
  const selects = filter.selector === undefined ? undefined : readSelector(filter.selector);
  const address = repo === undefined ? undefined : plainAddress(repo);
  return (app) =>
    (keys?.includes(app.key) ?? true) &&
    (namespace ?? app.namespace) === app.namespace &&
    (projects?.includes(app.project) ?? true) &&
    (selects?.(app.labels) ?? true) &&
    (address === undefined || app.sources.some((source) => plainAddress(source.repoURL) === address)) &&
    (filter.environment ?? app.report?.verdict?.record.environment) === app.report?.verdict?.record.environment &&
    (sync?.includes(syncOf(app)) ?? true) &&
    (health?.includes(healthOf(app).status) ?? true) &&
    (cluster === undefined || goesTo(app.destination, cluster));
}

/** The one namespace that a filter is about, undefined for several or all. */
export function namespaceOf(filter: ApplicationFilter): string | undefined {
  if (filter.namespace !== undefined) return filter.namespace;
  const found = new Set(filter.keys?.map((key) => key.slice(0, key.indexOf('/'))));
  const [only] = found;
  return found.size === 1 ? only : undefined;
}

/** `host/path` of an address, without scheme, user, port and `.git`; good enough to tell repositories apart in a list. */
export function plainAddress(url: string): string {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.+)$/.exec(url);
  const text = scp === null ? url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '') : `${scp[1]}/${scp[2]}`;
  return text
    .replace(/^[^@/]+@/, '')
    .replace(/^([^/:]+):\d+/, '$1')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .toLowerCase();
}

function goesTo(destination: Destination, cluster: string): boolean {
  const inCluster = 'https://kubernetes.default.svc';
  const asked = cluster === 'in-cluster' ? inCluster : cluster.replace(/\/+$/, '');
  const name = destination.name === 'in-cluster' ? inCluster : destination.name;
  return destination.server === asked || name === asked;
}
