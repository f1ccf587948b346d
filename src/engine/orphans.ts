// Orphans: what lives beside the objects of applications and belongs to none. They are found once for each namespace and
// set of rules, however many applications share them, and only where a project asks (orphanedResources).
import type { AppKey, Application, Project, Resident } from '../model/index.ts';
import { orphansOf, orphansWarning } from '../policy/index.ts';
import type { Cluster, Clusters, Store } from '../ports/index.ts';
import type { Finding } from '../report/index.ts';

/** What is known of orphans. */
export type Orphans = {
  /** What an application has to say about them; counts them for `counts`. */
  findings(app: Application, project: Project, cluster: Cluster): readonly Finding[];
  /** Looks at all applications: which namespaces matter, and whose. Answers those that have to look again. */
  index(): readonly AppKey[];
  /** The applications in whose destination somebody has come or gone. */
  living(namespace: string): Iterable<AppKey>;
  /** How many there are, by application; only for projects that ask. */
  counts(): Iterable<{ readonly app: Application; readonly count: number }>;
};

const warning = 'OrphanedResourceWarning';
// A label holds 63 characters; longer names are cut.
const longestLabel = 63;

/** Tells whether what an object says of its application is one of these tracking names. */
export function isTrackingOf(known: ReadonlySet<string>): (tracking: string) => boolean {
  return (tracking) =>
    known.has(tracking) || (tracking.length === longestLabel && [...known].some((name) => name.startsWith(tracking)));
}

/** `known` is the set of tracking names of all applications, kept current by whoever made it. */
export function createOrphans(
  store: Pick<Store, 'applications' | 'application' | 'project'>,
  clusters: Pick<Clusters, 'follow'>,
  known: ReadonlySet<string>,
): Orphans {
  const counted = new Map<AppKey, number>();
  let found = new WeakMap<readonly Resident[], Map<string, readonly Resident[]>>();
  let homes = new Map<AppKey, string>();
  let followed = '';
  let neighbours = new Map<string, Set<AppKey>>();

  const exists = isTrackingOf(known);
  const among = (residents: readonly Resident[], project: Project): readonly Resident[] => {
    const answers = found.get(residents) ?? new Map<string, readonly Resident[]>();
    found.set(residents, answers);
    const rules = JSON.stringify([project.orphaned?.ignore, project.namespaceAllow, project.namespaceDeny]);
    const orphans = answers.get(rules) ?? orphansOf(project, residents, exists);
    answers.set(rules, orphans);
    return orphans;
  };
  return {
    findings(app, project, cluster) {
      const { namespace } = app.destination;
      if (project.orphaned === undefined || namespace === '') {
        counted.delete(app.key);
        return [];
      }
      // Until they are known, what was said of them stands; what wakes the application comes later.
      const isFollowed = neighbours.get(namespace)?.has(app.key) === true;
      const residents = isFollowed ? cluster.residents(namespace) : undefined;
      if (residents === undefined || residents instanceof Promise)
        return app.report?.conditions.filter(({ type }) => type === warning) ?? [];
      const count = among(residents, project).length;
      counted.set(app.key, count);
      return count > 0 && project.orphaned.warn ? [{ type: warning, message: orphansWarning(count) }] : [];
    },
    index() {
      const wanted = new Map<string, Parameters<Clusters['follow']>[0][number]>();
      const now = new Map<AppKey, string>();
      neighbours = new Map();
      for (const { key, destination, project } of store.applications()) {
        const { namespace, server, name } = destination;
        now.set(key, namespace);
        if (namespace === '' || store.project(project)?.orphaned === undefined) continue;
        wanted.set([server, name, namespace, project].join('\n'), { destination, project });
        neighbours.set(namespace, (neighbours.get(namespace) ?? new Set()).add(key));
      }
      const asked = [...wanted.keys()].sort().join('\n\n');
      if (asked !== followed) clusters.follow([...wanted.values()]);
      followed = asked;
      // What belonged to an application that is gone belongs to nobody, and the other way round.
      const moved = new Set<string>();
      for (const [key, home] of now) if (!homes.has(key)) moved.add(home);
      for (const [key, home] of homes) if (!now.has(key)) moved.add(home);
      for (const key of counted.keys()) if (!now.has(key)) counted.delete(key);
      homes = now;
      if (moved.size > 0) found = new WeakMap();
      return [...moved].flatMap((namespace) => [...(neighbours.get(namespace) ?? [])]);
    },
    living: (namespace) => neighbours.get(namespace) ?? [],
    *counts() {
      for (const [key, count] of counted) {
        const app = store.application(key);
        if (app !== undefined) yield { app, count };
      }
    },
  };
}
