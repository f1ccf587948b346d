// The commit that an environment has converged to in one repository: where its branch points.
import type { Application, VerdictState } from '../model/index.ts';

/** `back` says that somebody went back to it on purpose. */
export type LiveCommit = { readonly commit: string; readonly back: boolean };

type Member = { readonly target: string; readonly commit: string; readonly state: VerdictState };

/**
 * The last commit to which all applications of the environment in the repository have converged; undefined while any
 * of them is on its way or somewhere else. Applications that follow something else than most of them (a tag, another
 * branch) are not asked.
 */
export function liveCommit(
  applications: readonly Application[],
  environment: string,
  isRepository: (url: string) => boolean,
): LiveCommit | undefined {
  const members: Member[] = [];
  const projects = new Set<string>();
  const unseen: Application[] = [];
  for (const app of applications) {
    if (app.deletion !== undefined || app.skipReconcile) continue;
    const i = app.sources.findIndex((source) => source.chart === undefined && isRepository(source.repoURL));
    if (i < 0) continue;
    const state = app.report?.verdict;
    if (state === undefined) unseen.push(app);
    if (state === undefined || state.record.environment !== environment) continue;
    projects.add(app.project);
    const target = app.sources[i]?.targetRevision ?? '';
    const commit = (state.reached ?? state.record.revisions)[i] ?? '';
    members.push({ target: target === '' ? 'HEAD' : target, commit, state });
  }
  // One that nobody has looked at yet most likely belongs here too.
  if (unseen.some((app) => projects.has(app.project))) return undefined;
  const group = largest(members);
  const [first] = group;
  if (first === undefined || !/^[0-9a-f]{40,64}$/.test(first.commit)) return undefined;
  const all = group.every(({ commit, state }) => commit === first.commit && state.record.outcome === 'converged');
  return all ? { commit: first.commit, back: group.some(({ state }) => state.record.rollback) } : undefined;
}

function largest(members: readonly Member[]): readonly Member[] {
  const groups = new Map<string, Member[]>();
  for (const member of members) groups.set(member.target, [...(groups.get(member.target) ?? []), member]);
  const sorted = [...groups].sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
  return sorted[0]?.[1] ?? [];
}
