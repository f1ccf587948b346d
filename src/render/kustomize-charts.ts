/**
 * Charts of kustomizations (`helmCharts`) that are not in the repository: found in Helm repositories and registries
 * through the Sources port, and shown to the toolbox as archives.
 */
import { EngineError } from '../model/index.ts';
import type { FileView } from './file-view.ts';
import type { Generation } from './generation.ts';
import { mountFolder } from './remote-bases.ts';
import { type ChartDependency, type FetchedChart, ToolboxError } from './toolbox/protocol.ts';
import { isVersion } from './unpinned.ts';

/** Charts that the kustomizations of one source may have fetched. */
const maxCharts = 64;

/** The charts that a request to the toolbox failed for; empty when it failed for something else. */
export function chartsMissing(error: unknown): readonly ChartDependency[] {
  if (!(error instanceof ToolboxError) || error.code !== 'missing-charts') return [];
  return error.details.dependencies ?? [];
}

/** Fetches what is `missing`, shows it in `view` and adds it to `charts`. */
export async function fetchCharts(
  generation: Generation,
  view: FileView,
  missing: readonly ChartDependency[],
  charts: FetchedChart[],
): Promise<void> {
  const { sources, request, path } = generation;
  const { project } = request.application;
  for (const { name, version, repository } of missing) {
    if (charts.length >= maxCharts)
      throw new EngineError('render-limit', `${path || '.'}: more than ${maxCharts} charts to fetch`, { about: path });
    if (!/^(?:https?|oci):\/\//.test(repository))
      throw new EngineError('repo-config', `kustomize: helm chart ${name}: repo: not an address: ${repository}`, {
        about: path,
      });
    const fetched = await sources.chart(repository.replace(/\/+$/, ''), name, version, project);
    const archive = `${mountFolder}/chart-${charts.length}.tgz`;
    view.put(archive, fetched.archive);
    charts.push({ name, version, repository, archive });
    // What a range means may change; a complete version is the same for ever.
    if (!isVersion(version))
      generation.restsOn({ repoURL: repository, chart: name, targetRevision: version }, fetched.version);
  }
}
