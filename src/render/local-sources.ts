/** The Sources port over directories on disk, for `plumb render ./path`: other addresses go to the real one, if any. */
import { EngineError, type Source } from '../model/index.ts';
import type { Sources, Tree } from '../ports/index.ts';
import { workingTree } from './working-tree.ts';

/** Sources whose repository `repoURL` is the directory `directory` as it is now, at every revision. */
export function localSources(repoURL: string, directory: string, others?: Sources): Sources {
  const tree: Tree = workingTree(directory);
  let looks = 0;
  const elsewhere = (source: Pick<Source, 'repoURL'>): Sources => {
    if (others !== undefined) return others;
    throw new EngineError('repo-not-found', `${source.repoURL}: only ${directory} is at hand`, {
      about: source.repoURL,
    });
  };
  const isLocal = (source: Source): boolean => source.repoURL === repoURL && source.chart === undefined;
  return {
    // The files may change between any two looks, so no two of them are one revision.
    resolve: async (source, project, options) =>
      isLocal(source)
        ? { revision: `working-tree-${++looks}`, found: '' }
        : await elsewhere(source).resolve(source, project, options),
    open: async (source, revision, project) =>
      isLocal(source) ? tree : await elsewhere(source).open(source, revision, project),
    info: async (source, revision, project) =>
      isLocal(source) ? undefined : await elsewhere(source).info(source, revision, project),
    chart: async (url, name, version, project) => await elsewhere({ repoURL: url }).chart(url, name, version, project),
    fetch: async (url, project) => await elsewhere({ repoURL: url }).fetch(url, project),
    onChange: (listener) => others?.onChange(listener),
    wake: async (event) => (await others?.wake(event)) ?? [],
    watchOnly: (sources) => others?.watchOnly(sources),
    normalize: (url) => others?.normalize(url) ?? url,
    stop: async () => await others?.stop(),
  };
}
