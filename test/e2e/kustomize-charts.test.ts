// The promise: kustomizations with charts (`helmCharts`) are refused until argocd-cm allows them, and then the chart of
// the repository and the one that is fetched get the patches, prefixes and values that the kustomization gives them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { at, type JsonObject, objectAt } from '../../src/model/index.ts';
import { tarOf } from '../../src/source/testing/tar.ts';
import { resources } from '../harness/kube.ts';
import { plumb } from '../harness/plumb.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const chart = (version: string): Readonly<Record<string, string>> => ({
  'shop/Chart.yaml': `apiVersion: v2\nname: shop\nversion: ${version}\n`,
  'shop/values.yaml': 'colour: green\n',
  'shop/templates/settings.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-settings\ndata:\n  colour: {{ .Values.colour }}\n  version: {{ .Chart.Version | quote }}\n  namespace: {{ .Release.Namespace }}\n',
});
const published = new Map<string, Buffer>();
const publish = (version: string) => {
  const entries = Object.entries(chart(version)).map(([path, content]) => ({ path, content }));
  published.set(version, gzipSync(tarOf(entries)));
};
publish('1.0.0');
const login = { username: 'reader', password: 'of-charts' };
const basic = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
const repository = createServer((request, response) => {
  if (request.headers.authorization !== basic) {
    response.writeHead(401).end();
    return;
  }
  const archive = published.get(/shop-(.*)\.tgz$/.exec(request.url ?? '')?.[1] ?? '');
  const entries = [...published.keys()].map(
    (version) => `  - {name: shop, version: ${version}, urls: [shop-${version}.tgz]}\n`,
  );
  response.end(archive ?? `apiVersion: v1\nentries:\n  shop:\n${entries.join('')}`);
});
repository.listen(0, '127.0.0.1');
await once(repository, 'listening');
after(() => repository.close());
const url = `http://127.0.0.1:${(repository.address() as AddressInfo).port}`;

const local = (values: string) =>
  `namePrefix: my-\nlabels: [{pairs: {team: web}}]\npatches:\n- patch: |-\n    - {op: add, path: /data/patched, value: "yes"}\n  target: {kind: ConfigMap}\nhelmCharts:\n- {name: shop, releaseName: near, valuesInline: {${values}}}\n`;

const world = await openWorld({
  files: {
    'local/kustomization.yaml': local('colour: red'),
    ...Object.fromEntries(Object.entries(chart('0.1.0')).map(([path, text]) => [`local/charts/${path}`, text])),
    'remote/kustomization.yaml': `helmCharts:\n- {name: shop, releaseName: far, repo: "${url}", version: ~1.0, namespace: there}\n`,
  },
  settings: { 'timeout.reconciliation': '1s', 'timeout.reconciliation.jitter': '0s' },
});
const { kube, repo, target, namespace, engine } = world;
// Charts of kustomizations are fetched with the credentials of repository Secrets, as all others.
await kube.create(resources.secrets, {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'charts', namespace, labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
  stringData: { type: 'helm', name: 'charts', url, ...login },
});
const read = (name: string) => kube.get(resources.configMaps, target, name);

test('charts are refused until argocd-cm allows them', { timeout: 300_000 }, async () => {
  const apps = [await world.declare('local'), await world.declare('remote')] as const;
  for (const app of apps) {
    const seen = await app.until('says so', ({ conditions }) => conditions.length > 0, { within: 240_000 });
    assert.match(JSON.stringify(seen.conditions), /--enable-helm.*kustomize\.buildOptions/);
  }
  await kube.patch(resources.configMaps, namespace, 'argocd-cm', {
    data: { 'kustomize.buildOptions': '--enable-helm' },
  });
  for (const app of apps) await app.converged(repo.head());
});

test('each gets what its kustomization says', async () => {
  const near = await read('my-near-settings');
  assert.deepEqual(objectAt(near, 'data'), { colour: 'red', version: '0.1.0', namespace: 'default', patched: 'yes' });
  assert.equal(at(near, 'metadata', 'labels', 'team'), 'web');
  assert.deepEqual(objectAt(await read('far-settings'), 'data'), {
    colour: 'green',
    version: '1.0.0',
    namespace: 'there',
  });
});

test('a commit to its values is a commit', async () => {
  const commit = repo.push({ 'local/kustomization.yaml': local('colour: blue') });
  await world.application('local').converged(commit);
  assert.equal(at(await read('my-near-settings'), 'data', 'colour'), 'blue');
});

test('a newer chart of its range is found by the next look at its repository', async () => {
  publish('1.0.1');
  await waitFor('the new version', async () => at(await read('far-settings'), 'data', 'version') === '1.0.1');
});

test('what is not committed yet is rendered with the settings of the cluster', async () => {
  const directory = join(repo.folder, 'work');
  writeFileSync(join(directory, 'local/kustomization.yaml'), local('colour: black'));
  const said = await plumb(world, ['diff', '--app', world.nameOf('local'), '-o', 'json'], directory);
  assert.equal(said.code, 1, said.stderr);
  const [diff] = JSON.parse(said.stdout) as JsonObject[];
  assert.match(JSON.stringify(diff), /black/);
  // By now somebody has looked many times.
  const renderings = engine
    .log()
    .filter((line) => line.msg === 'rendered' && line.application === world.nameOf('remote'));
  const made = renderings.filter((line) => line.result === 'ok');
  assert.equal(made.length, 2, 'looking renders nothing');
});
