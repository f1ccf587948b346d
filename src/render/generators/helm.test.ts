/** Helm sources: every option, in its precedence, and where values and dependencies come from. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { at, defaultSettings, EngineError, type HelmOptions, type Source } from '../../model/index.ts';
import type { Rendered, RenderRequest, Sources } from '../../ports/index.ts';
import { createRenderer } from '../renderer.ts';
import { type Files, noMetrics, quietLog, testRequest, testSources, tgz, type World } from '../test-repositories.ts';
import { testToolbox } from '../toolbox/test-trees.ts';

const toolbox = testToolbox();
after(() => toolbox.close());

const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n';
const chart: Files = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: demo\nversion: 1.0.0\n',
  'chart/values.yaml': 'v: chart\nlist: []\n',
  'chart/templates/all.yaml': [
    configMap,
    'data:\n',
    '  v: {{ .Values.v | toJson | quote }}\n',
    '  list: {{ .Values.list | toJson | quote }}\n',
    '  file: {{ .Values.file | toJson | quote }}\n',
    '  namespace: {{ .Release.Namespace }}\n',
    '  kube: {{ .Capabilities.KubeVersion.Version }}\n',
    '  has: {{ .Capabilities.APIVersions.Has "example.com/v1/Thing" | quote }}\n',
  ].join(''),
  'chart/templates/tests/test.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: the-test\n  annotations: {"helm.sh/hook": test}\n',
  'chart/templates/hook.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: the-hook\n  annotations: {"helm.sh/hook": pre-install}\n',
  'chart/crds/crd.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: things.example.com\n',
};

const none: HelmOptions = {
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

type Setup = {
  readonly files?: Files;
  readonly helm?: Partial<HelmOptions>;
  readonly source?: Partial<Source>;
  readonly others?: readonly Source[];
  readonly revisions?: readonly string[];
  readonly world?: World;
  readonly more?: Partial<RenderRequest>;
};

async function render(setup: Setup, sources?: Sources): Promise<Rendered> {
  const world = { repositories: { 'https://git.test/repo': { one: { ...chart, ...setup.files } } }, ...setup.world };
  const port = sources ?? testSources(world);
  const renderer = createRenderer({ sources: port, toolbox, log: quietLog, metrics: noMetrics });
  const helm = setup.helm === undefined ? {} : { helm: { ...none, ...setup.helm } };
  const request = testRequest({ path: 'chart', ...helm, ...setup.source }, setup.more);
  return await renderer.render({
    ...request,
    sources: [...request.sources, ...(setup.others ?? [])],
    revisions: setup.revisions ?? request.revisions,
  });
}

async function data(setup: Setup): Promise<(key: string) => unknown> {
  const { manifests } = await render(setup);
  const found = manifests.find((manifest) => manifest.ref.kind === 'ConfigMap');
  return (key) => at(JSON.parse(found?.body ?? 'null'), 'data', key);
}

describe('a chart', () => {
  test('renders with the name, namespace and cluster of the application', async () => {
    const value = await data({ more: { apiVersions: ['example.com/v1/Thing'] } });
    assert.deepEqual(['namespace', 'kube', 'has'].map(value), ['demo', 'v1.31.0', 'true']);
    const { manifests, sourceTypes } = await render({});
    assert.deepEqual(sourceTypes, ['Helm']);
    assert.deepEqual(
      new Set(manifests.map((m) => m.ref.name)),
      new Set(['things.example.com', 'app', 'the-hook', 'the-test']),
    );
    assert.equal(manifests.find((m) => m.ref.name === 'app')?.origin, 'chart/templates/all.yaml');
    assert.equal(manifests.find((m) => m.ref.name === 'the-hook')?.steering['helm.sh/hook'], 'pre-install');
  });

  test('takes what its options say instead', async () => {
    const helm = {
      releaseName: 'other',
      namespace: 'ns',
      kubeVersion: 'v1.29.4-eks-1',
      apiVersions: ['example.com/v1/Thing'],
    };
    const value = await data({ helm });
    assert.deepEqual(['namespace', 'kube', 'has'].map(value), ['ns', 'v1.29.4', 'true']);
    const { manifests } = await render({ helm: { ...helm, skipCrds: true, skipTests: true } });
    assert.deepEqual(new Set(manifests.map((m) => m.ref.name)), new Set(['other', 'the-hook']));
  });
});

describe('values', () => {
  const files = { 'chart/one.yaml': 'v: one\n', 'chart/two.yaml': 'v: two\n', 'envs/prod.yaml': 'v: prod\n' };
  const table: readonly { readonly reason: string; readonly helm: Partial<HelmOptions>; readonly v: unknown }[] = [
    { reason: 'of the chart', helm: {}, v: 'chart' },
    { reason: 'a file over the chart', helm: { valueFiles: ['one.yaml'] }, v: 'one' },
    { reason: 'the later file', helm: { valueFiles: ['two.yaml', 'one.yaml'] }, v: 'one' },
    { reason: 'a file beside the chart', helm: { valueFiles: ['../envs/prod.yaml'] }, v: 'prod' },
    { reason: 'a file from the root', helm: { valueFiles: ['/envs/prod.yaml'] }, v: 'prod' },
    {
      reason: 'a variable in the name',
      helm: { valueFiles: ['../envs/$ARGOCD_APP_NAME.yaml'], ignoreMissingValueFiles: true },
      v: 'chart',
    },
    { reason: 'values over files', helm: { valueFiles: ['one.yaml'], values: 'v: text\n' }, v: 'text' },
    {
      reason: 'an object over text, which is ignored',
      helm: { values: 'list: [1]\nv: text\n', valuesObject: { v: 'object' } },
      v: 'object',
    },
    {
      reason: 'parameters over all',
      helm: { valuesObject: { v: 'object' }, parameters: [{ name: 'v', value: 'set', forceString: false }] },
      v: 'set',
    },
    { reason: 'parameters have types', helm: { parameters: [{ name: 'v', value: '5', forceString: false }] }, v: 5 },
    { reason: 'strings by force', helm: { parameters: [{ name: 'v', value: '5', forceString: true }] }, v: '5' },
    { reason: 'commas are kept', helm: { parameters: [{ name: 'v', value: 'a,b', forceString: false }] }, v: 'a,b' },
    {
      reason: 'variables in parameters',
      helm: { parameters: [{ name: 'v', value: '$ARGOCD_APP_NAME', forceString: false }] },
      v: 'app',
    },
    {
      reason: 'a missing file passed over',
      helm: { valueFiles: ['none.yaml', 'one.yaml'], ignoreMissingValueFiles: true },
      v: 'one',
    },
    { reason: 'a glob by name', helm: { valueFiles: ['{one,two}.yaml'] }, v: 'two' },
    {
      reason: 'an explicit file beats the glob',
      helm: { valueFiles: ['[ot]*o.yaml', 'one.yaml', '../envs/*.yaml'] },
      v: 'prod',
    },
    { reason: 'an explicit file keeps its place', helm: { valueFiles: ['t*.yaml', 'one.yaml', 'o*.yaml'] }, v: 'one' },
    { reason: 'double stars from the root', helm: { valueFiles: ['/**/prod.yaml'] }, v: 'prod' },
    {
      reason: 'a glob without a match, passed over',
      helm: { valueFiles: ['none/*.yaml'], ignoreMissingValueFiles: true },
      v: 'chart',
    },
  ];
  for (const { reason, helm, v } of table)
    test(reason, async () => assert.equal((await data({ files, helm }))('v'), JSON.stringify(v)));

  test('lists in braces are lists', async () => {
    const helm = { parameters: [{ name: 'list', value: '{a,b}', forceString: false }] };
    assert.equal((await data({ helm }))('list'), '["a","b"]');
  });

  test('files as parameters', async () => {
    const files = { 'chart/file,1.txt': 'text, of a file\n' };
    const value = await data({ files, helm: { fileParameters: [{ name: 'file', path: 'file,1.txt' }] } });
    assert.equal(value('file'), JSON.stringify('text, of a file\n'));
  });
});

