/**
 * Kustomizations: built by the original library in the toolbox, with the Application's options as edits in memory, and
 * remote bases and charts fetched through the Sources port.
 */
import {
  at,
  EngineError,
  type JsonObject,
  type KustomizeBuild,
  type KustomizeOptions,
  type Manifest,
  readKustomizeBuild,
  stringAt,
} from '../../model/index.ts';
import { fileView } from '../file-view.ts';
import type { Generation } from '../generation.ts';
import { kubeVersionOf } from '../kube-version.ts';
import { chartsMissing, fetchCharts } from '../kustomize-charts.ts';
import { jsonToManifests } from '../manifest.ts';
import { mountAll, remotesMissing } from '../remote-bases.ts';
import type {
  FetchedChart,
  KustomizeEdits,
  KustomizePatch,
  KustomizeRequest,
  KustomizeResult,
} from '../toolbox/protocol.ts';
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
  const charts: FetchedChart[] = [];
  const edits = source.kustomize === undefined ? {} : { edits: editsOf(generation, source.kustomize) };
  const asked = { fs: view.fs, limits, root: path, ...edits, ...flagsOf(generation), mounts, charts };
  for (;;) {
    try {
      const result = await toolbox.kustomize(asked);
      if (result.charts > 0) noteCluster(generation);
      return result;
    } catch (error) {
      const missing = remotesMissing(error).filter((url) => mounts[url] === undefined);
      const absent = chartsMissing(error);
      if (absent.length > 0) await fetchCharts(generation, view, absent, charts);
      else if (missing.length > 0) await mountAll(generation, view, missing, mounts);
      else {
        if (asked.helm !== undefined) noteCluster(generation);
        throw fromToolbox(error, 'kustomize', path);
      }
    }
  }
}

/** What charts see of the cluster. It is a fact that was used only where a chart was rendered: see `noteCluster`. */
function clusterOf({ source, request }: Generation, build: KustomizeBuild): NonNullable<KustomizeRequest['helm']> {
  const { kubeVersion = '', apiVersions = [] } = source.kustomize ?? {};
  return {
    ...kubeVersionOf(kubeVersion || request.kubeVersion || build.helmKubeVersion || '', 'kustomize'),
    apiVersions: [...build.helmApiVersions, ...(apiVersions.length > 0 ? apiVersions : request.apiVersions)],
  };
}

function noteCluster({ source, facts }: Generation): void {
  const { kubeVersion = '', apiVersions = [] } = source.kustomize ?? {};
  if (kubeVersion === '') facts.get('kubeVersion');
  if (apiVersions.length === 0) facts.apiVersions();
}

/** The flags of the build: those of the version that the Application names, or those for all. */
function flagsOf(generation: Generation): Partial<KustomizeRequest> {
  const { kustomizeBuildOptions, kustomizeVersions } = generation.request.settings;
  const version = generation.source.kustomize?.version ?? '';
  const own = Object.hasOwn(kustomizeVersions, version) ? kustomizeVersions[version] : undefined;
  const { build, problems } = readKustomizeBuild(own ?? kustomizeBuildOptions);
  if (problems[0] !== undefined) {
    const key = own === undefined ? 'kustomize.buildOptions' : `kustomize.buildOptions.${version}`;
    throw new EngineError('render-failed', `kustomize: ${key}: ${problems[0]}`, { about: key });
  }
  if (version !== '')
    generation.warn(
      'KustomizeVersionWarning',
      `kustomize.version: ${version} is not run: the version built in here is`,
    );
  return {
    loadRestrictions: build.loadRestrictions,
    ...(build.reorder === undefined ? {} : { reorder: build.reorder }),
    managedByLabel: build.managedByLabel,
    ...(build.helm ? { helm: clusterOf(generation, build) } : {}),
  };
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
