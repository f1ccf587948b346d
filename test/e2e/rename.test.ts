// The promise: an object that moves from one application to another in one commit is handed over, never deleted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, serviceAccount, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const moving = text(deployment('moving', 1), configMap('moving'), serviceAccount('moving'));
const world = await openWorld({
  files: {
    'left/own.yaml': text(configMap('left')),
    'left/moving.yaml': moving,
    'right/own.yaml': text(configMap('right')),
  },
});
const { kube, repo, target } = world;
const kinds = [resources.deployments, resources.configMaps, resources.serviceAccounts];
const live = () => Promise.all(kinds.map((kind) => kube.get(kind, target, 'moving')));
const key = 'argocd.argoproj.io/tracking-id';

test('there and back, several times, with the same uids', async () => {
  const [left, right] = await Promise.all([world.declare('left'), world.declare('right')]);
  await Promise.all([left.converged(repo.head()), right.converged(repo.head())]);
  const uids = (await live()).map((object) => object?.metadata.uid);
  const [pod] = await kube.list(resources.pods, target);
  for (let round = 0; round < 4; round++) {
    const [from, to] = round % 2 === 0 ? ['left', 'right'] : ['right', 'left'];
    const commit = repo.push({ [`${from}/moving.yaml`]: null, [`${to}/moving.yaml`]: moving });
    await Promise.all([left.converged(commit), right.converged(commit)]);
    const now = await live();
    assert.deepEqual(
      now.map((object) => object?.metadata.uid),
      uids,
      `round ${round}`,
    );
    const owner = world.nameOf(to ?? '');
    for (const object of now) assert.ok(stringAt(object?.metadata, 'annotations', key)?.startsWith(`${owner}:`));
  }
  const [still] = await kube.list(resources.pods, target);
  assert.equal(still?.metadata.uid, pod?.metadata.uid, 'the pod never noticed');
});

test('an object moves to an application that is created by the same commit', async () => {
  const holder = (await live()).map((object) => object?.metadata.uid);
  const from = (
    await waitFor('an owner', async () => stringAt((await live())[0]?.metadata, 'annotations', key))
  ).startsWith(world.nameOf('left'))
    ? 'left'
    : 'right';
  const commit = repo.push({ [`${from}/moving.yaml`]: null, 'third/moving.yaml': moving });
  const third = await world.declare('third');
  await Promise.all([third.converged(commit), world.application('left').converged(commit)]);
  assert.deepEqual(
    (await live()).map((object) => object?.metadata.uid),
    holder,
  );
});

test('a restart in the middle of the move loses nothing', async () => {
  const uids = (await live()).map((object) => object?.metadata.uid);
  await world.engine.kill();
  const commit = repo.push({ 'third/moving.yaml': null, 'right/moving.yaml': moving });
  await world.engine.start();
  await Promise.all(['left', 'right'].map((name) => world.application(name).converged(commit)));
  const third = world.application('third');
  await third.until('says that its folder is gone', ({ conditions }) => /third/.test(JSON.stringify(conditions)));
  const now = async () => (await live()).map((object) => object?.metadata.uid);
  assert.deepEqual(await now(), uids);
  // What it no longer has does not go with it either.
  await third.patch({ metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io'] } });
  await third.remove();
  await third.gone();
  assert.deepEqual(await now(), uids);
});
