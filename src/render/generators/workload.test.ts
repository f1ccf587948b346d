/** When a directory holds workloads, which overlay counts, and what a rendering of them rests on. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngineError, type Source } from '../../model/index.ts';
import type { Renderer, RenderRequest } from '../../ports/index.ts';
import { createRenderer } from '../renderer.ts';
import { type Files, noMetrics, quietLog, testRequest, testSources } from '../test-repositories.ts';
import { testToolbox } from '../toolbox/test-trees.ts';

const web = 'name: web\nimage: acme/web:1\n';

function rendererOf(revisions: Record<string, Files>): Renderer {
  const sources = testSources({ repositories: { 'https://git.test/repo': revisions } });
  return createRenderer({ sources, toolbox: testToolbox(), log: quietLog, metrics: noMetrics });
}

async function names(files: Files, source: Partial<Source> = {}): Promise<string> {
  const { manifests, sourceTypes } = await rendererOf({ one: files }).render(testRequest({ path: 'app', ...source }));
  return [sourceTypes.join(), ...manifests.map(({ ref }) => `${ref.kind}/${ref.name}`)].join(' ');
}

describe('a directory holds workloads', () => {
  const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n';
  const table: readonly { reason: string; files: Files; source?: Partial<Source>; is: string }[] = [
    { reason: 'the short form', files: { 'app/workload.yaml': web }, is: 'Workload Deployment/web' },
    { reason: 'its other ending', files: { 'app/workload.yml': web }, is: 'Workload Deployment/web' },
    {
      reason: 'several, named by their files',
      files: { 'app/b.workload.yaml': 'image: b\n', 'app/a.workload.yaml': 'image: a\n' },
      is: 'Workload Deployment/a Deployment/b',
    },
    { reason: 'a manifest under the name', files: { 'app/workload.yaml': manifest }, is: 'Directory ConfigMap/m' },
    {
      reason: 'a manifest in JSON under the name',
      files: { 'app/workload.yaml': '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}}' },
      is: 'Directory ConfigMap/m',
    },
    {
      reason: 'plain manifests were asked for',
      files: { 'app/workload.yaml': web, 'app/m.yaml': manifest },
      source: { directory: { recurse: false } },
      is: 'Directory ConfigMap/m',
    },
    {
      reason: 'a kustomization comes first',
      files: { 'app/workload.yaml': web, 'app/Chart.yaml': 'no' },
      source: { directory: { recurse: false, include: 'none' } },
      is: 'Directory',
    },
    {
      reason: 'manifests beside them, overlays are none',
      files: { 'app/workload.yaml': web, 'app/workload.prod.yaml': 'replicas: 2\n', 'app/m.yaml': manifest },
      is: 'Workload Deployment/web ConfigMap/m',
    },
  ];
  for (const { reason, files, source, is } of table)
    test(reason, async () => assert.equal(await names(files, source), is));
});

describe('the environment', () => {
  const files = {
    'app/workload.yaml': web,
    'app/workload.demo.yaml': 'replicas: 2\n',
    'app/workload.live.yaml': 'replicas: 3\n',
  };
  const inEnvironment = (environment?: string): Partial<RenderRequest> => {
    const request = testRequest({ path: 'app' });
    return { application: { ...request.application, ...(environment === undefined ? {} : { environment }) } };
  };
  const replicas = async (renderer: Renderer, more: Partial<RenderRequest>) => {
    const { manifests, cached } = await renderer.render(testRequest({ path: 'app' }, more));
    return { count: JSON.parse(manifests[0]?.body ?? '').spec.replicas, cached };
  };

  test('is the one that is named, the namespace otherwise', async () => {
    const renderer = rendererOf({ one: files });
    assert.deepEqual(await replicas(renderer, inEnvironment('live')), { count: 3, cached: false });
    assert.deepEqual(await replicas(renderer, inEnvironment()), { count: 2, cached: false });
    assert.deepEqual(await replicas(renderer, inEnvironment('other')), { count: 1, cached: false });
    assert.deepEqual(await replicas(renderer, inEnvironment('live')), { count: 3, cached: true });
  });

  test("another environment's overlay changes nothing; one that comes does", async () => {
    const renderer = rendererOf({
      one: { 'app/workload.yaml': web, 'app/workload.live.yaml': 'replicas: 3\n' },
      two: { 'app/workload.yaml': web, 'app/workload.live.yaml': 'replicas: 4\n' },
      three: {
        'app/workload.yaml': web,
        'app/workload.live.yaml': 'replicas: 4\n',
        'app/workload.demo.yaml': 'replicas: 5\n',
      },
    });
    assert.deepEqual(await replicas(renderer, inEnvironment()), { count: 1, cached: false });
    assert.deepEqual(await replicas(renderer, { ...inEnvironment(), revisions: ['two'] }), { count: 1, cached: true });
    assert.deepEqual(await replicas(renderer, { ...inEnvironment(), revisions: ['three'] }), {
      count: 5,
      cached: false,
    });
  });
});

describe('what is wrong', () => {
  const score = (rest: string): string => `apiVersion: score.dev/v1b1\nmetadata: {name: web}\n${rest}`;
  const container = 'containers: {web: {image: a}}\n';
  const table: readonly { reason: string; file?: string; text: string; code: string; about: string }[] = [
    { reason: 'a broken line', text: 'name: web\nimage: "a\n', code: 'manifest-invalid', about: 'app/workload.yaml:3' },
    { reason: 'a key twice', text: `${web}name: b\n`, code: 'manifest-invalid', about: 'app/workload.yaml:3' },
    { reason: 'no map', text: '- a\n', code: 'manifest-invalid', about: 'app/workload.yaml:1' },
    {
      reason: 'a file from outside',
      text: `${web}files:\n  /x: {source: ../../../x}\n`,
      code: 'path-outside',
      about: '../../../x',
    },
    {
      reason: 'a file that is missing',
      text: `${web}files:\n  /x: {source: x}\n`,
      code: 'manifest-invalid',
      about: 'app/workload.yaml:4',
    },
    { reason: 'too large', text: `${web}# ${'x'.repeat(1 << 20)}\n`, code: 'render-limit', about: 'app/workload.yaml' },
    {
      reason: 'too many aliases',
      text: `a: &a [${'x,'.repeat(40)}]\nb: &b [${'*a,'.repeat(40)}]\nc: &c [${'*b,'.repeat(40)}]\n`,
      code: 'manifest-invalid',
      about: 'app/workload.yaml:3',
    },
    {
      reason: 'resources that go in a circle',
      file: 'score',
      text: score(
        `containers: {web: {image: a, variables: {A: "\${resources.a.host}"}}}\nresources:\n  a: {type: dns, params: {host: "\${resources.b.host}"}}\n  b: {type: dns, params: {host: "\${resources.a.host}"}}\n`,
      ),
      code: 'manifest-invalid',
      about: 'app/score.yaml:6',
    },
    {
      reason: 'another version of Score',
      file: 'score',
      text: score(container).replace('v1b1', 'v9'),
      code: 'manifest-invalid',
      about: 'app/score.yaml:1',
    },
    {
      reason: 'no containers',
      file: 'score',
      text: score('containers: {}\n'),
      code: 'manifest-invalid',
      about: 'app/score.yaml:3',
    },
    {
      reason: 'a route to no port',
      file: 'score',
      text: `${score(container)}resources: {r: {type: route, params: {host: a.b}}}\n`,
      code: 'manifest-invalid',
      about: 'app/score.yaml:4',
    },
  ];
  for (const { reason, file = 'workload', text, code, about } of table)
    test(reason, async () => {
      await assert.rejects(names({ [`app/${file}.yaml`]: text }), (error) => {
        assert.ok(error instanceof EngineError);
        assert.deepEqual([error.code, error.about], [code, about], error.message);
        return true;
      });
    });

  test('two workloads of one name', async () => {
    await assert.rejects(
      names({ 'app/a.workload.yaml': web, 'app/b.workload.yaml': web.replace(':1', ':2') }),
      EngineError,
    );
  });
});