describe('values of another source', () => {
  const other = (revision: string, source: Partial<Source> = {}): Source => ({
    repoURL: 'https://git.test/repo',
    targetRevision: revision,
    ref: 'values',
    ...source,
  });
  const world = {
    repositories: {
      'https://git.test/repo': {
        one: chart,
        two: { 'envs/a.yaml': 'v: two\n', 'envs/b.yaml': 'v: b\n', 'f.txt': 'file' },
      },
    },
  };

  test('come from its own revision, of the same repository too', async () => {
    const setup = { world, others: [other('two')], revisions: ['one', 'two'] };
    assert.equal((await data({ ...setup, helm: { valueFiles: ['$values/envs/a.yaml'] } }))('v'), '"two"');
    assert.equal((await data({ ...setup, helm: { valueFiles: ['$values/envs/*.yaml'] } }))('v'), '"b"');
    const helm = { fileParameters: [{ name: 'file', path: '$values/f.txt' }] };
    assert.equal((await data({ ...setup, helm }))('file'), '"file"');
    const rendered = await render({ ...setup, helm: { valueFiles: ['$values/envs/a.yaml'] } });
    assert.deepEqual(rendered.sourceTypes, ['Helm', '']);
  });

  test('are watched for changes', async () => {
    const repository: Record<string, Files> = { one: chart, two: { 'envs/a.yaml': 'v: two\n', x: '1' } };
    const renderer = createRenderer({
      sources: testSources({ repositories: { 'https://git.test/repo': repository } }),
      toolbox,
      log: quietLog,
      metrics: noMetrics,
    });
    repository.same = { 'envs/a.yaml': 'v: two\n', x: '2' };
    repository.changed = { 'envs/a.yaml': 'v: three\n', x: '1' };
    const helm = { ...none, valueFiles: ['$values/envs/a.yaml'] };
    const base = testRequest({ path: 'chart', helm });
    const request = (revision: string): RenderRequest => ({
      ...base,
      sources: [...base.sources, other('two')],
      revisions: ['one', revision],
    });
    await renderer.render(request('two'));
    assert.equal(await renderer.isCurrent(request('same')), true);
    assert.equal(await renderer.isCurrent(request('changed')), false);
  });
});

