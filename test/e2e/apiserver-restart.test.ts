// The promise: when the API server goes away and comes back, nothing is lost, nothing is deleted, and drift that
// happened meanwhile heals.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createKubeApi } from '../../src/cluster/index.ts';
import { startControlPlane } from '../../src/embedded/index.ts';
import { objectAt } from '../../src/model/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/index.ts';
import { ensureControlPlane } from '../../src/toolchain/index.ts';
import { kubeOver, resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorldOn } from '../harness/world.ts';

// Its own one: it is broken on purpose.
const plane = await startControlPlane({
  binaries: await ensureControlPlane(),
  name: 'restarts',
  components: ['kube-controller-manager'],
});
const { server, ca, cert, key } = plane.kubeconfig;
const connection = { server, ca, cert, key, insecure: false, identity: { kind: 'none' as const }, namespace: '' };
const kube = kubeOver(createKubeApi(connection, systemClock, systemRandom));
const files = { 'app/all.yaml': text(...['a', 'b', 'c'].map((name) => configMap(name))) };
const world = await openWorldOn(kube, plane.kubeconfigPath, { files });
after(() => plane.stop());
const { repo, target, engine } = world;

const names = async () =>
  (await kube.list(resources.configMaps, target))
    .map(({ metadata }) => String(metadata.name))
    .filter((name) => name.length === 1);

test('the apiserver is restarted in the middle of everything', async () => {
  const app = await world.declare('app');
  await app.converged(repo.head());
  const restarted = plane.restartApiserver();
  const commit = repo.push({ 'app/all.yaml': text(...['a', 'b', 'd'].map((name) => configMap(name))) });
  await restarted;
  await app.converged(commit, { within: 60_000 });
  assert.deepEqual(await names(), ['a', 'b', 'd']);
});

test('drift right after a restart is seen', async () => {
  await plane.restartApiserver();
  await kube.patch(resources.configMaps, target, 'a', { data: { key: 'drifted' } });
  const read = async () => objectAt(await kube.get(resources.configMaps, target, 'a'), 'data').key;
  await waitFor('heals', async () => (await read()) === 'value', { within: 20_000, show: () => engine.tail() });
});

test('an apiserver that hangs is waited for', async () => {
  const app = world.application('app');
  plane.pause();
  const commit = repo.push({ 'app/all.yaml': text(...['a', 'e'].map((name) => configMap(name))) });
  await waitFor('the engine has noticed the commit', () =>
    JSON.stringify(engine.log().slice(-50)).includes('rendered'),
  );
  plane.resume();
  await app.converged(commit, { within: 90_000 });
  assert.deepEqual(await names(), ['a', 'e']);
});
