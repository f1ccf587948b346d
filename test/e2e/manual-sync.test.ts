// The promise: without automation nothing is written until somebody asks; the difference is shown, a dry run shows what
// would be, and a part can be synced alone.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type JsonObject, listAt, objectAt, stringAt } from '../../src/model/index.ts';
import type { Seen } from '../harness/application.ts';
import { resources } from '../harness/kube.ts';
import { configMap, job, text } from '../harness/manifests.ts';
import { plumb } from '../harness/plumb.ts';
import { staysSo } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({
  files: { 'app/all.yaml': text(configMap('a', { at: '1' }), configMap('b', { at: '1' }), job('before', 'PreSync')) },
});
const { kube, repo, target } = world;
const at = async (name: string) => objectAt(await kube.get(resources.configMaps, target, name), 'data').at;
const ended = ({ phase, requested }: Seen) => !requested && phase !== '' && phase !== 'Running';

test('nothing is written until it is asked for', async () => {
  const app = await world.declare('app', { automated: false });
  const seen = await app.until('is OutOfSync', ({ sync }) => sync === 'OutOfSync');
  assert.equal(seen.health, 'Missing');
  assert.deepEqual(
    seen.holds.map(({ reason }) => reason),
    ['manual-sync'],
  );
  assert.deepEqual(
    seen.resources.map(({ name, status }) => [name, status]),
    [
      ['a', 'OutOfSync'],
      ['b', 'OutOfSync'],
    ],
  );
  await staysSo('nothing is there', async () => (await at('a')) === undefined && (await at('b')) === undefined, 1_000);
});

test('a dry run says what would be, and writes nothing', async () => {
  const app = world.application('app');
  await app.sync({ dryRun: true });
  const seen = await app.until('the dry run ends', ended);
  assert.equal(seen.phase, 'Succeeded');
  const results = listAt(seen.status, 'operationState', 'syncResult', 'resources') as unknown as JsonObject[];
  assert.deepEqual(
    results.map(({ name }) => name),
    ['a', 'b'],
  );
  assert.equal(await at('a'), undefined);
  assert.deepEqual(await kube.list(resources.jobs, target), [], 'no hook has run');
  assert.deepEqual(seen.history, []);
});

test('a part is synced alone, without hooks', async () => {
  const app = world.application('app');
  await app.sync({ resources: [{ kind: 'ConfigMap', name: 'b' }] });
  const seen = await app.until(
    'b is there',
    (now) => ended(now) && now.resources.some((one) => one.name === 'b' && one.status === 'Synced'),
  );
  assert.equal(seen.sync, 'OutOfSync');
  assert.equal(await at('a'), undefined);
  assert.deepEqual(await kube.list(resources.jobs, target), []);
});

test('a sync writes the rest, and says who asked', async () => {
  const app = world.application('app');
  await app.sync();
  const seen = await app.converged(repo.head());
  assert.equal(stringAt(seen.status, 'operationState', 'operation', 'initiatedBy', 'username'), 'tester');
  assert.equal(seen.history.length, 1);
  assert.equal(stringAt(seen.history[0] ?? {}, 'initiatedBy', 'username'), 'tester');
  assert.equal((await kube.list(resources.jobs, target)).length, 1, 'the hook has run');
  assert.deepEqual(seen.holds, []);
});

test('a new commit is shown with its difference, and left alone', async () => {
  const app = world.application('app');
  const commit = repo.push({ 'app/all.yaml': text(configMap('a', { at: '2' }), configMap('b', { at: '1' })) });
  const seen = await app.until('is OutOfSync', ({ sync, revision }) => sync === 'OutOfSync' && revision === commit);
  const fields = objectAt(seen.status, 'plumbline', 'fields');
  assert.deepEqual(Object.keys(fields), [`/ConfigMap/${target}/a`]);
  const [field] = listAt(fields, `/ConfigMap/${target}/a`) as unknown as JsonObject[];
  assert.deepEqual([field?.path, field?.live, field?.desired], ['/data/at', '"1"', '"2"']);
  await staysSo('a is as it was', async () => (await at('a')) === '1', 1_000);
});

test('a sync to another revision goes there, and the status still compares with the target', async () => {
  const app = world.application('app');
  const head = repo.head();
  const third = repo.push({ 'app/all.yaml': text(configMap('a', { at: '3' }), configMap('b', { at: '1' })) });
  await app.until('has seen the commit', ({ revision }) => revision === third);
  await app.sync({ revision: head });
  const seen = await app.until('a is at 2', endedAt(head));
  assert.equal(await at('a'), '2');
  assert.equal(seen.sync, 'OutOfSync');
  assert.equal(seen.revision, third);
});

test('what is not committed yet can be tried: it makes no history, and the status does not keep it', async () => {
  const app = world.application('app');
  const before = (await app.see()).history.length;
  const clone = join(repo.folder, 'work');
  const uncommitted = text(configMap('a', { at: 'here' }), configMap('b', { at: '1' }));
  writeFileSync(join(clone, 'app/all.yaml'), uncommitted);
  const { code, stdout, stderr } = await plumb(world, ['app', 'sync', app.name, '--local', '.'], clone);
  repo.git('checkout', '-q', '--', 'app/all.yaml');
  assert.equal(await at('a'), 'here', `${code} ${stdout}${stderr}`);
  assert.equal(code, 0, stdout + stderr);
  const seen = await app.until('the sync has ended', ended);
  assert.equal(seen.phase, 'Succeeded');
  assert.equal(seen.sync, 'OutOfSync', 'Git says otherwise');
  assert.equal(seen.history.length, before);
  assert.equal(objectAt(seen.status, 'operationState', 'operation', 'sync').manifests, undefined);
});

function endedAt(revision: string) {
  return (seen: Seen) => ended(seen) && stringAt(seen.status, 'operationState', 'syncResult', 'revision') === revision;
}
