// The promise: a sync that fails is tried again after growing pauses, as often as the policy says, and then says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, job, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const absent = `absent-${process.pid}-${Date.now().toString(36)}`;
const lost = (name: string) => text(configMap(name), configMap(`${name}-lost`, {}, { namespace: absent }));
const world = await openWorld({ files: { 'limited/all.yaml': lost('limited'), 'late/all.yaml': lost('late') } });
const { kube, repo, target } = world;

test('pauses grow, attempts are counted, and the last failure is told', async () => {
  const retry = { limit: 3, backoff: { duration: '400ms', factor: 2, maxDuration: '1s' } };
  const app = await world.declare('limited', { retry });
  const seen = await app.until('gives up', ({ phase }) => phase === 'Failed');
  assert.equal(seen.retries, 3);
  assert.match(seen.message, new RegExp(absent));
  assert.ok(seen.conditions.length > 0 || (await app.until('says so', (now) => now.conditions.length > 0)));
  assert.equal(await kube.get(resources.configMaps, target, 'limited'), undefined, 'nothing is half done');
  const text = (key: string) => Date.parse(stringAt(seen.status, 'operationState', key) ?? '');
  const span = text('finishedAt') - text('startedAt');
  assert.ok(span >= 400 + 800 + 1_000 - 50, `four attempts within ${span} ms`);
  // A person may ask again at any time.
  await app.sync();
  await app.until(
    'has tried again',
    (now) => now.phase === 'Failed' && now.startedAt !== seen.startedAt && !now.requested,
  );
});

test('what comes later than the application is found by a later attempt', async () => {
  const app = await world.declare('late', { retry: { limit: 20, backoff: { duration: '300ms', factor: 1 } } });
  await app.until('has failed once', ({ retries, phase }) => retries >= 1 && phase === 'Running');
  world.alsoMine(absent);
  await kube.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: absent } });
  const seen = await app.converged(repo.head());
  assert.ok(seen.retries >= 1);
  assert.ok(await kube.get(resources.configMaps, absent, 'late-lost'));
});

test('a running retry is overtaken by a commit that mends it, at once', async () => {
  const retry = { limit: 5, backoff: { duration: '10m' } };
  const nowhere = `${absent}-too`;
  repo.push({ 'mend/all.yaml': text(configMap('mend'), configMap('mend-lost', {}, { namespace: nowhere })) });
  const app = await world.declare('mend', { retry });
  const seen = await app.until('waits for its retry', ({ retries }) => retries === 1);
  assert.ok(seen.holds.length > 0);
  const commit = repo.push({ 'mend/all.yaml': text(configMap('mend')) });
  await app.converged(commit, { within: 10_000 });
});

test('a sync that runs can be ended', async () => {
  const stuck = {
    ...job('stuck', 'PreSync'),
    spec: { suspend: true, template: (job('stuck').spec as { template: object }).template },
  };
  repo.push({ 'stuck/all.yaml': text(configMap('stuck'), stuck as never) });
  const app = await world.declare('stuck', { automated: false });
  await app.until('has been looked at', ({ sync }) => sync === 'OutOfSync');
  await app.sync();
  await waitFor('the hook is there', () => kube.get(resources.jobs, target, 'stuck'));
  await app.until('runs', ({ phase }) => phase === 'Running');
  await app.patch({ status: { operationState: { phase: 'Terminating' } } });
  const seen = await app.until('has ended', ({ phase }) => phase === 'Failed' || phase === 'Error');
  assert.match(seen.message, /terminated/);
  assert.equal(stringAt(await kube.get(resources.configMaps, target, 'stuck'), 'data', 'key'), undefined);
});
