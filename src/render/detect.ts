/** Which tool renders a source: the one that its options name, else the one whose file lies in its path. */
import { EngineError, type Settings, type Source } from '../model/index.ts';
import type { Tree, TreeEntry } from '../ports/index.ts';
import { workloadsIn } from './workload/discover.ts';

/** Argo CD's words for the tools, and ours for Score and `workload.yaml`. */
export type SourceType = 'Directory' | 'Helm' | 'Kustomize' | 'Plugin' | 'Workload';

/** Names under which a kustomization may lie, in the order in which they are looked for. */
export const kustomizationNames: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/**
 * The tool for `source`, whose path holds `entries`. A tool that is switched off leaves plain manifests. `tree` is read
 * only where a file may be a workload or a manifest by its name.
 */
export async function detect(
  source: Source,
  tree: Pick<Tree, 'read'>,
  path: string,
  entries: readonly TreeEntry[],
  settings: Settings,
): Promise<SourceType> {
  const tool = toolOf(source, entries, settings);
  if (tool !== 'Directory' || source.directory !== undefined) return tool;
  return (await workloadsIn(tree, path, entries)).length > 0 ? 'Workload' : tool;
}

function toolOf(source: Source, entries: readonly TreeEntry[], settings: Settings): Exclude<SourceType, 'Workload'> {
  const named: Exclude<SourceType, 'Workload'>[] = [];
  if (source.kustomize !== undefined) named.push('Kustomize');
  if (source.helm !== undefined) named.push('Helm');
  if (source.directory !== undefined) named.push('Directory');
  if (source.plugin !== undefined) named.push('Plugin');
  if (named.length > 1)
    throw new EngineError('app-invalid', `more than one tool is named for a source: ${named.join(', ')}`);
  const enabled = { Helm: settings.helmEnabled, Kustomize: settings.kustomizeEnabled, Directory: true, Plugin: true };
  const [explicit] = named;
  if (explicit !== undefined) return enabled[explicit] ? explicit : 'Directory';
  const has = (name: string): boolean =>
    entries.some((entry) => entry.name === name && (entry.kind === 'file' || entry.kind === 'link'));
  if (enabled.Helm && has('Chart.yaml')) return 'Helm';
  if (enabled.Kustomize && kustomizationNames.some(has)) return 'Kustomize';
  return 'Directory';
}
