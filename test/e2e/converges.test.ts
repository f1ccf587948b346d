// The promise: what a commit declares comes to be, and the application says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, service, serviceAccount, text } from '../harness/manifests.ts';
import { openWorld } from '../harness/world.ts';

const shop = (replicas: number, colour: string) => ({
  'shop/accounts.yaml': text(serviceAccount('shop')),
  'shop/web.yaml': text(deployment('web', replicas), service('web'), configMap('colours', { colour })),
});

const world = await openWorld({ files: shop(2, 'green') });
const { kube, repo, target } = world;

test('an application converges to its first commit, and to every commit after it', async () => {
  const app = await world.declare('shop');
  await app.converged(repo.head());
  const web = await kube.get(resources.deployments, target, 'web');
  assert.equal(objectAt(web, 'status').readyReplicas, 2, 'healthy means that the pods are ready');

  const second = repo.push(shop(3, 'blue'));
  await app.converged(second);
  const colours = await kube.get(resources.configMaps, target, 'colours');
  assert.equal(stringAt(colours, 'data', 'colour'), 'blue');
  assert.equal(objectAt(await kube.get(resources.deployments, target, 'web'), 'status').readyReplicas, 3);

  const third = repo.push({ 'shop/accounts.yaml': null });
  await app.converged(third);
  assert.equal(await kube.get(resources.serviceAccounts, target, 'shop'), undefined, 'what left Git is pruned');
});

test('a namespace that does not exist is made when the options ask for it', async () => {
  const later = world.laterTarget('made');
  const app = await world.declare('made', { path: 'shop', target: later, options: ['CreateNamespace=true'] });
  await app.converged(repo.head());
  assert.ok(await kube.get(resources.deployments, later, 'web'));
});

test('applications that follow a tag, a branch and a commit go where theirs go', async () => {
  const first = repo.head();
  repo.git('tag', 'v1.0.0');
  repo.git('push', '-q', 'origin', 'v1.0.0');
  repo.git('checkout', '-q', '-b', 'next');
  const next = repo.push({ 'shop/more.yaml': text(configMap('more')) });
  const [byTag, byBranch, byCommit, byRange] = await Promise.all(
    ['v1.0.0', 'next', first, '1.x'].map(async (revision, i) =>
      world.declare(`ref-${i}`, { path: 'shop', revision, target: await world.freshTarget() }),
    ),
  );
  await byTag?.converged(first);
  await byBranch?.converged(next);
  await byCommit?.converged(first);
  await byRange?.converged(first);
  repo.git('checkout', '-q', 'main');
});
