// Global projects: a project inherits the lists of those whose selector its labels match (Argo CD, globalProjects).
import type { Project } from '../model/index.ts';

/** The project with what it inherits; parents are asked for by name. A project never inherits from itself. */
export function inherit(
  project: Project,
  globals: readonly { readonly project: string; readonly labels: Readonly<Record<string, string>> }[],
  parent: (name: string) => Project | undefined,
): Project {
  let made = project;
  for (const { project: name, labels } of globals) {
    if (name === project.name) continue;
    if (!Object.entries(labels).every(([key, value]) => project.labels[key] === value)) continue;
    const from = parent(name);
    if (from !== undefined) made = merged(made, from);
  }
  return made;
}

function merged(project: Project, from: Project): Project {
  const allowed = [...(project.namespaceAllow ?? []), ...(from.namespaceAllow ?? [])];
  const restricts = project.namespaceAllow !== undefined || from.namespaceAllow !== undefined;
  return {
    ...project,
    sourceRepos: [...project.sourceRepos, ...from.sourceRepos],
    destinations: [...project.destinations, ...from.destinations],
    clusterAllow: [...project.clusterAllow, ...from.clusterAllow],
    clusterDeny: [...project.clusterDeny, ...from.clusterDeny],
    namespaceDeny: [...project.namespaceDeny, ...from.namespaceDeny],
    ...(restricts ? { namespaceAllow: allowed } : {}),
    windows: [...project.windows, ...from.windows],
  };
}
