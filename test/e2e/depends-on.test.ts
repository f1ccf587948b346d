// The promise: a new revision waits until what it depends on has converged to the same commit; cycles are named; nobody
// polls for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, objectAt } from '../../src/model/index.ts';
import type { Seen } from '../harness/application.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld();
const { kube, repo } = world;
const dependsOn = (...names: readonly string[]) => ({
  annotations: { 'plumbline.dev/depends-on': names.map((name) => world.nameOf(name)).join(', ') },
});
const gates = ({ holds }: Seen) => holds.filter(({ reason }) => reason === 'depends-on');
const gated = (why: RegExp) => (seen: Seen) => gates(seen).some(({ message }) => why.test(String(message)));
const startedAt = ({ history }: Seen) => String((history.at(-1) as JsonObject | undefined)?.deployStartedAt);
const deployedAt = ({ history }: Seen) => String((history.at(-1) as JsonObject | undefined)?.deployedAt);

test('it waits for one that does not exist, then for its health, then goes at once', async () => {
  repo.push({ 'base/all.yaml': text(deployment('base', 1)), 'top/all.yaml': text(configMap('top')) });
  const target = await world.freshTarget();
  const top = await world.declare('top', { target, ...dependsOn('base') });
  await top.until('waits for what is not there', gated(/does not exist/));
  const base = await world.declare('base', { target, automated: false });
  await top.until('waits for its sync', gated(/OutOfSync/));
  assert.equal(await kube.get(resources.configMaps, target, 'top'), undefined);
  await base.sync();
  const below = await base.converged(repo.head());
  const above = await top.converged(repo.head(), { within: 10_000 });
  assert.ok(startedAt(above) >= deployedAt(below));
  assert.deepEqual(gates(above), []);
});

test('a commit that changes both goes to the lower one first', async () => {
  const [base, top] = [world.application('base'), world.application('top')];
  const commit = repo.push({
    'base/all.yaml': text(deployment('base', 2)),
    'top/all.yaml': text(configMap('top', { at: '2' })),
  });
  await top.until('waits for the commit below', gated(/OutOfSync|commit|Progressing/));
  await base.sync();
  const below = await base.converged(commit);
  const above = await top.converged(commit, { within: 10_000 });
  assert.ok(startedAt(above) >= startedAt(below));
});

test('a selector means every application with the labels', async () => {
  repo.push({ 'db/all.yaml': text(configMap('db')), 'app/all.yaml': text(configMap('app')) });
  const target = await world.freshTarget();
  const tier = world.nameOf('infra');
  const app = await world.declare('app', {
    target,
    annotations: { 'plumbline.dev/depends-on': `selector:tier=${tier}` },
  });
  await app.converged(repo.head());
  const db = await world.declare('db', { target, automated: false, labels: { tier } });
  await db.until('is compared', ({ sync }) => sync === 'OutOfSync');
  const commit = repo.push({ 'app/all.yaml': text(configMap('app', { at: '2' })) });
  await app.until('waits for the selected one', gated(/^db/));
  await db.sync();
  await app.converged(commit, { within: 10_000 });
});

test('a cycle is named, and broken by hand', async () => {
  repo.push({ 'one/all.yaml': text(configMap('one')), 'two/all.yaml': text(configMap('two')) });
  const target = await world.freshTarget();
  const one = await world.declare('one', { target, ...dependsOn('two') });
  const two = await world.declare('two', { target, ...dependsOn('one') });
  const names = ['one', 'two', 'one'].map((name) => world.nameOf(name)).join(' -> ');
  const seen = await one.until('names the cycle', gated(/wait for each other/));
  assert.match(String(gates(seen)[0]?.message), new RegExp(names));
  await two.patch({ metadata: { annotations: { 'plumbline.dev/depends-on': null } } });
  await two.converged(repo.head());
  await one.converged(repo.head(), { within: 10_000 });
});

test('drift heals while the next commit waits; the commit stays out', async () => {
  repo.push({
    'under/all.yaml': text(configMap('under')),
    'over/all.yaml': text(configMap('kept'), configMap('next')),
  });
  const target = await world.freshTarget();
  const under = await world.declare('under', { target, automated: false });
  await under.until('is compared', ({ sync }) => sync === 'OutOfSync');
  await under.sync();
  await under.converged(repo.head());
  const over = await world.declare('over', { target, ...dependsOn('under') });
  await over.converged(repo.head());
  const commit = repo.push({
    'under/all.yaml': text(configMap('under', { at: '2' })),
    'over/all.yaml': text(configMap('kept'), configMap('next', { at: '2' })),
  });
  await over.until('waits', (seen) => seen.revision === commit && gates(seen).length > 0);
  const data = async (name: string) => objectAt(await kube.get(resources.configMaps, target, name), 'data');
  await kube.patch(resources.configMaps, target, 'kept', { data: { key: 'changed' } });
  await waitFor('what was changed is put back', async () => (await data('kept')).key === 'value', {
    show: () => over.show(),
  });
  await kube.remove(resources.configMaps, target, 'kept');
  await waitFor('what was deleted is put back', async () => (await data('kept')).key === 'value', {
    show: () => over.show(),
  });
  const seen = await over.see();
  assert.ok(gates(seen).length > 0, 'it still waits');
  assert.deepEqual(await data('next'), { key: 'value' }, 'the commit is not there');
  await under.sync();
  await under.converged(commit);
  await over.converged(commit, { within: 10_000 });
  assert.deepEqual(await data('next'), { at: '2' });
});
