// The promise: one can go back to what was deployed before; with automated sync on, that holds until Git moves on or
// somebody lifts it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberAt, objectAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, text } from '../harness/manifests.ts';
import { plumb } from '../harness/plumb.ts';
import { staysSo, waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const version = (number: number) => ({
  'app/all.yaml': text(
    configMap('a', { at: `${number}` }),
    deployment('web', number),
    ...(number === 2 ? [configMap('only-2')] : []),
  ),
});
const world = await openWorld({ files: version(1) });
const { kube, repo, target } = world;
const at = async () => objectAt(await kube.get(resources.configMaps, target, 'a'), 'data').at;

test('a rollback holds against automated sync and self-heals, until Git moves', async () => {
  const app = await world.declare('app');
  const first = repo.head();
  await app.converged(first);
  const second = repo.push(version(2));
  const { history } = await app.converged(second);
  assert.deepEqual(
    history.map(({ revision }) => revision),
    [first, second],
  );

  const { code, stderr } = await plumb(world, [
    'app',
    'rollback',
    app.name,
    String(numberAt(history[0] ?? {}, 'id')),
    '--reason',
    'it is broken',
  ]);
  assert.equal(code, 0, stderr);
  const seen = await app.until(
    'is at the first again',
    (now) => now.phase === 'Succeeded' && now.revision === first && now.sync === 'Synced',
  );
  assert.equal(await at(), '1');
  assert.equal(await kube.get(resources.configMaps, target, 'only-2'), undefined, 'what it did not have is pruned');
  assert.ok(stringAt(seen.object.metadata, 'annotations', 'plumbline.dev/rollback-pin')?.includes('it is broken'));
  await staysSo('nobody rolls forward', async () => (await at()) === '1', 2_500);

  await kube.patch(resources.configMaps, target, 'a', { data: { at: 'drifted' } });
  await waitFor('it heals to what it is pinned to', async () => (await at()) === '1');

  const third = repo.push(version(3));
  const now = await app.converged(third);
  assert.equal(await at(), '3');
  assert.equal(stringAt(now.object.metadata, 'annotations', 'plumbline.dev/rollback-pin'), undefined);
  assert.deepEqual(
    now.history.map(({ revision }) => revision),
    [first, second, first, third],
  );
});

test('a pin can be lifted, and survives a restart until then', async () => {
  const app = world.application('app');
  const head = repo.head();
  assert.equal((await plumb(world, ['app', 'rollback', app.name, '--reason', 'once more'])).code, 0);
  await app.until('is back', (now) => now.revision !== head && now.sync === 'Synced' && now.phase === 'Succeeded');
  const before = await at();
  assert.notEqual(before, '3');
  await world.engine.kill();
  await world.engine.start();
  await staysSo('it stays there', async () => (await at()) === before, 2_000);
  assert.equal((await plumb(world, ['app', 'unpin', app.name])).code, 0);
  await app.converged(head);
  assert.equal(await at(), '3');
});

test('a rollback without automation needs no pin', async () => {
  const app = await world.declare('manual', { path: 'app', automated: false, target: await world.freshTarget() });
  const first = repo.head();
  await app.until('has been looked at', ({ sync }) => sync === 'OutOfSync');
  await app.sync();
  await app.converged(first);
  const next = repo.push(version(4));
  await app.until('sees the next', ({ revision }) => revision === next);
  await app.sync();
  await app.converged(next);
  assert.equal((await plumb(world, ['app', 'rollback', app.name, '--reason', 'no'])).code, 0);
  const seen = await app.until(
    'is back, and OutOfSync',
    ({ sync, phase, object }) => sync === 'OutOfSync' && phase === 'Succeeded' && object.operation === undefined,
  );
  assert.equal(stringAt(seen.object.metadata, 'annotations', 'plumbline.dev/rollback-pin'), undefined);
  assert.equal(objectAt(await kube.get(resources.configMaps, app.target, 'a'), 'data').at, '3');
});
