// The promise: when history is rewritten, what the branch says now is what counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({ files: { 'app/a.yaml': text(configMap('a', { at: 'first' })) } });
const { kube, repo, target } = world;

test('a rewritten branch is followed, and what the lost commits brought goes', async () => {
  const app = await world.declare('app');
  const first = repo.head();
  await app.converged(first);
  repo.push({ 'app/a.yaml': text(configMap('a', { at: 'second' })) });
  const lost = repo.push({ 'app/b.yaml': text(configMap('b')) });
  await app.converged(lost);
  assert.ok(await kube.get(resources.configMaps, target, 'b'));

  const rewritten = repo.forcePush({ 'app/a.yaml': text(configMap('a', { at: 'rewritten' })) }, 2);
  await app.converged(rewritten);
  assert.equal(objectAt(await kube.get(resources.configMaps, target, 'a'), 'data').at, 'rewritten');
  assert.equal(await kube.get(resources.configMaps, target, 'b'), undefined);

  // Back to a commit that was there before, without a new one.
  repo.git('reset', '-q', '--hard', first);
  repo.git('push', '-q', '--force', 'origin', 'HEAD');
  await app.converged(first);
  assert.equal(objectAt(await kube.get(resources.configMaps, target, 'a'), 'data').at, 'first');
});

test('a branch that is deleted is a trouble that is named, and nothing goes with it', async () => {
  repo.git('checkout', '-q', '-b', 'feature');
  const commit = repo.push({ 'feature/c.yaml': text(configMap('c')) });
  const app = await world.declare('feature', { revision: 'feature' });
  await app.converged(commit);
  repo.git('push', '-q', 'origin', '--delete', 'feature');
  const seen = await app.until('says what is missing', ({ conditions }) => conditions.length > 0);
  assert.match(JSON.stringify(seen.conditions), /feature/);
  assert.ok(await kube.get(resources.configMaps, target, 'c'), 'nothing is pruned because of it');
  repo.git('push', '-q', 'origin', 'feature');
  const again = await app.converged(commit);
  assert.deepEqual(again.conditions, []);
});
