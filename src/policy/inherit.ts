// Global projects: a project inherits the lists of those whose selector its labels match (Argo CD, globalProjects).
import type { GlobalProject, LabelExpression, Project } from '../model/index.ts';

type Globals = readonly GlobalProject[];

/** The names of the projects that a project inherits from, in their order. It never inherits from itself. */
export function parentsOf(project: Pick<Project, 'name' | 'labels'>, globals: Globals): readonly string[] {
  return globals
    .filter(({ project: name }) => name !== project.name)
    .filter(({ labels }) => Object.entries(labels).every(([key, value]) => project.labels[key] === value))
    .filter(({ expressions = [] }) => expressions.every((one) => holds(one, project.labels)))
    .map(({ project: name }) => name);
}

function holds({ key, operator, values }: LabelExpression, labels: Project['labels']): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  if (operator === 'Exists' || operator === 'DoesNotExist') return (value !== undefined) === (operator === 'Exists');
  // As in Kubernetes: a label that is not there is not in any list.
  return (value !== undefined && values.includes(value)) === (operator === 'In');
}

/** The project with what it inherits; parents are asked for by name. */
export function inherit(project: Project, globals: Globals, parent: (name: string) => Project | undefined): Project {
  let made = project;
  for (const name of parentsOf(project, globals)) {
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
