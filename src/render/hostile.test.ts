/**
 * What an attacker may write into a repository: every limit ends it with a clear error of its own, in bounded time, and
 * the application beside it renders all the while.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { defaultSettings, EngineError, type HelmOptions, type KustomizeOptions, type Source } from '../model/index.ts';
import { createRenderer } from './renderer.ts';
import { type Files, noMetrics, quietLog, testRequest, testSources } from './test-repositories.ts';
import { testToolbox } from './toolbox/test-trees.ts';

const toolbox = testToolbox();
after(() => toolbox.close());

const config = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n';
const chartHead = { 'evil/Chart.yaml': 'apiVersion: v2\nname: evil\nversion: 1.0.0\n' };
const template = (text: string): Files => ({ ...chartHead, 'evil/templates/x.yaml': text });

/** A kustomization with a chart of its own. */
const inflated = (files: Files): Files => ({
  'evil/kustomization.yaml': 'helmCharts: [{name: evil}]\n',
  'evil/charts/evil/Chart.yaml': 'apiVersion: v2\nname: evil\nversion: 1.0.0\n',
  'evil/charts/evil/values.yaml': 'a: 1\n',
  ...files,
});

const helm = (options: Partial<HelmOptions>): Partial<Source> => ({
  helm: {
    valueFiles: [],
    parameters: [],
    fileParameters: [],
    passCredentials: false,
    ignoreMissingValueFiles: false,
    skipCrds: false,
    skipTests: false,
    skipSchemaValidation: false,
    apiVersions: [],
    ...options,
  },
});

const kustomize = (options: Partial<KustomizeOptions>): Partial<Source> => ({
  kustomize: {
    images: [],
    replicas: [],
    commonLabels: {},
    labelWithoutSelector: false,
    labelIncludeTemplates: false,
    forceCommonLabels: false,
    commonAnnotations: {},
    commonAnnotationsEnvsubst: false,
    forceCommonAnnotations: false,
    patches: [],
    components: [],
    ignoreMissingComponents: false,
    apiVersions: [],
    ...options,
  },
});

const jsonnet = (libs: readonly string[]): Partial<Source> => ({
  directory: { recurse: false, jsonnet: { extVars: [], tlas: [], libs } },
});

function bomb(): string {
  const lines = [`a: &a [${Array(9).fill('"lol"').join(', ')}]`];
  for (let i = 1; i < 10; i++) {
    const [before, name] = [String.fromCharCode(96 + i), String.fromCharCode(97 + i)];
    lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
  }
  return `${head}${lines.join('\n')}\n`;
}

