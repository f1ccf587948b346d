// The promise: where a project asks for it, people hear of what lives beside their applications and belongs to none of
// them, until it is adopted, ignored or gone; where no project asks, nobody hears anything.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { JsonObject } from '../../src/model/index.ts';
import type { Seen, TestApplication } from '../harness/application.ts';
import { resources } from '../harness/kube.ts';
import { configMap, serviceAccount, text } from '../harness/manifests.ts';
import { plumb } from '../harness/plumb.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({ files: { 'app/all.yaml': text(configMap('mine')) } });
const { kube, repo, target, namespace } = world;
const silent = await world.freshTarget();

const project = (name: string, more: JsonObject): JsonObject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name, namespace },
  spec: { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }], ...more },
});

const warnings = ({ conditions }: Seen): readonly unknown[] =>
  conditions.filter(({ type }) => type === 'OrphanedResourceWarning').map(({ message }) => message);
const warns = (app: TestApplication, count: number) =>
  app.until(`knows of ${count} orphans`, (seen) =>
    count === 0
      ? warnings(seen).length === 0
      : String(warnings(seen)) === `Application has ${count} orphaned resources`,
  );
const byHand = (object: JsonObject, place = target): JsonObject => {
  const { name } = object.metadata as JsonObject;
  return { ...object, metadata: { name: name ?? '', namespace: place } };
};
const ignoring = (...ignore: JsonObject[]) =>
  kube.patch(resources.projects, namespace, 'watchful', { spec: { orphanedResources: { ignore } } });

before(async () => {
  await kube.create(resources.projects, project('watchful', { orphanedResources: {} }));
  await kube.create(resources.projects, project('quiet', { orphanedResources: { warn: false } }));
});

test('what is made by hand is told to every application that lives there, and only where a project asks', async () => {
  await kube.create(resources.configMaps, byHand(configMap('stray')));
  const [first, second, other] = await Promise.all([
    world.declare('first', { path: 'app', project: 'watchful' }),
    world.declare('second', { path: 'none', project: 'watchful', automated: false }),
    world.declare('other', { path: 'app', project: 'quiet', target: silent }),
  ]);
  const commit = repo.push({ 'none/all.yaml': text(configMap('later')) });
  await Promise.all([first.converged(commit), other.converged(commit)]);
  await Promise.all([warns(first, 1), warns(second, 1)]);
  // A kind that no application has.
  await kube.create(resources.serviceAccounts, byHand(serviceAccount('stranger')));
  await Promise.all([warns(first, 2), warns(second, 2)]);
  const seen = await first.see();
  assert.deepEqual([seen.sync, seen.health], ['Synced', 'Healthy'], 'a warning is no difference');
});

test('they are listed, and counted', async () => {
  const app = world.application('first');
  const said = await plumb(world, ['app', 'resources', app.name, '--orphaned', '-o', 'name']);
  assert.equal(said.stderr, '');
  assert.deepEqual(said.stdout.trim().split('\n'), [`ConfigMap/${target}/stray`, `ServiceAccount/${target}/stranger`]);
  const metrics = async () => (await fetch(`${world.engine.address}/metrics`)).text();
  const line = `argocd_app_orphaned_resources_count{namespace="${namespace}",name="${app.name}",project="watchful"} 2`;
  await waitFor('the metric counts them', async () => (await metrics()).split('\n').includes(line), { show: metrics });
});

test('a project that does not warn still lists and counts them', async () => {
  const app = world.application('other', silent);
  await kube.create(resources.configMaps, byHand(configMap('unseen'), silent));
  const line = `argocd_app_orphaned_resources_count{namespace="${namespace}",name="${app.name}",project="quiet"} 1`;
  const metrics = async () => (await fetch(`${world.engine.address}/metrics`)).text();
  await waitFor('the metric counts it', async () => (await metrics()).split('\n').includes(line), { show: metrics });
  assert.deepEqual(warnings(await app.see()), []);
});

test('what is known is not said again: not at another look, and not after a restart', async () => {
  const app = world.application('first');
  const { conditions } = await app.see();
  assert.deepEqual((await app.refresh()).conditions, conditions);
  await world.engine.stop();
  await world.engine.start();
  const metrics = async () => (await fetch(`${world.engine.address}/metrics`)).text();
  const line = `argocd_app_orphaned_resources_count{namespace="${namespace}",name="${app.name}",project="watchful"} 2`;
  await waitFor('they are known again', async () => (await metrics()).split('\n').includes(line), { show: metrics });
  assert.deepEqual((await app.see()).conditions, conditions, 'since the same time, too');
});

test('what the project ignores is none any more', async () => {
  const app = world.application('first');
  await ignoring({ group: '', kind: 'ServiceAccount', name: 'str*' });
  await warns(app, 1);
  await ignoring();
  await warns(app, 2);
});

test('what is adopted is none any more', async () => {
  const commit = repo.push({ 'app/all.yaml': text(configMap('mine'), configMap('stray')) });
  const [app, neighbour] = [world.application('first'), world.application('second')];
  await app.converged(commit);
  await Promise.all([warns(app, 1), warns(neighbour, 1)]);
});

test('what is deleted is none any more', async () => {
  await kube.remove(resources.serviceAccounts, target, 'stranger');
  await Promise.all([warns(world.application('first'), 0), warns(world.application('second'), 0)]);
});

test('what an application leaves behind belongs to nobody', async () => {
  await world.application('first').remove();
  await world.application('first').gone();
  await warns(world.application('second'), 2);
});

test('a project that stops asking is told nothing', async () => {
  await kube.patch(resources.projects, namespace, 'watchful', { spec: { orphanedResources: null } });
  await warns(world.application('second'), 0);
});
