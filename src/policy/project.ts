// What a project allows: sources, destinations, kinds. The answers are holds, in Argo CD's words where it has some.
import {
  type Application,
  describe,
  type Hold,
  idOf,
  type KindRule,
  matchesGlob,
  type ObjectRef,
  type Project,
  validGlob,
} from '../model/index.ts';
import { normalRepository } from './repository.ts';

/** The cluster that a destination turned out to mean; `project` is the one it belongs to, '' for all. */
export type ClusterIdentity = { readonly server: string; readonly name: string; readonly project?: string };

/** An object that the application wants to apply or delete. */
export type ObjectAsked = { readonly ref: ObjectRef; readonly namespaced: boolean };

/** Everything that forbids an application as a whole; empty when it may be synced. */
export function permit(
  application: Pick<Application, 'namespace' | 'name' | 'sources' | 'destination'>,
  project: Project,
  cluster: ClusterIdentity,
  context: { readonly controlNamespace: string },
): readonly Hold[] {
  if (project.problems.length > 0)
    return [denied(`project ${project.name} cannot be read: ${project.problems.join('; ')}`)];
  const holds: Hold[] = [];
  if (!applicationNamespaceAllowed(project, application.namespace, context.controlNamespace))
    holds.push(
      denied(
        `application ${application.name} in namespace ${application.namespace} is not allowed to use project ${project.name}`,
      ),
    );
  for (const { repoURL } of application.sources)
    if (!sourceAllowed(project, repoURL))
      holds.push(denied(`application repo ${repoURL} is not permitted in project '${project.name}'`));
  const { namespace } = application.destination;
  if (!destinationAllowed(project, cluster, namespace))
    holds.push(
      denied(
        `application destination server '${cluster.server}' and namespace '${namespace}' do not match any of the allowed destinations in project '${project.name}'`,
      ),
    );
  return holds;
}

/** Whether the project allows an application this repository, whatever else it may want. */
export function permitsRepository(
  application: Pick<Application, 'namespace'>,
  project: Project,
  repoURL: string,
  context: { readonly controlNamespace: string },
): boolean {
  const usable = project.problems.length === 0;
  return (
    usable &&
    applicationNamespaceAllowed(project, application.namespace, context.controlNamespace) &&
    sourceAllowed(project, repoURL)
  );
}

/** The objects that the project does not allow, grouped by what forbids them. `namespace` is for refs that name none. */
export function permitObjects(
  project: Project,
  cluster: ClusterIdentity,
  namespace: string,
  objects: readonly ObjectAsked[],
): readonly Hold[] {
  const groups = new Map<string, string[]>();
  const hold = (message: string, ref: ObjectRef) => {
    const ids = groups.get(message) ?? [];
    ids.push(idOf(ref));
    groups.set(message, ids);
  };
  const allowed = new Map<string, boolean>();
  for (const { ref, namespaced } of objects) {
    if (!kindAllowed(project, ref, namespaced)) {
      const what = ref.kind === 'Namespace' || !namespaced ? describe(ref) : `${ref.group}:${ref.kind}`;
      hold(`resource ${what} is not permitted in project ${project.name}`, ref);
      continue;
    }
    if (!namespaced) continue;
    const target = ref.namespace || namespace;
    const known = allowed.get(target) ?? destinationAllowed(project, cluster, target);
    allowed.set(target, known);
    if (!known) hold(`namespace ${target} is not permitted in project '${project.name}'`, ref);
  }
  return [...groups].map(([message, ids]) => ({ ...denied(message), objects: ids }));
}

/** Whether an application outside the control namespace may use the project; patterns are globs, or `/regular expressions/`. */
export function applicationNamespaceAllowed(project: Project, namespace: string, controlNamespace: string): boolean {
  return namespace === controlNamespace || project.sourceNamespaces.some((pattern) => matchesName(pattern, namespace));
}

/** A glob, or between slashes a regular expression, over names. One that cannot be read matches nothing. */
export function matchesName(pattern: string, name: string): boolean {
  if (pattern.length <= 2 || !pattern.startsWith('/') || !pattern.endsWith('/')) return matchesGlob(pattern, name);
  try {
    return new RegExp(pattern.slice(1, -1)).test(name);
  } catch {
    return false;
  }
}

/** `*` stays within one segment of an address, `**` does not; an entry with `!` denies what it matches. */
function sourceAllowed(project: Project, repoURL: string): boolean {
  const wanted = normalRepository(repoURL);
  let some = false;
  for (const entry of project.sourceRepos) {
    const denies = entry.startsWith('!');
    const pattern = normalRepository(denies ? entry.slice(1) : entry);
    // What is to be denied by a pattern that nobody can read is everything.
    if (denies && !validGlob(pattern)) return false;
    const matches = pattern === '*' || matchesGlob(pattern, wanted, '/');
    if (denies && matches) return false;
    // Argo CD's rule: an entry that denies something else allows this.
    some ||= denies || matches;
  }
  return some;
}

function destinationAllowed(project: Project, cluster: ClusterIdentity, namespace: string): boolean {
  if (project.permitOnlyProjectScopedClusters && cluster.project !== project.name) return false;
  let some = false;
  for (const item of project.destinations) {
    const name = side(item.name ?? '', cluster.name);
    const server = side(item.server ?? '', cluster.server);
    const space = side(item.namespace, namespace);
    const matches =
      ((cluster.server !== '' && server.matches) || (cluster.name !== '' && name.matches)) && space.matches;
    if (matches) some = true;
    else if (name.denies || server.denies || space.denies) return false;
  }
  return some;
}

/** One pattern of a destination: does the value pass it, and does it deny the value. */
function side(pattern: string, value: string): { readonly matches: boolean; readonly denies: boolean } {
  if (!pattern.startsWith('!')) return { matches: matchesGlob(pattern, value), denies: false };
  const passes = validGlob(pattern.slice(1)) && !matchesGlob(pattern.slice(1), value);
  return { matches: passes, denies: !passes };
}

/** Whether the project lets its applications have this kind of object, by this name. */
export function kindAllowed(project: Project, ref: ObjectRef, namespaced: boolean): boolean {
  if (namespaced) {
    const allow = project.namespaceAllow;
    return (allow === undefined || listed(allow, ref)) && !listed(project.namespaceDeny, ref);
  }
  return listed(project.clusterAllow, ref) && !listed(project.clusterDeny, ref);
}

function listed(rules: readonly KindRule[], ref: ObjectRef): boolean {
  return rules.some(
    (rule) =>
      matchesGlob(rule.group, ref.group) &&
      matchesGlob(rule.kind, ref.kind) &&
      (rule.name === undefined || matchesGlob(rule.name, ref.name)),
  );
}

function denied(message: string): Hold {
  return { reason: 'not-permitted', message, objects: [] };
}
