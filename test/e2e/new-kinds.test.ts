// The promise: a source that brings a kind and objects of that kind just works, without waves and without retries.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, objectAt } from '../../src/model/index.ts';
import { configMap, definition, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld();
const { kube, repo, target } = world;
const group = `${world.nameOf('kinds')}.example.com`;

function lamp(name: string, spec: JsonObject = { lit: true }): JsonObject {
  return { apiVersion: `${group}/v1`, kind: 'Lamp', metadata: { name }, spec };
}

test('CRD and custom resources in one source, and its status never flaps', async () => {
  const commit = repo.push({
    // The object comes first in the order of files.
    'lamps/a-lamp.yaml': text(lamp('one'), lamp('two')),
    'lamps/b-kind.yaml': text(definition(group, 'Lamp')),
    'lamps/c-settings.yaml': text(configMap('lamps')),
  });
  // The cluster's garbage collector, which foreground deletion waits for, learns new kinds only twice a minute.
  const app = await world.declare('lamps', { options: ['PrunePropagationPolicy=background'] });
  const seen = await app.converged(commit);
  assert.equal(seen.retries, 0);
  assert.ok(await kube.get(`${group}/v1/lamps`, target, 'one'));
  const lines = world.engine.log().filter((line) => line.app === app.key);
  const failures = lines.filter((line) => line.msg === 'pass failed').map(({ code, error }) => `${code}: ${error}`);
  assert.deepEqual(failures, []);
  assert.ok(!lines.some((line) => line.sync === 'Unknown'), 'never Unknown in between');
});

test('objects of the new kind drift, heal and are pruned as any other', async () => {
  const app = world.application('lamps');
  await kube.patch(`${group}/v1/lamps`, target, 'one', { spec: { lit: false } });
  await waitFor('it is lit again', async () => {
    const one = await kube.get(`${group}/v1/lamps`, target, 'one');
    return objectAt(one, 'spec').lit === true;
  });
  const commit = repo.push({ 'lamps/a-lamp.yaml': text(lamp('one')) });
  await app.converged(commit);
  assert.equal(await kube.get(`${group}/v1/lamps`, target, 'two'), undefined);
});

test('a kind that nobody brings is named, and nothing is half done', async () => {
  const stranger = { apiVersion: `unknown.${group}/v1`, kind: 'Stranger', metadata: { name: 'who' } };
  repo.push({ 'strange/a.yaml': text(configMap('strange')), 'strange/b.yaml': text(stranger) });
  const app = await world.declare('strange', { retry: { limit: 0 } });
  const seen = await app.until('says so', ({ phase }) => phase === 'Failed');
  assert.match(seen.message, /Stranger/);
  assert.equal(await kube.get('v1/configmaps', target, 'strange'), undefined);
  // Somebody else brings the kind: it goes on by itself.
  await kube.create('apiextensions.k8s.io/v1/customresourcedefinitions', definition(`unknown.${group}`, 'Stranger'));
  await app.converged(repo.head());
});

test('when the kind leaves Git with its objects, both go', async () => {
  const app = world.application('lamps');
  const commit = repo.push({ 'lamps/a-lamp.yaml': null, 'lamps/b-kind.yaml': null });
  await app.converged(commit);
  assert.equal(await kube.get('apiextensions.k8s.io/v1/customresourcedefinitions', '', `lamps.${group}`), undefined);
});