describe('values from the web', () => {
  const page = 'https://web.test/values.yaml';
  test('are fetched where their scheme is allowed', async () => {
    const world = { repositories: { 'https://git.test/repo': { one: chart } }, pages: { [page]: 'v: web\n' } };
    assert.equal((await data({ world, helm: { valueFiles: [page] } }))('v'), '"web"');
    const settings = { ...defaultSettings, helmValuesFileSchemes: [] };
    await assert.rejects(
      render({ world, helm: { valueFiles: [page] }, more: { settings } }),
      (e) => e instanceof EngineError && e.code === 'path-outside',
    );
  });
});

describe('dependencies', () => {
  const asking = (repository: string, version = '1.x.x'): Files => ({
    ...chart,
    'chart/Chart.yaml': `apiVersion: v2\nname: demo\nversion: 1.0.0\ndependencies:\n- name: sub\n  version: ${version}\n  repository: "${repository}"\n`,
  });
  const sub = {
    'Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.2.3\n',
    'templates/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-sub\n',
  };
  const subNames = async (setup: Setup, sources?: Sources): Promise<boolean> =>
    (await render(setup, sources)).manifests.some((manifest) => manifest.ref.name === 'from-sub');

  test('are taken from the repository', async () => {
    const files = Object.fromEntries(Object.entries(sub).map(([path, text]) => [`libs/sub/${path}`, text]));
    assert.equal(await subNames({ files: { ...asking('file://../libs/sub'), ...files } }), true);
  });

  test('are fetched, in the version of the lock', async () => {
    const archive = tgz(Object.fromEntries(Object.entries(sub).map(([path, text]) => [`sub/${path}`, text])));
    const lock = 'dependencies:\n- name: sub\n  repository: https://charts.test\n  version: 1.2.3\ndigest: x\n';
    const repositories = {
      'https://git.test/repo': { one: { ...asking('https://charts.test'), 'chart/Chart.lock': lock } },
    };
    const sources = testSources({ repositories, charts: { 'https://charts.test sub 1.2.3': archive } });
    assert.equal(await subNames({}, sources), true);
    assert.ok(sources.asked.includes('chart https://charts.test sub 1.2.3'));
  });

  test('are fetched in the version asked for, from a registry too', async () => {
    const archive = tgz(Object.fromEntries(Object.entries(sub).map(([path, text]) => [`sub/${path}`, text])));
    const repositories = { 'https://git.test/repo': { one: asking('oci://registry.test/charts', '~1.2.0') } };
    const sources = testSources({ repositories, charts: { 'oci://registry.test/charts sub ~1.2.0': archive } });
    assert.equal(await subNames({}, sources), true);
  });

  test('that are nowhere are named', async () => {
    await assert.rejects(
      render({ files: asking('') }),
      (e) => e instanceof EngineError && e.code === 'missing-dependencies',
    );
    await assert.rejects(
      render({ files: asking('https://charts.test') }),
      (e) => e instanceof EngineError && e.code === 'chart-not-found',
    );
  });
});

