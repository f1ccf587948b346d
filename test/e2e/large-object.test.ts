// The promise: an object of a megabyte is an object like any other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const megabyte = (letter: string) => letter.repeat(1_000_000);
const world = await openWorld({
  files: { 'big/big.yaml': text(configMap('big', { blob: megabyte('a'), small: 'x' })) },
});
const { kube, repo, target } = world;
const read = async () => objectAt(await kube.get(resources.configMaps, target, 'big'), 'data');

test('a ConfigMap of 1 MB converges, changes, heals and goes', async () => {
  const app = await world.declare('big');
  await app.converged(repo.head());
  assert.equal(String((await read()).blob).length, 1_000_000);
  await kube.patch(resources.configMaps, target, 'big', { data: { small: 'changed', blob: 'short' } });
  await waitFor('heals', async () => {
    const { small, blob } = await read();
    return small === 'x' && String(blob).length === 1_000_000;
  });
  const commit = repo.push({ 'big/big.yaml': text(configMap('big', { blob: megabyte('b') })) });
  await app.converged(commit);
  const live = await read();
  assert.ok(String(live.blob).startsWith('b') && live.small === undefined);
  const size = JSON.stringify(await app.read()).length;
  assert.ok(size < 100_000, `the application's own resource has ${size} bytes`);
});

test('what does not fit is refused by name', async () => {
  const app = world.application('big');
  repo.push({ 'big/huge.yaml': text(configMap('huge', { blob: 'h'.repeat(1_200_000) })) });
  const seen = await app.until('names it', ({ message, phase }) => phase !== 'Succeeded' && message.includes('huge'));
  assert.ok(seen.message.length < 2_000, 'without its megabyte');
  repo.push({ 'big/huge.yaml': null });
  await app.converged(repo.head());
});
