/** Charts of kustomizations: where they come from, and what is refused. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { defaultSettings, EngineError, type JsonObject } from '../model/index.ts';
import { createRenderer } from './renderer.ts';
import {
  archive,
  chart,
  configMap,
  enabled,
  local,
  render as renderWith,
  type Setup,
  setUp,
  shown,
} from './test-kustomize-charts.ts';
import { noMetrics, quietLog, testRequest, testSources } from './test-repositories.ts';
import { testToolbox } from './toolbox/test-trees.ts';

const toolbox = testToolbox();
after(() => toolbox.close());
const render = (setup: Setup) => renderWith(toolbox, setup);
const data = async (setup: Setup): Promise<JsonObject> => shown(await render(setup));

describe('charts that are not in the repository', () => {
  const remote = 'releaseName: r, name: web, repo: "https://charts.test/"';
  const charts = { 'https://charts.test web 1.2.3': archive(), 'oci://registry.test/charts web 1.2.3': archive() };

  for (const { reason, of, asked } of [
    { reason: 'a repository', of: `${remote}, version: 1.2.3`, asked: 'chart https://charts.test web 1.2.3' },
    {
      reason: 'a registry',
      of: 'releaseName: r, name: web, repo: "oci://registry.test/charts", version: 1.2.3',
      asked: 'chart oci://registry.test/charts web 1.2.3',
    },
  ])
    test(reason, async () => {
      const { renderer, sources, request } = setUp(toolbox, {
        kustomization: `helmCharts: [{${of}}]\n`,
        files: {},
        charts,
      });
      assert.equal(shown(await renderer.render(request)).color, 'red');
      assert.deepEqual(
        sources.asked.filter((one) => one.startsWith('chart')),
        [asked],
      );
    });

  test('many are asked for at once, each only once', async () => {
    const one = (name: string) => `{name: web, repo: "https://charts.test", version: 1.2.3, releaseName: ${name}}`;
    const two = `{name: web, repo: "https://charts.test", version: 2.0.0, releaseName: c}`;
    const { renderer, sources, request } = setUp(toolbox, {
      kustomization: `helmCharts: [${one('a')}, ${one('b')}, ${two}]\n`,
      files: {},
      charts: { ...charts, 'https://charts.test web 2.0.0': archive('2.0.0') },
    });
    // The hooks have one name in all of them.
    await assert.rejects(renderer.render(request), EngineError);
    assert.equal(sources.asked.filter((asked) => asked.startsWith('chart')).length, 2);
  });

  test('the newest, and with it those that are not released', async () => {
    for (const [of, version] of [
      [remote, ''],
      [`${remote}, devel: true`, '>0.0.0-0'],
    ] as const) {
      const found = await data({
        kustomization: `helmCharts: [{${of}}]\n`,
        files: {},
        charts: { [`https://charts.test web ${version}`]: archive('9.0.0') },
      });
      assert.equal(found.version, '9.0.0');
    }
  });

  test('a values file of the fetched chart', async () => {
    const of = `${remote}, version: 1.2.3, valuesFile: charts/web-1.2.3/web/values-blue.yaml`;
    assert.equal((await data({ kustomization: `helmCharts: [{${of}}]\n`, files: {}, charts })).color, 'blue');
  });

  test('what is in the repository is not fetched', async () => {
    const { renderer, sources, request } = setUp(toolbox, { kustomization: `helmCharts: [{${remote}}]\n` });
    await renderer.render(request);
    assert.deepEqual(
      sources.asked.filter((one) => one.startsWith('chart')),
      [],
    );
  });

  test('a newer chart of a range is seen, and one that is in the repository from now on', async () => {
    const heads: Record<string, string> = {};
    const repository: Record<string, string> = {
      'app/kustomization.yaml': `helmCharts: [{${remote}, version: ^1.0.0}]\n`,
    };
    const sources = testSources({
      repositories: { 'https://git.test/repo': { one: repository } },
      heads,
      charts: { 'https://charts.test web ^1.0.0': archive() },
    });
    const renderer = createRenderer({ sources, toolbox, log: quietLog, metrics: noMetrics });
    const request = testRequest({ path: 'app' }, { settings: enabled });
    const { unpinned } = await renderer.render(request);
    assert.deepEqual(unpinned, ['chart web ^1.0.0 of https://charts.test/']);
    assert.equal(await renderer.isCurrent(request), true);
    heads['https://charts.test/ ^1.0.0'] = '1.9.0';
    assert.equal(await renderer.isCurrent(request), false);
  });

  test('what charts see of the cluster counts only where there are charts', async () => {
    const newer = { kubeVersion: '1.99.0', apiVersions: ['new.test/v1'] };
    for (const [kustomization, current] of [
      [`helmCharts: [{${local}}]\n`, false],
      ['resources: [x.yaml]\n', true],
    ] as const) {
      const files = { ...chart('app/charts/web'), 'app/x.yaml': configMap('x', {}) };
      const { renderer, request } = setUp(toolbox, { kustomization, files });
      await renderer.render(request);
      assert.equal(await renderer.isCurrent({ ...request, ...newer }), current);
    }
  });
});

describe('what is refused', () => {
  const table: readonly (Setup & { readonly reason: string; readonly code: string; readonly says?: RegExp })[] = [
    {
      reason: 'charts, unless they are allowed',
      kustomization: `helmCharts: [{${local}}]\n`,
      settings: defaultSettings,
      code: 'render-failed',
      says: /--enable-helm.*kustomize\.buildOptions/,
    },
    {
      reason: 'charts, in a base',
      kustomization: 'resources: [../base]\n',
      files: { 'base/kustomization.yaml': `helmCharts: [{${local}}]\n` },
      settings: defaultSettings,
      code: 'render-failed',
      says: /--enable-helm/,
    },
    {
      reason: 'no chart, and nowhere to get it',
      kustomization: 'helmCharts: [{name: none}]\n',
      code: 'path-not-found',
      says: /app\/charts\/none/,
    },
    { reason: 'no name', kustomization: 'helmCharts: [{releaseName: a}]\n', code: 'render-failed', says: /name/ },
    {
      reason: 'a chart that the repository does not have',
      kustomization: 'helmCharts: [{name: none, repo: "https://charts.test"}]\n',
      code: 'chart-not-found',
    },
    {
      reason: 'a repository of this machine',
      kustomization: 'helmCharts: [{name: none, repo: "file:///etc"}]\n',
      code: 'repo-config',
    },
    {
      reason: 'a home out of the repository',
      kustomization: `helmCharts: [{${local}}]\nhelmGlobals: {chartHome: ../../..}\n`,
      code: 'render-failed',
      says: /chartHome/,
    },
    {
      reason: 'a chart out of the repository',
      kustomization: 'helmCharts: [{name: ../../../../etc}]\n',
      code: 'render-failed',
    },
    {
      reason: 'values out of the kustomization',
      kustomization: `helmCharts: [{${local}, valuesFile: ../v.yaml}]\n`,
      files: { ...chart('app/charts/web'), 'v.yaml': '{}' },
      code: 'path-outside',
    },
    {
      reason: 'values that are not there',
      kustomization: `helmCharts: [{${local}, valuesFile: v.yaml}]\n`,
      code: 'render-failed',
    },
    {
      reason: 'an unknown way to merge',
      kustomization: `helmCharts: [{${local}, valuesMerge: blend}]\n`,
      code: 'render-failed',
      says: /valuesMerge/,
    },
    {
      reason: 'two names of a release',
      kustomization: `helmCharts: [{${local}, nameTemplate: x}]\n`,
      code: 'render-failed',
      says: /name-template/,
    },
    {
      reason: 'a release with a name that Helm refuses',
      kustomization: 'helmCharts: [{name: web, releaseName: A_b}]\n',
      code: 'render-failed',
      says: /release name/,
    },
    {
      reason: 'a template that fails',
      kustomization: `helmCharts: [{${local}}]\n`,
      files: { ...chart('app/charts/web'), 'app/charts/web/templates/b.yaml': '{{ fail "no" }}' },
      code: 'render-failed',
      says: /app\/charts\/web\/templates\/b\.yaml/,
    },
    {
      reason: 'a chart that loops',
      kustomization: `helmCharts: [{${local}}]\n`,
      files: {
        ...chart('app/charts/web'),
        'app/charts/web/templates/b.yaml': '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}',
      },
      code: 'render-failed',
    },
    {
      reason: 'a library',
      kustomization: `helmCharts: [{${local}}]\n`,
      files: {
        ...chart('app/charts/web'),
        'app/charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\ntype: library\n',
      },
      code: 'render-failed',
      says: /library/,
    },
    {
      reason: 'dependencies that the chart does not carry',
      kustomization: `helmCharts: [{${local}}]\n`,
      files: {
        ...chart('app/charts/web'),
        'app/charts/web/Chart.yaml':
          'apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: d, version: 1.0.0, repository: "https://charts.test"}]\n',
      },
      code: 'missing-dependencies',
    },
    {
      reason: 'plugins that are programs',
      kustomization: 'generators: [g.yaml]\n',
      files: { 'app/g.yaml': 'apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata: {name: g}\nfiles: [a]\n' },
      settings: { ...defaultSettings, kustomizeBuildOptions: '--enable-alpha-plugins --enable-exec' },
      code: 'render-failed',
      says: /not run/,
    },
  ];
  for (const { reason, code, says, ...setup } of table)
    test(reason, async () => {
      await assert.rejects(render(setup), (error) => {
        assert.ok(error instanceof EngineError);
        assert.equal(error.code, code, error.message);
        if (says !== undefined) assert.match(error.message, says);
        return true;
      });
    });
});

describe('versions of Kustomize', () => {
  const kustomization = `helmCharts: [{${local}}]\n`;
  const settings = { ...defaultSettings, kustomizeVersions: { v5: '--enable-helm', v4: '' } };

  test('the options of the version that the Application names', async () => {
    const { warnings } = await render({ kustomization, settings, kustomize: { version: 'v5' } });
    assert.deepEqual(
      warnings.map((one) => one.type),
      ['KustomizeVersionWarning'],
    );
    await assert.rejects(
      render({ kustomization, settings: { ...enabled, ...settings }, kustomize: { version: 'v4' } }),
      EngineError,
    );
  });

  test('those for all, where that version has none', async () => {
    await render({ kustomization, kustomize: { version: 'v9' } });
    await assert.rejects(render({ kustomization, settings, kustomize: { version: 'constructor' } }), EngineError);
  });
});
