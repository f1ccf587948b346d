// The promise: a repository that is out of reach changes nothing: the last good state is kept and healed, nothing is
// pruned, and the application says since when.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { staysSo, waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({ files: { 'app/all.yaml': text(configMap('one'), configMap('two')) } });
const { kube, repo, target } = world;
const names = async () =>
  (await kube.list(resources.configMaps, target))
    .map(({ metadata }) => String(metadata.name))
    .filter((name) => name !== 'kube-root-ca.crt');

test('an outage is told, keeps everything, and ends by itself', async () => {
  const app = await world.declare('app');
  await app.converged(repo.head());
  const before = Date.now();
  repo.vanish();
  const seen = await app.until('says so', ({ conditions }) =>
    conditions.some((one) => one.type === 'ComparisonWarning'),
  );
  const [hold] = seen.holds.filter((one) => one.reason === 'source-unreachable');
  const since = /since (\S+Z)/.exec(String(hold?.message))?.[1] ?? '';
  assert.ok(Date.parse(since) >= before - 2_000 && Date.parse(since) <= Date.now(), `since when: ${hold?.message}`);
  assert.equal(seen.sync, 'Synced', 'it still knows what should be');
  assert.equal(seen.revision, repo.head());

  const settled = (await app.read())?.metadata.resourceVersion;
  await staysSo(
    'the condition does not flap',
    async () => (await app.read())?.metadata.resourceVersion === settled,
    3_000,
  );
  assert.deepEqual(await names(), ['one', 'two']);

  await kube.remove(resources.configMaps, target, 'one');
  await waitFor('heals without Git', () => kube.get(resources.configMaps, target, 'one'));

  repo.back();
  const commit = repo.push({ 'app/all.yaml': text(configMap('one')) });
  const again = await app.converged(commit);
  assert.deepEqual(again.conditions, []);
  assert.deepEqual(await names(), ['one'], 'pruning goes on when Git is back');
});

test('an outage over a restart of the engine loses nothing', async () => {
  const app = world.application('app');
  repo.vanish();
  await app.until('says so', ({ conditions }) => conditions.length > 0);
  await world.engine.kill();
  await kube.remove(resources.configMaps, target, 'one');
  await world.engine.start();
  await waitFor('heals from what the cache has', () => kube.get(resources.configMaps, target, 'one'), {
    show: () => app.show(),
  });
  assert.ok((await app.see()).conditions.length > 0);
  repo.back();
  await app.until('is well again', ({ conditions, sync }) => conditions.length === 0 && sync === 'Synced');
});

test('a repository that was never there is told, and others go on', async () => {
  const lost = await world.declare('lost', { repo: `${repo.url}.nowhere` });
  const seen = await lost.until('says so', ({ conditions }) => conditions.length > 0);
  assert.equal(seen.sync, 'Unknown');
  assert.match(stringAt(seen.conditions[0], 'message') ?? '', /nowhere/);
  const commit = repo.push({ 'app/all.yaml': text(configMap('one'), configMap('three')) });
  await world.application('app').converged(commit);
  const pruned = repo.push({ 'app/all.yaml': text(configMap('one')) });
  await world.application('app').converged(pruned);
  assert.deepEqual(await names(), ['one']);
});

test('an empty cache during an outage prunes nothing', async () => {
  const app = world.application('app');
  repo.vanish();
  await world.engine.remove();
  await world.engine.start();
  const seen = await app.until('says that it cannot compare', ({ sync }) => sync === 'Unknown');
  assert.ok(seen.conditions.length > 0);
  await staysSo('everything stays', async () => (await names()).join() === 'one', 1_000);
  repo.back();
  const again = await app.converged(repo.head());
  assert.deepEqual(again.conditions, []);
});
