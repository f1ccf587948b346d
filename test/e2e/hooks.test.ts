// The promise: hooks run in their phases and waves, an application says what it waits for and since when, and nothing
// that goes wrong with a hook leaves a sync hanging.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, listAt, objectAt, stringAt } from '../../src/model/index.ts';
import type { Seen } from '../harness/application.ts';
import { resources } from '../harness/kube.ts';
import { configMap, job, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld();
const { kube, repo } = world;
const hookKey = 'argocd.argoproj.io/hook';
const policyKey = 'argocd.argoproj.io/hook-delete-policy';

/** A Job whose pod no node takes: it never ends by itself. */
function stuck(name: string, hook: string, annotations: JsonObject = {}, more: JsonObject = {}): JsonObject {
  const made = job(name, hook, annotations);
  const template = objectAt(made, 'spec', 'template');
  const spec = { ...objectAt(template, 'spec'), nodeSelector: { nowhere: 'true' } };
  return { ...made, spec: { ...objectAt(made, 'spec'), ...more, template: { ...template, spec } } };
}

function results({ status }: Seen): readonly JsonObject[] {
  return listAt(status, 'operationState', 'syncResult', 'resources') as unknown as readonly JsonObject[];
}

const jobs = async (target: string) =>
  (await kube.list(resources.jobs, target)).map(({ metadata }) => stringAt(metadata, 'name') ?? '');

test('a sync waits for its hook and says since when; a newer commit takes its place, whoever else holds the hook', async () => {
  const target = await world.freshTarget();
  repo.push({ 'waits/all.yaml': text(configMap('a'), stuck('pre', 'PreSync')) });
  const app = await world.declare('waits', { target });
  const waits = ({ reason }: JsonObject) => reason === 'waits-for-health';
  const seen = await app.until('waits for the hook', ({ holds }) => holds.some(waits));
  const hold = seen.holds.find(waits);
  assert.deepEqual(hold?.objects, [`batch/Job/${target}/pre`]);
  assert.ok(Date.parse(String(hold?.since)) <= Date.now());
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
  await kube.patch(resources.jobs, target, 'pre', { metadata: { finalizers: ['argocd.argoproj.io/hook-finalizer'] } });
  const commit = repo.push({ 'waits/all.yaml': text(configMap('a'), job('pre', 'PreSync')) });
  await app.converged(commit);
  assert.ok(await kube.get(resources.configMaps, target, 'a'));
  const ran = await kube.get(resources.jobs, target, 'pre');
  assert.deepEqual(listAt(ran?.metadata ?? {}, 'finalizers'), []);
});

test('a hook that fails ends the sync; what was made for that runs, and its policy is kept', async () => {
  const target = await world.freshTarget();
  const pre = stuck('pre', 'PreSync', { [policyKey]: 'HookFailed' }, { activeDeadlineSeconds: 1 });
  const sad = configMap('sad', {}, { annotations: { [hookKey]: 'SyncFail' } });
  repo.push({ 'fails/all.yaml': text(configMap('a'), pre, sad) });
  const app = await world.declare('fails', { target, retry: { limit: 0 } });
  const seen = await app.until('the sync fails', ({ phase }) => phase === 'Failed');
  assert.match(seen.message, /Job .*pre/);
  assert.ok(await kube.get(resources.configMaps, target, 'sad'));
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
  await waitFor('the failed hook goes', async () => (await jobs(target)).length === 0);
});

test('names are made, Helm hooks run in their phases, hooks go at their end when they say so', async () => {
  const target = await world.freshTarget();
  const { metadata, ...rest } = job('', 'PreSync', { [policyKey]: 'HookSucceeded' });
  const { name: _, ...unnamed } = metadata as JsonObject;
  const migrate = { ...rest, metadata: { ...unnamed, generateName: 'migrate-' } };
  const helm = job('helm-after', undefined, { 'helm.sh/hook': 'post-install,post-upgrade' });
  const commit = repo.push({ 'named/all.yaml': text(configMap('a'), migrate, helm) });
  const app = await world.declare('named', { target });
  const seen = await app.converged(commit);
  const hooks = results(seen).filter(({ hookPhase }) => hookPhase !== undefined);
  assert.deepEqual(
    hooks.map(({ hookType, hookPhase }) => [hookType, hookPhase]),
    [
      ['PreSync', 'Succeeded'],
      ['PostSync', 'Succeeded'],
    ],
  );
  assert.match(String(hooks[0]?.name), new RegExp(`^migrate-${commit.slice(0, 7)}-presync-\\d+$`));
  await waitFor('only the other hook is left', async () => String(await jobs(target)) === 'helm-after');
});

test('a hook of two phases runs in both; one without health is done when it is there', async () => {
  const target = await world.freshTarget();
  const note = configMap('note', {}, { annotations: { [hookKey]: 'Sync', [policyKey]: 'HookSucceeded' } });
  const commit = repo.push({ 'both/all.yaml': text(configMap('a'), job('both', 'PreSync, PostSync'), note) });
  const app = await world.declare('both', { target });
  const seen = await app.converged(commit);
  const hooks = results(seen).filter(({ hookPhase }) => hookPhase !== undefined);
  assert.deepEqual(
    hooks.map(({ name, syncPhase, hookPhase }) => [name, syncPhase, hookPhase]),
    [
      ['both', 'PreSync', 'Succeeded'],
      ['note', 'Sync', 'Succeeded'],
      ['both', 'PostSync', 'Succeeded'],
    ],
  );
  await waitFor('its policy is kept', async () => (await kube.get(resources.configMaps, target, 'note')) === undefined);
});

test('a hook that failed runs again in the next attempt', async () => {
  const target = await world.freshTarget();
  const pre = stuck('pre', 'PreSync', {}, { activeDeadlineSeconds: 1 });
  repo.push({ 'again/all.yaml': text(configMap('a'), pre) });
  const app = await world.declare('again', { target, retry: { limit: 5, backoff: { duration: '1s', factor: 1 } } });
  const uid = async () => (await kube.get(resources.jobs, target, 'pre'))?.metadata.uid;
  const first = await waitFor('the hook is there', uid);
  await waitFor('another one takes its place', async () => {
    const second = await uid();
    return second !== undefined && second !== first;
  });
  await app.remove();
});

test('a hook that somebody deletes while it runs has failed', async () => {
  const target = await world.freshTarget();
  repo.push({ 'taken/all.yaml': text(configMap('a'), stuck('pre', 'PreSync')) });
  const app = await world.declare('taken', { target, retry: { limit: 0 } });
  await app.until('waits for the hook', ({ holds }) => holds.some(({ reason }) => reason === 'waits-for-health'));
  const path = `/apis/batch/v1/namespaces/${target}/jobs/pre?propagationPolicy=Background`;
  await kube.api.request('DELETE', path);
  const seen = await app.until('the sync fails', ({ phase }) => phase === 'Failed');
  assert.match(seen.message, /deleted before its end/);
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
});

test('a sync that waits ends when it is asked to, as Argo CD asks', async () => {
  const target = await world.freshTarget();
  repo.push({ 'ends/all.yaml': text(configMap('a'), stuck('pre', 'PreSync')) });
  const app = await world.declare('ends', { target, automated: false });
  await app.until('is compared', ({ sync }) => sync === 'OutOfSync');
  await app.sync();
  await app.until('waits', ({ holds }) => holds.some(({ reason }) => reason === 'waits-for-health'));
  await app.patch({ status: { operationState: { phase: 'Terminating' } } });
  const seen = await app.until('has ended', ({ phase }) => phase === 'Failed');
  assert.match(seen.message, /terminated/);
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
  assert.deepEqual(await jobs(target), [], 'and leaves no hook running behind it');
});

test('hooks of a deletion run before the first object goes and after the last', async () => {
  const target = await world.freshTarget();
  const before = job('before', 'PreDelete');
  const later = configMap('later', {}, { annotations: { [hookKey]: 'PostDelete' } });
  const commit = repo.push({ 'bye/all.yaml': text(configMap('a'), before, later) });
  const app = await world.declare('bye', { target, finalizers: ['resources-finalizer.argocd.argoproj.io'] });
  await app.converged(commit);
  await app.until('its hooks guard it', ({ object }) => listAt(object.metadata, 'finalizers').length === 3);
  assert.deepEqual(await jobs(target), []);
  await app.remove();
  await app.gone();
  assert.deepEqual(await jobs(target), ['before']);
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
  assert.ok(await kube.get(resources.configMaps, target, 'later'));
});

test('a PreDelete hook that fails holds the deletion, until Git mends it or somebody takes it away', async () => {
  const finalizers = ['resources-finalizer.argocd.argoproj.io'];
  const failing = stuck('before', 'PreDelete', {}, { activeDeadlineSeconds: 1 });
  const isStopped = ({ conditions }: Seen) =>
    conditions.some(({ type, message }) => type === 'DeletionError' && /PreDelete.*before/.test(String(message)));
  const begun = async (name: string) => {
    const target = await world.freshTarget();
    const app = await world.declare(name, { path: 'guarded', target, finalizers });
    await app.converged(repo.head());
    await app.until('its hook guards it', ({ object }) => listAt(object.metadata, 'finalizers').length === 2);
    await app.remove();
    const seen = await app.until('the deletion stops', isStopped);
    assert.ok(seen.holds.some(({ reason }) => reason === 'gave-up'));
    assert.ok(await kube.get(resources.configMaps, target, 'a'), 'no object goes');
    return app;
  };
  repo.push({ 'guarded/all.yaml': text(configMap('a'), failing) });
  const mended = await begun('mended');
  repo.push({ 'guarded/all.yaml': text(configMap('a'), job('before', 'PreDelete')) });
  await mended.gone();
  assert.equal(await kube.get(resources.configMaps, mended.target, 'a'), undefined);

  repo.push({ 'guarded/all.yaml': text(configMap('a'), failing) });
  const taken = await begun('taken-away');
  const first = stringAt((await kube.get(resources.jobs, taken.target, 'before'))?.metadata, 'uid');
  await kube.api.request(
    'DELETE',
    `/apis/batch/v1/namespaces/${taken.target}/jobs/before?propagationPolicy=Background`,
  );
  const uid = async () => stringAt((await kube.get(resources.jobs, taken.target, 'before'))?.metadata, 'uid');
  await waitFor('the hook runs again', async () => ![undefined, first].includes(await uid()), {
    show: () => taken.show(),
  });
  assert.ok(await kube.get(resources.configMaps, taken.target, 'a'), 'and still nothing goes');
  // Without its finalizer the application goes all the same.
  await taken.patch({ metadata: { finalizers } });
  await taken.gone();
});
