/**
 * Kustomizations: built by the original library in the toolbox, with the Application's options as edits in memory and
 * remote bases fetched through the Sources port.
 */
import { at, EngineError, type JsonObject, type KustomizeOptions, type Manifest, stringAt } from '../../model/index.ts';
import { fileView } from '../file-view.ts';
import type { Generation } from '../generation.ts';
import { jsonToManifests } from '../manifest.ts';
import { mountAll, remotesMissing } from '../remote-bases.ts';
import type { KustomizeEdits, KustomizePatch, KustomizeResult } from '../toolbox/protocol.ts';
import { fromToolbox } from '../toolbox-errors.ts';

/** The manifests of a kustomization. */
export async function generateKustomize(generation: Generation): Promise<Manifest[]> {
  const { docs } = await build(generation);
  return docs.flatMap((doc) => jsonToManifests(doc.json, { label: doc.source, source: generation.index }));
}

async function build(generation: Generation): Promise<KustomizeResult> {
  const { toolbox, source, path, limits } = generation;
  const view = fileView(generation.tree);
  const mounts: Record<string, string> = {};
  const edits = source.kustomize === undefined ? {} : { edits: editsOf(generation, source.kustomize) };
  const loadRestrictions = restrictionsOf(generation.request.settings.kustomizeBuildOptions);
  for (;;) {
    try {
      return await toolbox.kustomize({ fs: view.fs, limits, root: path, ...edits, loadRestrictions, mounts });
    } catch (error) {
      const missing = remotesMissing(error).filter((url) => mounts[url] === undefined);
      if (missing.length === 0) throw fromToolbox(error, 'kustomize', path);
      await mountAll(generation, view, missing, mounts);
    }
  }
}

/** The one build option that has a meaning here; what would let a build run programs is refused. */
function restrictionsOf(buildOptions: string): 'root' | 'none' {
  const words = buildOptions.split(/[\s=]+/).filter((word) => word !== '');
  let restrictions: 'root' | 'none' = 'root';
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === '--load-restrictor' || word === '--load_restrictor') {
      restrictions = /none$/i.test(words[++i] ?? '') ? 'none' : 'root';
    } else if (word === '--helm-command' || word === '--reorder') i++;
    else if (word !== '--as-current-user')
      throw new EngineError('render-failed', `kustomize: build option ${word} is not supported`, { about: `${word}` });
  }
  return restrictions;
}

function editsOf(generation: Generation, options: KustomizeOptions): KustomizeEdits {
  const { expand } = generation.facts;
  const values = (map: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(map).map(([key, value]) => [key, expand(value)]));
  return {
    ...(options.namePrefix ? { namePrefix: options.namePrefix } : {}),
    ...(options.nameSuffix ? { nameSuffix: options.nameSuffix } : {}),
    ...(options.namespace ? { namespace: options.namespace } : {}),
    images: options.images.map(expand),
    replicas: options.replicas,
    commonLabels: values(options.commonLabels),
    labelWithoutSelector: options.labelWithoutSelector,
    labelIncludeTemplates: options.labelIncludeTemplates,
    forceCommonLabels: options.forceCommonLabels,
    commonAnnotations: options.commonAnnotationsEnvsubst
      ? values(options.commonAnnotations)
      : options.commonAnnotations,
    forceCommonAnnotations: options.forceCommonAnnotations,
    patches: options.patches.map(patchOf),
    components: options.components,
    ignoreMissingComponents: options.ignoreMissingComponents,
  };
}

function patchOf(patch: JsonObject): KustomizePatch {
  const path = stringAt(patch, 'path');
  const text = stringAt(patch, 'patch');
  const target: Record<string, string> = {};
  for (const field of ['group', 'version', 'kind', 'name', 'namespace', 'labelSelector', 'annotationSelector']) {
    const value = stringAt(patch, 'target', field);
    if (value !== undefined) target[field] = value;
  }
  const options = at(patch, 'options');
  return {
    ...(path === undefined ? {} : { path }),
    ...(text === undefined ? {} : { patch: text }),
    ...(Object.keys(target).length === 0 ? {} : { target }),
    ...(options === undefined || options === null ? {} : { options: options as Record<string, boolean> }),
  };
}
