import { type Json, listAt, stringAt } from '../../model/index.ts';
import type { RepositoryEvent } from '../../ports/index.ts';

/** The strings among `values` that are not empty, each once. */
export function texts(...values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined && value !== ''))].map(String);
}

/** Paths that the commits of a push touch, sorted. */
export function changedFiles(commits: readonly Json[]): readonly string[] {
  const files = new Set<string>();
  for (const commit of commits) {
    for (const kind of ['added', 'modified', 'removed']) {
      for (const path of listAt(commit, kind)) if (typeof path === 'string') files.add(path);
    }
  }
  return [...files].sort();
}

/** The form that GitHub, Gitea, Gogs and GitLab share: `ref`, `before` and `after` at the top. */
export function pushEvent(
  provider: string,
  json: Json,
  urls: readonly string[],
  defaultBranch: string | undefined,
  complete: boolean,
): RepositoryEvent {
  return {
    provider,
    urls,
    ref: stringAt(json, 'ref') ?? '',
    before: stringAt(json, 'before') ?? '',
    after: stringAt(json, 'after') ?? '',
    ...(defaultBranch === undefined || defaultBranch === '' ? {} : { defaultBranch }),
    ...(complete ? { changedFiles: changedFiles(listAt(json, 'commits')) } : {}),
  };
}
