// The promise: Helm, Kustomize and Jsonnet from one repository, by the ecosystem's own libraries, and a commit to one
// of them touches only the application that reads it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({
  files: {
    'chart/Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
    'chart/values.yaml': 'colour: green\nsize: 1\n',
    'chart/production.yaml': 'size: 3\n',
    'chart/templates/settings.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-settings\ndata:\n  colour: {{ .Values.colour | upper | quote }}\n  size: {{ .Values.size | quote }}\n  namespace: {{ .Release.Namespace }}\n',
    'kustomize/base/kustomization.yaml': 'resources: [settings.yaml]\n',
    'kustomize/base/settings.yaml': text(configMap('kustomized', { from: 'base' })),
    'kustomize/overlay/kustomization.yaml':
      'resources: [../base]\nnamePrefix: my-\nlabels: [{pairs: {team: web}}]\npatches:\n- patch: |-\n    - {op: add, path: /data/patched, value: "yes"}\n  target: {kind: ConfigMap}\n',
    'jsonnet/main.jsonnet':
      "local lib = import 'lib/config.libsonnet';\n[lib.map('jsonnet-' + i) + { data: { who: std.extVar('who') } } for i in ['a', 'b']]\n",
    'jsonnet/lib/config.libsonnet':
      "{ map(name):: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name } } }\n",
    'plain/settings.yaml': text(configMap('plain')),
  },
});
const { kube, repo, target, engine } = world;
const data = async (name: string) => objectAt(await kube.get(resources.configMaps, target, name), 'data');

test('each is rendered as its own tool does', { timeout: 300_000 }, async () => {
  const helm = {
    helm: { releaseName: 'shop', valueFiles: ['production.yaml'], parameters: [{ name: 'colour', value: 'red' }] },
  };
  const jsonnet = { directory: { jsonnet: { extVars: [{ name: 'who', value: 'the test' }] } } };
  const apps = await Promise.all([
    world.declare('chart', { source: helm }),
    world.declare('kustomize', { path: 'kustomize/overlay' }),
    world.declare('jsonnet', { source: jsonnet }),
    world.declare('plain'),
  ]);
  // The toolbox is built once for each machine.
  for (const app of apps) await app.converged(repo.head(), { within: 240_000 });
  assert.deepEqual(await data('shop-settings'), { colour: 'RED', size: '3', namespace: target });
  assert.deepEqual(await data('my-kustomized'), { from: 'base', patched: 'yes' });
  assert.equal(
    stringAt((await kube.get(resources.configMaps, target, 'my-kustomized'))?.metadata, 'labels', 'team'),
    'web',
  );
  assert.deepEqual(await data('jsonnet-b'), { who: 'the test' });
  const types = await Promise.all(apps.map(async (app) => stringAt((await app.see()).status, 'sourceType')));
  assert.deepEqual(types, ['Helm', 'Kustomize', 'Directory', 'Directory']);
});

test('a commit renders the applications that read it, and no others', async () => {
  const before = renderings();
  const commit = repo.push({ 'kustomize/base/settings.yaml': text(configMap('kustomized', { from: 'a new base' })) });
  await world.application('kustomize').converged(commit);
  for (const name of ['chart', 'jsonnet', 'plain']) await world.application(name).converged(commit);
  assert.deepEqual(renderings().slice(before.length), [world.nameOf('kustomize')]);
  assert.equal((await data('my-kustomized')).from, 'a new base');
  const values = repo.push({ 'chart/values.yaml': 'colour: green\nsize: 1\nunused: yes\n' });
  for (const name of ['chart', 'kustomize', 'jsonnet', 'plain']) await world.application(name).converged(values);
  assert.deepEqual(renderings().slice(before.length), [world.nameOf('kustomize'), world.nameOf('chart')]);
});

test('several sources, one of them only for its values', async () => {
  const app = await world.declare('several', {
    spec: {
      source: null,
      sources: [
        {
          repoURL: repo.url,
          path: 'chart',
          targetRevision: 'main',
          helm: { releaseName: 'several', valueFiles: ['$values/chart/production.yaml'] },
        },
        { repoURL: repo.url, targetRevision: 'main', ref: 'values' },
        { repoURL: repo.url, path: 'kustomize/overlay', targetRevision: 'main', kustomize: { nameSuffix: '-two' } },
      ],
    },
  });
  const seen = await app.until(
    'is synced',
    ({ sync, health, status }) =>
      sync === 'Synced' && health === 'Healthy' && JSON.stringify(status.sync).includes(repo.head()),
  );
  assert.deepEqual(objectAt(seen.status, 'sync').revisions, [repo.head(), repo.head(), repo.head()]);
  assert.equal((await data('several-settings')).size, '3');
  assert.equal((await data('my-kustomized-two')).patched, 'yes');
});

test('what a tool refuses is told with its place, and keeps what is there', async () => {
  const chart = world.application('chart');
  repo.push({ 'chart/templates/broken.yaml': 'x: {{ .Values.nothing.at.all }}\n' });
  const seen = await chart.until('says so', ({ conditions }) => conditions.length > 0);
  assert.match(JSON.stringify(seen.conditions), /templates\/broken\.yaml:1/);
  assert.equal((await data('shop-settings')).size, '3');
  const mended = repo.push({ 'chart/templates/broken.yaml': null });
  await chart.converged(mended);
});

function renderings(): readonly unknown[] {
  return engine
    .log()
    .filter((line) => line.msg === 'rendered')
    .map((line) => line.application);
}
