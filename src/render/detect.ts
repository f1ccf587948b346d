/** Which tool renders a source: the one that its options name, else the one whose file lies in its path. */
import { EngineError, type Settings, type Source } from '../model/index.ts';
import type { TreeEntry } from '../ports/index.ts';

/** Argo CD's words for the tools. */
export type SourceType = 'Directory' | 'Helm' | 'Kustomize' | 'Plugin';

/** Names under which a kustomization may lie, in the order in which they are looked for. */
export const kustomizationNames: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The tool for `source`, whose path holds `entries`. A tool that is switched off leaves plain manifests. */
export function detect(source: Source, entries: readonly TreeEntry[], settings: Settings): SourceType {
  const named: SourceType[] = [];
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
