/** For tests: a chart that shows what it was given, in a kustomization. */
import {
  at,
  defaultSettings,
  type Json,
  type JsonObject,
  type KustomizeOptions,
  type Settings,
} from '../model/index.ts';
import type { Rendered, RenderRequest } from '../ports/index.ts';
import { createRenderer } from './renderer.ts';
import { type Files, noMetrics, quietLog, testRequest, testSources, tgz, type World } from './test-repositories.ts';
import type { Toolbox } from './toolbox/protocol.ts';

/** A ConfigMap as YAML; `more` goes into its metadata. */
export const configMap = (name: string, data: Readonly<Record<string, string>>, more = '') =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}data:\n${Object.entries(data)
    .map(([key, value]) => `  ${key}: ${value}\n`)
    .join('')}`;

/** A chart that shows what it was given. */
export const chart = (folder: string, version = '1.2.3'): Record<string, string> => ({
  [`${folder}/Chart.yaml`]: `apiVersion: v2\nname: web\nversion: ${version}\n`,
  [`${folder}/values.yaml`]: 'color: red\nlist: [a, b]\n',
  [`${folder}/values-blue.yaml`]: 'color: blue\n',
  [`${folder}/templates/cm.yaml`]: configMap('{{ .Release.Name }}-web', {
    version: '"{{ .Chart.Version }}"',
    color: '"{{ .Values.color }}"',
    extra: '"{{ .Values.extra }}"',
    list: '"{{ join "," .Values.list }}"',
    kube: '"{{ .Capabilities.KubeVersion.Version }}"',
    crd: '"{{ .Capabilities.APIVersions.Has "x.test/v1" }}"',
    namespace: '"{{ .Release.Namespace }}"',
  }),
  [`${folder}/templates/deployment.yaml`]:
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: main, image: "nginx:1", envFrom: [{configMapRef: {name: "{{ .Release.Name }}-web"}}]}]\n',
  [`${folder}/templates/hook.yaml`]: configMap('hook', {}, '  annotations: {helm.sh/hook: pre-install}\n'),
  [`${folder}/templates/test.yaml`]: configMap('test', {}, '  annotations: {helm.sh/hook: test}\n'),
  [`${folder}/crds/crd.yaml`]: configMap('from-crds', {}),
});

export const archive = (version = '1.2.3'): Uint8Array => tgz(chart('web', version));

export const enabled: Settings = { ...defaultSettings, kustomizeBuildOptions: '--enable-helm' };
export const local = 'releaseName: r, name: web';

export type Setup = {
  readonly kustomization: string;
  readonly files?: Files;
  readonly charts?: World['charts'];
  readonly settings?: Settings;
  readonly kustomize?: Partial<KustomizeOptions>;
  readonly more?: Partial<RenderRequest>;
};

/** A renderer, its sources and a request for the kustomization of `app`. */
export function setUp(toolbox: Toolbox, { kustomization, files, charts, settings = enabled, kustomize, more }: Setup) {
  const repository = { 'app/kustomization.yaml': kustomization, ...(files ?? chart('app/charts/web')) };
  const world: World = { repositories: { 'https://git.test/repo': { one: repository } }, ...(charts && { charts }) };
  const sources = testSources(world);
  const renderer = createRenderer({ sources, toolbox, log: quietLog, metrics: noMetrics });
  const none = { images: [], replicas: [], patches: [], components: [], apiVersions: [] };
  const flags = { labelWithoutSelector: false, labelIncludeTemplates: false, ignoreMissingComponents: false };
  const common = { commonLabels: {}, commonAnnotations: {}, forceCommonLabels: false, forceCommonAnnotations: false };
  const options = { ...none, ...flags, ...common, commonAnnotationsEnvsubst: false, ...kustomize };
  const source = { path: 'app', ...(kustomize === undefined ? {} : { kustomize: options }) };
  return { renderer, sources, request: testRequest(source, { settings, ...more }) };
}

export async function render(toolbox: Toolbox, setup: Setup): Promise<Rendered> {
  const { renderer, request } = setUp(toolbox, setup);
  return await renderer.render(request);
}

export const objects = ({ manifests }: Rendered): readonly JsonObject[] =>
  manifests.map((manifest) => JSON.parse(manifest.body) as JsonObject);
export const names = (rendered: Rendered): readonly Json[] =>
  objects(rendered).map((object) => `${object.kind}/${at(object, 'metadata', 'name')}`);

/** What the chart shows of what it was given. */
export function shown(rendered: Rendered): JsonObject {
  const one = objects(rendered).find((object) => at(object, 'data', 'color') !== undefined);
  return at(one, 'data') as JsonObject;
}
