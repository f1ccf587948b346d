// The promise: an Application is an object like any other: one can bring others, they converge, and its health is theirs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, text } from '../harness/manifests.ts';
import { openWorld, type Wish } from '../harness/world.ts';

const world = await openWorld({
  files: { 'one/all.yaml': text(configMap('one')), 'two/all.yaml': text(deployment('two', 1)) },
});
const { kube, repo, namespace } = world;

const child = (name: string, wish: Wish = {}) => text(world.resourceOf(name, wish));
const finalizers = ['resources-finalizer.argocd.argoproj.io/background'];

test('a parent brings its children, is as healthy as they are, and takes them with it', async () => {
  repo.push({ 'parent/one.yaml': child('one', { finalizers }), 'parent/two.yaml': child('two', { finalizers }) });
  const parent = await world.declare('parent', { target: namespace, finalizers });
  const seen = await parent.converged(repo.head());
  assert.equal(objectAt(seen.status, 'summary').isAppOfApps, true);
  const [one, two] = [world.application('one'), world.application('two')];
  await Promise.all([one.converged(repo.head()), two.converged(repo.head())]);
  assert.deepEqual(
    seen.resources.map(({ kind, name, status }) => ({ kind, name, status })),
    ['one', 'two'].map((name) => ({ kind: 'Application', name: world.nameOf(name), status: 'Synced' })),
  );

  // A child that is not well makes its parent so.
  const broken = { ...deployment('two', 1), spec: { ...objectAt(deployment('two', 1), 'spec'), paused: true } };
  repo.push({ 'two/all.yaml': text(broken) });
  await two.until('is suspended', ({ health }) => health === 'Suspended');
  await parent.until('so is its parent', ({ health }) => health === 'Suspended');
  const commit = repo.push({ 'two/all.yaml': text(deployment('two', 1)) });
  await parent.converged(commit);

  // A change of a child by hand is drift, and heals; what the engine writes into its status is not.
  await one.patch({ spec: { source: { targetRevision: 'elsewhere' } } });
  await one.until('is put back', ({ object }) => stringAt(object, 'spec', 'source', 'targetRevision') === 'main');
  await one.converged(commit);

  // A child that leaves Git goes with its objects.
  const without = repo.push({ 'parent/one.yaml': null });
  await parent.converged(without);
  await one.gone();
  assert.equal(await kube.get(resources.configMaps, world.target, 'one'), undefined);

  await parent.remove();
  await Promise.all([parent.gone(), two.gone()]);
  assert.equal(await kube.get(resources.deployments, world.target, 'two'), undefined);
});

test('waves of children wait for the health of those before them', async () => {
  const slow = { ...deployment('slow', 1), spec: { ...objectAt(deployment('slow', 1), 'spec'), minReadySeconds: 2 } };
  const at = (wave: string): Wish => ({ annotations: { 'argocd.argoproj.io/sync-wave': wave } });
  repo.push({
    'slow/all.yaml': text(slow),
    'after/all.yaml': text(configMap('after')),
    'waves/slow.yaml': child('slow', at('1')),
    'waves/after.yaml': child('after', at('2')),
  });
  const waves = await world.declare('waves', { target: namespace });
  await waves.converged(repo.head(), { within: 60_000 });
  const [first, second] = [await world.application('slow').see(), await world.application('after').see()];
  const healthy = Date.parse(stringAt(first.status, 'health', 'lastTransitionTime') ?? '');
  const created = Date.parse(stringAt(second.object.metadata, 'creationTimestamp') ?? '');
  // The one is in whole seconds.
  assert.ok(created >= Math.floor(healthy / 1_000) * 1_000, `created ${created}, the one before healthy at ${healthy}`);
});
