// What lives in the namespaces of a project's applications and belongs to none of them (Argo CD, orphanedResources).
import { type KindRule, matchesGlob, type Project, type Resident } from '../model/index.ts';
import { kindAllowed } from './project.ts';

// A token of old times ends in the name of its account, five letters after it.
const token = /^(.+)-token-[bcdfghjklmnpqrstvwxz2456789]{5}$/;

/**
 * The residents of a namespace that nobody answers for, sorted; none where the project does not ask. `exists` tells
 * whether a tracking name is that of an application. Never among them: what the project denies, what it ignores, what
 * Kubernetes itself puts into every namespace, and what belongs to another object without saying so.
 */
export function orphansOf(
  project: Project,
  residents: readonly Resident[],
  exists: (tracking: string) => boolean,
): readonly Resident[] {
  const { orphaned } = project;
  if (orphaned === undefined) return [];
  const names = (kind: string): ReadonlySet<string> =>
    new Set(residents.filter(({ ref }) => ref.kind === kind).map(({ ref }) => ref.name));
  const owners = { sets: names('StatefulSet'), accounts: names('ServiceAccount') };
  return residents
    .filter(({ ref, tracking }) => (tracking === '' || !exists(tracking)) && !isUsual(ref) && !isOwned(ref, owners))
    .filter(({ ref }) => kindAllowed(project, ref, true) && !orphaned.ignore.some((rule) => ignores(rule, ref)))
    .sort(({ ref: a }, { ref: b }) => order(a.group, b.group) || order(a.kind, b.kind) || order(a.name, b.name));
}

/** The words of the condition, as Argo CD says it. */
export function orphansWarning(count: number): string {
  return `Application has ${count} orphaned resources`;
}

function isUsual({ group, kind, namespace, name }: Resident['ref']): boolean {
  if (group === 'discovery.k8s.io' && kind === 'EndpointSlice') return true;
  if (group !== '') return false;
  if (kind === 'ServiceAccount') return name === 'default';
  if (kind === 'ConfigMap') return name === 'kube-root-ca.crt';
  if (kind === 'Service') return name === 'kubernetes' && namespace === 'default';
  return kind === 'Endpoints' || kind === 'Event';
}

function isOwned(
  { group, kind, name }: Resident['ref'],
  owners: { readonly sets: ReadonlySet<string>; readonly accounts: ReadonlySet<string> },
): boolean {
  if (group !== '') return false;
  if (kind === 'Secret') return owners.accounts.has(token.exec(name)?.[1] ?? '');
  if (kind !== 'PersistentVolumeClaim') return false;
  const stem = /^(.+)-\d+$/.exec(name)?.[1] ?? '';
  return [...owners.sets].some((set) => stem.endsWith(`-${set}`));
}

// An empty kind or name is every one, an empty group the core's: Argo CD's rule.
function ignores(rule: KindRule, { group, kind, name }: Resident['ref']): boolean {
  if (rule.kind !== '' && !matchesGlob(rule.kind, kind)) return false;
  return matchesGlob(rule.group, group) && (rule.name === undefined || matchesGlob(rule.name, name));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