function deepJson(depth: number): string {
  return `{"apiVersion":"v1","kind":"X","metadata":{"name":"x"},"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
}

const chain: Record<string, string> = {};
for (let i = 0; i < 300; i++) chain[`evil/${'d/'.repeat(i)}x.yaml`] = config(`x-${i}`);

const cyclic = {
  'evil/kustomization.yaml': 'resources: [../b]\n',
  'b/kustomization.yaml': 'resources: [../c]\n',
  'c/kustomization.yaml': 'resources: [../evil]\n',
};

type Attack = {
  readonly reason: string;
  readonly files: Files;
  readonly codes: readonly string[];
  readonly source?: Partial<Source>;
};

const attacks: readonly Attack[] = [
  { reason: 'a YAML bomb', files: { 'evil/x.yaml': bomb() }, codes: ['render-limit'] },
  {
    reason: 'a YAML bomb of text',
    files: { 'evil/x.yaml': `${head}a: &a ${'x'.repeat(1 << 20)}\nb: [${Array(500).fill('*a')}]\n` },
    codes: ['render-limit'],
  },
  { reason: 'nested lists', files: { 'evil/x.yaml': `${head}a: ${'['.repeat(100_000)}` }, codes: ['render-limit'] },
  { reason: 'nested JSON', files: { 'evil/x.json': deepJson(5_000_000) }, codes: ['manifest-invalid', 'render-limit'] },
  {
    reason: 'nested JSON that can be parsed',
    files: { 'evil/x.json': deepJson(50_000) },
    codes: ['manifest-invalid', 'render-limit'],
  },
  { reason: 'a gigantic file', files: { 'evil/x.yaml': head + '#'.repeat(11 << 20) }, codes: ['render-limit'] },
  {
    reason: 'many large files',
    files: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`evil/${i}.yaml`, '#'.repeat(1 << 20)])),
    codes: ['render-limit'],
  },
  {
    reason: 'documents without end',
    files: { 'evil/x.yaml': `${head}---\n${'--- a\n'.repeat(30_000)}` },
    codes: ['render-limit'],
  },
  {
    reason: 'directories without end',
    files: chain,
    codes: ['render-limit'],
    source: { directory: { recurse: true } },
  },
  { reason: 'a link out', files: { 'evil/x.yaml': '-> ../../etc/passwd' }, codes: ['path-outside'] },
  { reason: 'a link in a circle', files: { 'evil/x.yaml': '-> x.yaml' }, codes: ['path-outside'] },
  {
    reason: 'a chart file that links out',
    files: { ...chartHead, 'evil/values.yaml': '-> ../../etc/passwd' },
    codes: ['path-outside'],
  },
  {
    reason: 'a kustomization that links out',
    files: { 'evil/kustomization.yaml': '-> ../../x' },
    codes: ['path-outside'],
  },
  { reason: '../ in the path', files: {}, codes: ['path-outside'], source: { path: '../evil' } },
  {
    reason: '../ in value files',
    files: chartHead,
    codes: ['path-outside'],
    source: helm({ valueFiles: ['../../../etc/passwd'] }),
  },
  {
    reason: '../ in a glob of value files',
    files: chartHead,
    codes: ['path-outside'],
    source: helm({ valueFiles: ['../../**/*.yaml'] }),
  },
  {
    reason: '../ behind a reference',
    files: chartHead,
    codes: ['path-outside'],
    source: { ...helm({ valueFiles: ['$self/../../x'] }), ref: 'self' },
  },
  {
    reason: '../ by a variable',
    files: chartHead,
    codes: ['path-outside'],
    source: { ...helm({ valueFiles: ['$ARGOCD_APP_SOURCE_TARGET_REVISION'] }), targetRevision: '../../x' },
  },
  {
    reason: '../ in file parameters',
    files: chartHead,
    codes: ['path-outside'],
    source: helm({ fileParameters: [{ name: 'a', path: '../../x' }] }),
  },
  {
    reason: '../ in jsonnet libraries',
    files: { 'evil/x.jsonnet': '{}' },
    codes: ['path-outside'],
    source: jsonnet(['../x']),
  },
  {
    reason: '../ in jsonnet imports',
    files: { 'evil/x.jsonnet': "import '../../../etc/passwd'" },
    codes: ['render-failed', 'path-outside'],
  },
  {
    reason: 'absolute jsonnet imports',
    files: { 'evil/x.jsonnet': "importstr '/etc/passwd'" },
    codes: ['render-failed', 'path-outside'],
  },
  {
    reason: '../ in kustomize components',
    files: { 'evil/kustomization.yaml': '{}' },
    codes: ['render-failed', 'path-outside'],
    source: kustomize({ components: ['../../../etc'] }),
  },
  {
    reason: '../ in kustomize patches',
    files: { 'evil/kustomization.yaml': '{}' },
    codes: ['render-failed', 'path-outside'],
    source: kustomize({ patches: [{ path: '../../../etc/passwd' }] }),
  },
  {
    reason: '../ in kustomize resources',
    files: { 'evil/kustomization.yaml': 'resources: [../../../etc/passwd]' },
    codes: ['render-failed', 'path-outside'],
  },
  {
    reason: '../ in kustomize generators',
    files: { 'evil/kustomization.yaml': 'configMapGenerator: [{name: a, files: [../../../etc/passwd]}]' },
    codes: ['render-failed', 'path-outside'],
  },
  {
    reason: '../ in a chart dependency',
    files: {
      'evil/Chart.yaml':
        'apiVersion: v2\nname: evil\nversion: 1.0.0\ndependencies: [{name: x, version: 1.0.0, repository: "file://../../etc"}]\n',
    },
    codes: ['missing-dependencies', 'path-outside'],
  },
  {
    reason: '../ in .Files',
    files: template(`${head}data:\n  x: {{ .Files.Get "../../../etc/passwd" | required "empty" }}\n`),
    codes: ['render-failed'],
  },
  { reason: 'cyclic bases', files: cyclic, codes: ['render-failed'] },
  {
    reason: 'a chart that loops',
    files: template('{{ range $i := until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}'),
    codes: ['render-timeout', 'render-limit'],
  },
  {
    reason: 'a chart that calls itself',
    files: template('{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}'),
    codes: ['render-failed', 'render-limit'],
  },
  {
    reason: 'a chart that never ends writing',
    files: template('{{ range until 1000000 }}{{ repeat 100000 "x" }}{{ end }}'),
    codes: ['render-limit', 'render-timeout'],
  },
  {
    reason: 'a chart with a bomb of values',
    files: { ...template(head), 'evil/values.yaml': bomb() },
    codes: ['render-failed', 'render-limit', 'render-timeout'],
  },
  {
    reason: 'a chart of a kustomization that loops',
    files: inflated({
      'evil/charts/evil/templates/x.yaml': '{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}',
    }),
    codes: ['render-limit', 'render-timeout'],
  },
  {
    reason: 'a chart of a kustomization that grows',
    files: inflated({
      'evil/charts/evil/templates/x.yaml': '{{ range until 1000000 }}{{ repeat 100000 "x" }}{{ end }}',
    }),
    codes: ['render-limit', 'render-timeout'],
  },
  {
    reason: 'a chart of a kustomization with a bomb of values',
    files: inflated({ 'evil/charts/evil/values.yaml': bomb(), 'evil/charts/evil/templates/x.yaml': head }),
    codes: ['render-failed', 'render-limit', 'render-timeout'],
  },
  {
    reason: 'a chart of a kustomization whose values are merged with a bomb',
    files: inflated({
      'evil/kustomization.yaml': 'helmCharts: [{name: evil, valuesInline: {b: 1}}]\n',
      'evil/charts/evil/values.yaml': bomb(),
      'evil/charts/evil/templates/x.yaml': head,
    }),
    codes: ['render-failed', 'render-limit', 'render-timeout'],
  },
  {
    reason: 'a chart of a kustomization with a bomb of manifests',
    files: inflated({ 'evil/charts/evil/templates/x.yaml': bomb() }),
    codes: ['render-failed', 'render-limit', 'render-timeout'],
  },
  {
    reason: 'a release that is named at length',
    files: inflated({
      'evil/kustomization.yaml': `helmCharts: [{name: evil, nameTemplate: '{{ repeat 100000000 "abcdefghi" }}'}]\n`,
    }),
    codes: ['render-failed', 'render-limit', 'render-timeout'],
  },
  {
    reason: 'a kustomization with charts without end',
    files: {
      'evil/kustomization.yaml': `helmCharts:\n${Array.from({ length: 100 }, (_, i) => `- {name: c${i}, version: 1.0.0, repo: "https://charts.test"}\n`).join('')}`,
    },
    codes: ['render-limit', 'chart-not-found'],
  },
  {
    reason: 'a jsonnet that calls itself',
    files: { 'evil/x.jsonnet': 'local f(x) = f(x + 1) + 1; f(1)' },
    codes: ['render-failed', 'render-limit'],
  },
  {
    reason: 'a jsonnet that loops',
    files: { 'evil/x.jsonnet': 'local f(x) = f(x + 1) tailstrict; f(1)' },
    codes: ['render-timeout', 'render-limit', 'render-failed'],
  },
  {
    reason: 'a jsonnet that grows',
    files: { 'evil/x.jsonnet': '[std.repeat("x", 1000000) + i for i in std.range(1, 100000)]' },
    codes: ['render-timeout', 'render-limit'],
  },
  {
    reason: 'overrides that are a bomb',
    files: { 'evil/.argocd-source.yaml': bomb() },
    codes: ['manifest-invalid', 'render-limit'],
  },
];

const settings = { ...defaultSettings, kustomizeBuildOptions: '--enable-helm' };

describe('hostile input', () => {
  for (const { reason, files, codes, source } of attacks)
    test(`${reason} ends, and disturbs no one`, async () => {
      const repositories = { 'https://git.test/repo': { one: { 'good/x.yaml': config('good'), ...files } } };
      const sources = testSources({ repositories });
      const renderer = createRenderer({
        sources,
        toolbox,
        log: quietLog,
        metrics: noMetrics,
        limits: { timeMs: 3_000 },
      });
      const started = performance.now();
      const attack = assert.rejects(renderer.render(testRequest({ path: 'evil', ...source }, { settings })), (e) => {
        assert.ok(e instanceof EngineError);
        assert.ok(codes.includes(e.code), `${e.code}: ${e.message}`);
        assert.ok(e.message.length < 5_000, 'the message is short');
        return true;
      });
      const good = await renderer.render(testRequest({ path: 'good' }));
      assert.equal(good.manifests[0]?.ref.name, 'good');
      await attack;
      assert.ok(performance.now() - started < 20_000);
    });

  test('charts and kustomizations of others render while one loops', async () => {
    const good = {
      'chart/Chart.yaml': 'apiVersion: v2\nname: good\nversion: 1.0.0\n',
      'chart/templates/x.yaml': config('from-chart'),
      'kust/kustomization.yaml': 'resources: [x.yaml]\n',
      'kust/x.yaml': config('from-kustomize'),
    };
    const loop = template('{{ range $i := until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}');
    const sources = testSources({ repositories: { 'https://git.test/repo': { one: { ...good, ...loop } } } });
    const renderer = createRenderer({ sources, toolbox, log: quietLog, metrics: noMetrics, limits: { timeMs: 3_000 } });
    const attack = assert.rejects(renderer.render(testRequest({ path: 'evil' })), EngineError);
    for (const path of ['chart', 'kust'])
      assert.equal((await renderer.render(testRequest({ path }))).manifests.length, 1);
    await attack;
  });
});