describe('a schema of values', () => {
  const schema =
    '{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"v":{"$ref":"https://web.test/v"}}}';
  const files = { ...chart, 'chart/values.schema.json': schema };
  const world = (type: string): World => ({
    repositories: { 'https://git.test/repo': { one: files } },
    pages: { 'https://web.test/v': `{"type":"${type}"}` },
  });

  test('may refer to the web', async () => {
    assert.equal((await data({ world: world('string') }))('v'), '"chart"');
    await assert.rejects(
      render({ world: world('integer') }),
      (e) => e instanceof EngineError && e.code === 'render-failed',
    );
    assert.equal((await data({ world: world('integer'), helm: { skipSchemaValidation: true } }))('v'), '"chart"');
  });
});

describe('a chart of a chart repository', () => {
  test('is the root of its tree', async () => {
    const files = Object.fromEntries(Object.entries(chart).map(([path, text]) => [path.slice('chart/'.length), text]));
    const source: Source = {
      repoURL: 'https://charts.test',
      chart: 'demo',
      targetRevision: '1.0.0',
      helm: { ...none, values: 'v: x\n' },
    };
    const sources = testSources({ repositories: { 'https://charts.test': { '1.0.0': files } } });
    const renderer = createRenderer({ sources, toolbox, log: quietLog, metrics: noMetrics });
    const { manifests, sourceTypes } = await renderer.render({
      ...testRequest({}),
      sources: [source],
      revisions: ['1.0.0'],
    });
    assert.deepEqual(sourceTypes, ['Helm']);
    assert.ok(
      manifests.some((manifest) => manifest.origin === 'templates/all.yaml' && manifest.body.includes('"v":"\\"x\\""')),
    );
  });
});

describe('errors', () => {
  const table: readonly {
    readonly reason: string;
    readonly setup: Setup;
    readonly code: string;
    readonly about?: string;
  }[] = [
    {
      reason: 'a missing value file',
      setup: { helm: { valueFiles: ['none.yaml'] } },
      code: 'path-not-found',
      about: 'none.yaml',
    },
    { reason: 'a glob without a match', setup: { helm: { valueFiles: ['none/*.yaml'] } }, code: 'path-not-found' },
    { reason: 'a value file outside', setup: { helm: { valueFiles: ['../../x.yaml'] } }, code: 'path-outside' },
    { reason: 'a glob outside', setup: { helm: { valueFiles: ['../../*.yaml'] } }, code: 'path-outside' },
    {
      reason: 'a file parameter outside',
      setup: { helm: { fileParameters: [{ name: 'a', path: '../../../etc/passwd' }] } },
      code: 'path-outside',
    },
    {
      reason: 'a link outside',
      setup: { files: { 'chart/l.yaml': '-> ../../x' }, helm: { valueFiles: ['l.yaml'] } },
      code: 'path-outside',
    },
    { reason: 'another scheme', setup: { helm: { valueFiles: ['ftp://x/y.yaml'] } }, code: 'path-outside' },
    { reason: 'a file by its scheme', setup: { helm: { valueFiles: ['file:///etc/passwd'] } }, code: 'path-outside' },
    {
      reason: 'a broken template',
      setup: { files: { 'chart/templates/b.yaml': '{{ fail "no" }}' } },
      code: 'render-failed',
      about: 'chart/templates/b.yaml',
    },
    {
      reason: 'an output that is no object',
      setup: { files: { 'chart/templates/b.yaml': 'kind: X\napiVersion: v1\n' } },
      code: 'manifest-invalid',
      about: 'chart/templates/b.yaml',
    },
    { reason: 'no Kubernetes version', setup: { helm: { kubeVersion: 'latest' } }, code: 'app-invalid' },
    { reason: 'two tools', setup: { helm: {}, source: { directory: { recurse: true } } }, code: 'app-invalid' },
  ];
  for (const { reason, setup, code, about } of table)
    test(reason, async () => {
      await assert.rejects(render(setup), (e) => {
        assert.ok(e instanceof EngineError);
        assert.equal(e.code, code, e.message);
        if (about !== undefined) assert.ok(e.about.startsWith(about), e.about);
        return true;
      });
    });
});
