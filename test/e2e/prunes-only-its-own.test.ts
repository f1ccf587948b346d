// The promise: what leaves Git is pruned; what another application tracks, what nobody tracks, and what a controller
// made of our objects is never touched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, text } from '../harness/manifests.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({
  files: {
    'one/keep.yaml': text(configMap('one-keep'), deployment('one-web', 1)),
    'one/go.yaml': text(configMap('one-go'), configMap('one-guarded', {}, noPrune())),
    'two/all.yaml': text(configMap('two-keep')),
  },
});
const { kube, repo, target } = world;
const key = 'argocd.argoproj.io/tracking-id';

function noPrune() {
  return { annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false' } };
}

const exists = async (name: string) => (await kube.get(resources.configMaps, target, name)) !== undefined;

test('a commit without an object removes that object alone', async () => {
  const [one, two] = await Promise.all([world.declare('one'), world.declare('two')]);
  await Promise.all([one.converged(repo.head()), two.converged(repo.head())]);
  const plain = { apiVersion: 'v1', kind: 'ConfigMap' };
  const strangers = {
    untracked: {},
    // Applications of somebody else's installation, and of nobody.
    elsewhere: { [key]: `somebody-else:/ConfigMap:${target}/elsewhere` },
    // A copy carries the annotation of its original along.
    copy: { [key]: `${one.name}:/ConfigMap:${target}/one-keep` },
    prefix: { [key]: `${one.name}-longer:/ConfigMap:${target}/prefix` },
  };
  for (const [name, annotations] of Object.entries(strangers)) {
    await kube.create(resources.configMaps, { ...plain, metadata: { name, namespace: target, annotations } });
  }
  const sets = await kube.list(resources.replicaSets, target);
  const pods = await kube.list(resources.pods, target);
  assert.ok(sets.length === 1 && pods.length === 1);

  const commit = repo.push({ 'one/go.yaml': null });
  await one.until('prunes what may go', (seen) => seen.revision === commit && seen.phase === 'Succeeded');
  assert.equal(await exists('one-go'), false);
  assert.equal(await exists('one-guarded'), true, 'Prune=false keeps it');
  for (const name of [...Object.keys(strangers), 'one-keep', 'two-keep']) assert.ok(await exists(name), name);
  const uids = (list: typeof pods) => list.map((object) => object.metadata.uid);
  assert.deepEqual(uids(await kube.list(resources.replicaSets, target)), uids(sets));
  assert.deepEqual(uids(await kube.list(resources.pods, target)), uids(pods));
});

test('with pruning off it is shown and kept', async () => {
  repo.push({ 'kept/a.yaml': text(configMap('kept-a'), configMap('kept-b')) });
  const app = await world.declare('kept', { automated: { prune: false, selfHeal: true } });
  await app.converged(repo.head());
  const commit = repo.push({ 'kept/a.yaml': text(configMap('kept-a', { key: 'new' })) });
  const seen = await app.until(
    'waits for a person',
    (now) => now.revision === commit && now.sync === 'OutOfSync' && now.phase === 'Succeeded',
  );
  assert.equal(await exists('kept-b'), true);
  const row = seen.resources.find((one) => one.name === 'kept-b');
  assert.equal(row?.requiresPruning, true);
  const rest = await app.until('says why', ({ holds }) => holds.length > 0);
  assert.ok(
    rest.holds.some((hold) => hold.reason === 'prune-disabled'),
    await app.show(),
  );
  await app.sync({ prune: true });
  await app.converged(commit);
  assert.equal(await exists('kept-b'), false, 'a sync that asks for it prunes');
});

test('an object that belongs to another application is neither written nor removed', async () => {
  const commit = repo.push({ 'one/stolen.yaml': text(configMap('two-keep', { key: 'stolen' })) });
  const [one, two] = [world.application('one'), world.application('two')];
  const seen = await one.until(
    'says whose it is',
    (now) => now.revision === commit && now.conditions.some((c) => c.type === 'SharedResourceWarning'),
  );
  assert.match(String(seen.conditions.find((c) => c.type === 'SharedResourceWarning')?.message), new RegExp(two.name));
  const live = await kube.get(resources.configMaps, target, 'two-keep');
  assert.equal(stringAt(live, 'data', 'key'), 'value');
  assert.equal(stringAt(live?.metadata, 'annotations', key), `${two.name}:/ConfigMap:${target}/two-keep`);
  const away = repo.push({ 'one/stolen.yaml': null });
  await one.until('is content again', (now) => now.revision === away && now.conditions.length === 0);
  assert.equal(await exists('two-keep'), true);
});
