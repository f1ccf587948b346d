/**
 * Charts: rendered by the Helm SDK in the toolbox as `helm template` would, from a directory of a repository or from a
 * chart repository. Precedence: chart values, value files, values or valuesObject, parameters.
 */
import { EngineError, type HelmOptions, type Manifest } from '../../model/index.ts';
import { type FileView, fileView } from '../file-view.ts';
import type { Generation } from '../generation.ts';
import { fetchDependencies } from '../helm-dependencies.ts';
import { fileParameter, valueFilesOf } from '../helm-values.ts';
import { kubeVersionOf } from '../kube-version.ts';
import { jsonToManifests } from '../manifest.ts';
import { below, joinPath } from '../paths.ts';
import { mountAll, type RemoteReference, remotesMissing } from '../remote-bases.ts';
import { type HelmRequest, type HelmResult, type HelmValues, ToolboxError } from '../toolbox/protocol.ts';
import { fromToolbox } from '../toolbox-errors.ts';

const noOptions: HelmOptions = {
  valueFiles: [],
  parameters: [],
  fileParameters: [],
  passCredentials: false,
  ignoreMissingValueFiles: false,
  skipCrds: false,
  skipTests: false,
  skipSchemaValidation: false,
  apiVersions: [],
};

/** The manifests of a chart, hooks and tests included. */
export async function generateHelm(generation: Generation): Promise<Manifest[]> {
  const view = fileView(generation.tree);
  const request = await requestOf(generation, generation.source.helm ?? noOptions, view);
  const { docs, chart } = await render(generation, view, request);
  return docs.flatMap((doc) => {
    // Helm names templates by the chart, people find them by the path.
    const inside = below(chart.name, doc.source);
    const label = inside === undefined ? doc.source : joinPath(generation.path, inside);
    return jsonToManifests(doc.json, { label, source: generation.index });
  });
}

/** Renders again for as long as it turns out that something has to be fetched first. */
async function render(generation: Generation, view: FileView, request: HelmRequest): Promise<HelmResult> {
  const mounts: Record<string, string> = {};
  let dependencies: readonly string[] | undefined;
  for (;;) {
    try {
      return await generation.toolbox.helm({ ...request, mounts, ...(dependencies && { dependencies }) });
    } catch (error) {
      const code = error instanceof ToolboxError ? error.code : undefined;
      const schemas = remotesMissing(error).filter((url) => mounts[url] === undefined);
      if (code === 'missing-dependencies' && dependencies === undefined)
        dependencies = await fetchDependencies(generation, view);
      else if (schemas.length > 0) await mountAll(generation, view, schemas, mounts, schemaAt);
      else throw fromToolbox(error, 'helm', generation.path);
    }
  }
}

/** What the schema of a chart's values refers to is a file, whatever its address looks like. */
function schemaAt(url: string): RemoteReference {
  if (/^https?:/i.test(url)) return { kind: 'file', url };
  throw new EngineError('remote-base', `helm: a schema cannot be fetched from ${url}`, { about: url });
}

async function requestOf(generation: Generation, options: HelmOptions, view: FileView): Promise<HelmRequest> {
  const { facts } = generation;
  const values: HelmValues[] = (await valueFilesOf(generation, options, view)).map((file) => ({ file }));
  if (options.valuesObject !== undefined)
    values.push({ inline: JSON.stringify(options.valuesObject), name: 'helm.valuesObject' });
  else if (options.values !== undefined && options.values !== '')
    values.push({ inline: options.values, name: 'helm.values' });
  const set = options.parameters.filter((parameter) => !parameter.forceString);
  const setString = options.parameters.filter((parameter) => parameter.forceString);
  const setFile: string[] = [];
  for (const { name, path } of options.fileParameters)
    setFile.push(`${name}=${(await fileParameter(generation, path, view)).replaceAll(',', '\\,')}`);
  return {
    fs: view.fs,
    limits: generation.limits,
    chart: generation.path,
    release: options.releaseName || facts.get('application'),
    namespace: options.namespace || facts.get('ARGOCD_APP_NAMESPACE'),
    ...kubeVersionOf(options.kubeVersion || facts.get('kubeVersion'), 'helm'),
    apiVersions: options.apiVersions.length > 0 ? options.apiVersions : facts.apiVersions(),
    values,
    set: set.map(({ name, value }) => `${name}=${escapeCommas(facts.expand(value))}`),
    setString: setString.map(({ name, value }) => `${name}=${escapeCommas(facts.expand(value))}`),
    setFile,
    includeCrds: !options.skipCrds,
    skipTests: options.skipTests,
    skipSchemaValidation: options.skipSchemaValidation,
  };
}

/** A comma in a parameter is part of its value, unless the whole is a list in braces. */
function escapeCommas(value: string): string {
  if (value.startsWith('{') && value.endsWith('}')) return value;
  return value.replace(/(?<!\\),/g, '\\,');
}
