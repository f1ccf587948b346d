// The promise: 5,000 objects in one application are a number, not a limit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberAt, objectAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const count = 5_000;
const perFile = 250;
const files: Record<string, string> = {};
for (let i = 0; i < count; i += perFile) {
  const objects = Array.from({ length: perFile }, (_, k) => configMap(`object-${i + k}`, { index: String(i + k) }));
  files[`many/part-${i}.yaml`] = text(...objects);
}
const world = await openWorld({ files });
const { kube, repo, target } = world;

test('5,000 objects converge, one of them changes, drifts and is pruned alone', { timeout: 240_000 }, async () => {
  const app = await world.declare('many');
  const other = await world.declare('small', { path: 'other' });
  const small = repo.push({ 'other/one.yaml': text(configMap('small')) });
  await other.converged(small, { within: 60_000 });
  await app.converged(small, { within: 200_000 });
  const tracked = await kube.list(resources.configMaps, target, 'limit=6000');
  assert.equal(tracked.filter(({ metadata }) => String(metadata.name).startsWith('object-')).length, count);

  const size = JSON.stringify(await app.read()).length;
  assert.ok(size < 1_000_000, `its own resource has ${size} bytes`);

  const before = await versions();
  const first = files['many/part-0.yaml'] ?? '';
  const commit = repo.push({ 'many/part-0.yaml': first.replace('"index": "0"', '"index": "changed"') });
  await app.converged(commit, { within: 60_000 });
  const changed = difference(before, await versions());
  assert.deepEqual(changed, ['object-0'], 'one object was written');

  await kube.patch(resources.configMaps, target, 'object-77', { data: { index: 'drifted' } });
  await waitFor('heals', async () => {
    return objectAt(await kube.get(resources.configMaps, target, 'object-77'), 'data').index === '77';
  });

  const fewer = repo.push({ 'many/part-4750.yaml': null });
  await app.converged(fewer, { within: 60_000 });
  assert.equal(Object.keys(await versions()).length, count - perFile);
  const rows = numberAt((await app.see()).status, 'plumbline', 'omitted', 'resources') ?? 0;
  assert.equal((await app.see()).resources.length + rows, count - perFile, 'every object is in the status or counted');
});

async function versions(): Promise<Record<string, unknown>> {
  const list = await kube.list(resources.configMaps, target, 'limit=6000');
  const ours = list.filter(({ metadata }) => String(metadata.name).startsWith('object-'));
  return Object.fromEntries(ours.map(({ metadata }) => [String(metadata.name), metadata.resourceVersion]));
}

function difference(before: Record<string, unknown>, after: Record<string, unknown>): readonly string[] {
  return Object.keys(after).filter((name) => after[name] !== before[name]);
}
