/**
 * Which files of a directory are workloads: `score.yaml`, `workload.yaml`, or several of them as `web.score.yaml`,
 * `api.workload.yaml`. `web.score.staging.yaml` is laid over `web.score.yaml` in the environment `staging`.
 */
import type { Tree, TreeEntry } from '../../ports/index.ts';
import { joinPath } from '../paths.ts';
import { decodeText } from '../yaml/decode-text.ts';

/** One workload file. */
export type WorkloadFile = {
  readonly name: string;
  readonly form: 'score' | 'short';
  /** What stands before `.workload.yaml`. */
  readonly stem: string | undefined;
};

const fileName = /^(?:(?<stem>[^/]+)\.)?(?<form>score|workload)\.ya?ml$/;
const overlayName = /^(?<of>(?:[^/]+\.)?(?:score|workload))\.(?<environment>[^./]+)\.ya?ml$/;

/** The files of a listing that are workloads by their names. */
export function workloadNames(entries: readonly TreeEntry[]): readonly WorkloadFile[] {
  return entries.flatMap(({ name, kind }) => {
    const groups = kind === 'file' || kind === 'link' ? fileName.exec(name)?.groups : undefined;
    if (groups === undefined) return [];
    return [{ name, form: groups.form === 'score' ? 'score' : 'short', stem: groups.stem } satisfies WorkloadFile];
  });
}

/**
 * Those of them that are no manifests: a Deployment may well lie in a file named `workload.yaml`. `tree` remembers that
 * they were read.
 */
export async function workloadsIn(
  tree: Pick<Tree, 'read'>,
  directory: string,
  entries: readonly TreeEntry[],
): Promise<readonly WorkloadFile[]> {
  const found: WorkloadFile[] = [];
  for (const file of workloadNames(entries)) {
    const bytes = await tree.read(joinPath(directory, file.name));
    if (bytes !== undefined && !isManifest(decodeText(bytes) ?? '')) found.push(file);
  }
  return found;
}

// Every manifest has a kind at its top; neither form of a workload has one.
function isManifest(text: string): boolean {
  return /^(?:kind|"kind"|'kind')\s*:/m.test(text) || /^\s*\{[\s\S]*\bkind\b/.test(text);
}

/** The name of the file that is laid over `file` in an environment, undefined where there is none. */
export function overlayOf(file: WorkloadFile, environment: string, entries: readonly TreeEntry[]): string | undefined {
  const of = file.name.replace(/\.ya?ml$/, '');
  return entries.find(({ name, kind }) => {
    const groups = kind === 'directory' || kind === 'module' ? undefined : overlayName.exec(name)?.groups;
    return groups?.of === of && groups.environment === environment;
  })?.name;
}

/** True for workloads and everything laid over them: the rest of a directory are plain manifests. */
export function belongsToWorkload(name: string, files: readonly WorkloadFile[]): boolean {
  if (files.some((file) => file.name === name)) return true;
  const of = overlayName.exec(name)?.groups?.of;
  return of !== undefined && files.some((file) => file.name.replace(/\.ya?ml$/, '') === of);
}
