/** Charts of kustomizations: every field means what it means to Kustomize. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { at, type JsonObject } from '../model/index.ts';
import {
  chart,
  configMap,
  enabled,
  local,
  names,
  objects,
  render as renderWith,
  type Setup,
  shown,
} from './test-kustomize-charts.ts';
import { testToolbox } from './toolbox/test-trees.ts';

const toolbox = testToolbox();
after(() => toolbox.close());
const render = (setup: Setup) => renderWith(toolbox, setup);
const data = async (setup: Setup): Promise<JsonObject> => shown(await render(setup));

describe('fields', () => {
  const values = 'color: green, extra: more, list: [c]';
  const table: readonly (Omit<Setup, 'kustomization'> & {
    readonly reason: string;
    readonly of: string;
    readonly above?: string;
    readonly wanted: Record<string, string>;
  })[] = [
    { reason: 'none', of: local, wanted: { color: 'red', version: '1.2.3', namespace: 'default' } },
    {
      reason: 'the values of the kustomization win',
      of: `${local}, valuesInline: {${values}}`,
      wanted: { color: 'green', extra: 'more', list: 'c' },
    },
    {
      reason: 'override says the same',
      of: `${local}, valuesMerge: override, valuesInline: {${values}}`,
      wanted: { color: 'green' },
    },
    {
      reason: 'merge: the file wins',
      of: `${local}, valuesMerge: merge, valuesInline: {${values}}`,
      wanted: { color: 'red', extra: 'more', list: 'a,b' },
    },
    {
      reason: 'replace: the file is not read',
      of: `${local}, valuesMerge: replace, valuesFile: nowhere.yaml, valuesInline: {${values}}`,
      wanted: { color: 'green', list: 'c' },
    },
    {
      reason: 'a values file',
      of: `${local}, valuesFile: v.yaml`,
      files: { ...chart('app/charts/web'), 'app/v.yaml': 'color: blue\n' },
      wanted: { color: 'blue', list: 'a,b' },
    },
    {
      reason: 'a values file of the chart',
      of: `${local}, valuesFile: charts/web/values-blue.yaml`,
      wanted: { color: 'blue' },
    },
    {
      reason: 'more values files, which win over all',
      of: `${local}, valuesInline: {${values}}, additionalValuesFiles: [v.yaml, w.yaml]`,
      files: { ...chart('app/charts/web'), 'app/v.yaml': 'color: blue\nextra: v\n', 'app/w.yaml': 'extra: w\n' },
      wanted: { color: 'blue', extra: 'w' },
    },
    { reason: 'a namespace', of: `${local}, namespace: ns`, wanted: { namespace: 'ns' } },
    { reason: "the kustomization's namespace", of: local, above: 'namespace: outer', wanted: { namespace: 'outer' } },
    {
      reason: 'the versions of the cluster',
      of: local,
      more: { apiVersions: ['x.test/v1'] },
      wanted: { kube: 'v1.31.0', crd: 'true' },
    },
    {
      reason: 'versions of its own',
      of: `${local}, kubeVersion: "1.29", apiVersions: [x.test/v1]`,
      wanted: { kube: 'v1.29', crd: 'true' },
    },
    {
      reason: 'versions of the Application',
      of: local,
      kustomize: { kubeVersion: '1.28', apiVersions: ['x.test/v1'] },
      wanted: { kube: 'v1.28', crd: 'true' },
    },
    {
      reason: 'versions of the build options',
      of: local,
      more: { kubeVersion: '' },
      settings: {
        ...enabled,
        kustomizeBuildOptions: '--enable-helm --helm-kube-version=1.27 --helm-api-versions x.test/v1',
      },
      wanted: { kube: 'v1.27', crd: 'true' },
    },
    {
      reason: 'a home for charts',
      of: local,
      above: 'helmGlobals: {chartHome: ours, configHome: /tmp}',
      files: chart('app/ours/web'),
      wanted: { color: 'red' },
    },
    {
      reason: 'a home where the chart lies by its version',
      of: `${local}, version: 1.2.3, repo: "https://charts.test"`,
      files: chart('app/charts/web-1.2.3/web'),
      wanted: { color: 'red' },
    },
  ];
  for (const { reason, of, above = '', wanted, ...setup } of table)
    test(reason, async () => {
      const found = await data({ ...setup, kustomization: `${above}\nhelmCharts: [{${of}}]\n` });
      assert.partialDeepStrictEqual(found, wanted);
    });

  for (const { reason, of, wanted } of [
    { reason: 'hooks and tests are there', of: local, wanted: ['r-web', 'hook', 'test'] },
    { reason: 'no tests', of: `${local}, skipTests: true`, wanted: ['r-web', 'hook'] },
    { reason: 'no hooks', of: `${local}, skipHooks: true`, wanted: ['r-web'] },
    { reason: 'CRDs', of: `${local}, skipHooks: true, includeCRDs: true`, wanted: ['from-crds', 'r-web'] },
    { reason: 'no name of a release', of: 'name: web, skipHooks: true, debug: true', wanted: ['release-name-web'] },
    {
      reason: 'a template of it',
      of: 'name: web, skipHooks: true, nameTemplate: "{{ upper `A` | lower }}b"',
      wanted: ['ab-web'],
    },
  ])
    test(reason, async () => {
      const rendered = await render({ kustomization: `helmCharts: [{${of}}]\n` });
      const maps = names(rendered).filter((name) => String(name).startsWith('ConfigMap/'));
      assert.deepEqual(maps.toSorted(), wanted.map((name) => `ConfigMap/${name}`).toSorted());
    });
});

describe('what the kustomization does to them', () => {
  const around = [
    'namePrefix: pre-',
    'labels: [{pairs: {team: a}, includeTemplates: true}]',
    'images: [{name: nginx, newTag: "9"}]',
    'patches: [{target: {kind: Deployment}, patch: "- {op: add, path: /spec/paused, value: true}"}]',
    'replacements: [{source: {kind: ConfigMap, name: r-web, fieldPath: data.color}, targets: [{select: {kind: Deployment}, fieldPaths: [metadata.annotations.color], options: {create: true}}]}]',
    'configMapGenerator: [{name: made, literals: [a=b], options: {disableNameSuffixHash: true}}]',
    'resources: [other.yaml]',
    `helmCharts: [{${local}, skipHooks: true}]`,
  ].join('\n');

  test('all that it does to its own objects', async () => {
    const files = { ...chart('app/charts/web'), 'app/other.yaml': configMap('other', {}) };
    const rendered = await render({ kustomization: around, files });
    assert.deepEqual(names(rendered), [
      'ConfigMap/pre-made',
      'ConfigMap/pre-other',
      'ConfigMap/pre-r-web',
      'Deployment/pre-r',
    ]);
    const deployment = objects(rendered)[3];
    const container = at(deployment, 'spec', 'template', 'spec', 'containers', '0');
    assert.equal(at(container, 'image'), 'nginx:9');
    assert.equal(at(container, 'envFrom', '0', 'configMapRef', 'name'), 'pre-r-web');
    assert.equal(at(deployment, 'spec', 'paused'), true);
    assert.equal(at(deployment, 'spec', 'template', 'metadata', 'labels', 'team'), 'a');
    assert.equal(at(deployment, 'metadata', 'annotations', 'color'), 'red');
  });

  test('its namespace is passed to Helm and not set on what Helm made', async () => {
    const files = {
      ...chart('base/charts/web'),
      'base/kustomization.yaml': `helmCharts: [{${local}}]\n`,
      'base/charts/web/templates/far.yaml': configMap('far', {}, '  namespace: far\n'),
    };
    const rendered = await render({ kustomization: 'namespace: outer\nresources: [../base]\n', files });
    const spaces = new Map(objects(rendered).map((o) => [at(o, 'metadata', 'name'), at(o, 'metadata', 'namespace')]));
    assert.equal(spaces.get('far'), 'far');
    assert.equal(spaces.get('r-web'), undefined);
    assert.equal(
      at(
        objects(rendered).find((o) => at(o, 'data', 'color') !== undefined),
        'data',
        'namespace',
      ),
      'outer',
    );
  });

  test('the edits of an Application come after', async () => {
    const rendered = await render({
      kustomization: `helmCharts: [{${local}, skipHooks: true}]\n`,
      kustomize: { namePrefix: 'a-' },
    });
    assert.deepEqual(names(rendered), ['ConfigMap/a-r-web', 'Deployment/a-r']);
  });

  test('the deprecated field, and a generator of its own file', async () => {
    const old = await render({
      kustomization: `helmChartInflationGenerator: [{chartName: web, releaseName: r, valuesLocal: {color: green}}]\n`,
    });
    assert.equal(shown(old).color, 'green');
    const own = await render({
      kustomization: 'generators: [g.yaml]\n',
      files: {
        ...chart('app/charts/web'),
        'app/g.yaml':
          'apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: g}\nname: web\nreleaseName: r\nvaluesInline: {color: green}\n',
      },
    });
    assert.equal(shown(own).color, 'green');
  });

  test('its order and its label, where the build options ask for them', async () => {
    const settings = { ...enabled, kustomizeBuildOptions: '--enable-helm --reorder legacy --enable-managedby-label' };
    const files = {
      ...chart('app/charts/web'),
      'app/n.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n',
    };
    const kustomization = `helmCharts: [{${local}, skipHooks: true}]\nresources: [n.yaml]\n`;
    const rendered = await render({ kustomization, files, settings });
    assert.deepEqual(names(rendered), ['Namespace/n', 'ConfigMap/r-web', 'Deployment/r']);
    const label = at(objects(rendered)[0], 'metadata', 'labels', 'app.kubernetes.io/managed-by');
    assert.match(String(label), /^kustomize-v\d+\.\d+\.\d+$/);
  });
});
