// The promise: deleting an application takes its objects along when it says so, and only then; the rest is untouched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KubeObject, listAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, definition, deployment, job, text, wave } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const kept = configMap('kept', {}, { annotations: { 'argocd.argoproj.io/sync-options': 'Delete=false' } });
const world = await openWorld({
  files: { 'app/all.yaml': text(configMap('a'), deployment('web', 1), kept) },
});
const { kube, repo, engine } = world;
const finalizer = 'resources-finalizer.argocd.argoproj.io';
const cases = {
  foreground: [finalizer],
  'foreground, by name': [`${finalizer}/foreground`],
  background: [`${finalizer}/background`],
};

for (const [name, finalizers] of Object.entries(cases)) {
  test(`${name}: its objects go, then it goes`, async () => {
    const target = await world.freshTarget();
    const app = await world.declare(`app-${name.replace(/\W+/g, '-')}`, { path: 'app', target, finalizers });
    await app.converged(repo.head());
    await kube.create(resources.configMaps, {
      ...configMap('stranger'),
      metadata: { name: 'stranger', namespace: target },
    });
    await app.remove();
    await app.gone();
    assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
    assert.equal(await kube.get(resources.deployments, target, 'web'), undefined);
    if (name !== 'background') assert.deepEqual(await kube.list(resources.pods, target), [], 'and all that they owned');
    assert.ok(await kube.get(resources.configMaps, target, 'kept'), 'Delete=false keeps it');
    assert.ok(await kube.get(resources.configMaps, target, 'stranger'));
  });
}

test('CRDs stay, as with Argo CD: they would take the objects of everybody along; hooks of syncs go', async () => {
  const target = await world.freshTarget();
  const group = `${world.nameOf('deleted')}.example.com`;
  const commit = repo.push({
    'crd/all.yaml': text(configMap('a'), definition(group, 'Lamp'), job('before', 'PreSync')),
  });
  const app = await world.declare('crd', { target, finalizers: [finalizer] });
  await app.converged(commit);
  assert.ok(await kube.get(resources.jobs, target, 'before'));
  await app.remove();
  await app.gone();
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
  assert.equal(await kube.get(resources.jobs, target, 'before'), undefined);
  assert.ok(await kube.get(resources.definitions, '', `lamps.${group}`));
});

test('without a finalizer its objects stay, and can be taken up again', async () => {
  const target = await world.freshTarget();
  const app = await world.declare('left', { path: 'app', target });
  await app.converged(repo.head());
  const uid = (await kube.get(resources.deployments, target, 'web'))?.metadata.uid;
  await app.remove();
  await app.gone();
  const again = await world.declare('left', { path: 'app', target });
  await again.converged(repo.head());
  assert.equal((await kube.get(resources.deployments, target, 'web'))?.metadata.uid, uid);
  // Another application may take them, once theirs is gone.
  await again.remove();
  await again.gone();
  const heir = await world.declare('heir', { path: 'app', target });
  const seen = await heir.converged(repo.head());
  assert.deepEqual(seen.conditions, []);
  assert.equal((await kube.get(resources.deployments, target, 'web'))?.metadata.uid, uid);
});

test('waves go in reverse, each when the one before is gone', async () => {
  const target = await world.freshTarget();
  const guarded = { ...wave(2), finalizers: ['test.example.com/guard'] };
  repo.push({ 'waves/all.yaml': text(configMap('first', {}, wave(1)), configMap('second', {}, guarded as never)) });
  const app = await world.declare('waves', { target, finalizers: [finalizer] });
  await app.converged(repo.head());
  await app.remove();
  const second = await waitFor('the last wave is going', async () => {
    const live = await kube.get(resources.configMaps, target, 'second');
    return live?.metadata.deletionTimestamp !== undefined && live;
  });
  assert.ok((await kube.get(resources.configMaps, target, 'first'))?.metadata.deletionTimestamp === undefined);
  const waits = await app.until('says what it waits for', ({ holds }) =>
    holds.some((hold) => hold.reason === 'waits-for-deletion'),
  );
  assert.match(JSON.stringify(waits.holds), /second/);
  // Across a restart, too.
  await engine.kill();
  await engine.start();
  await kube.patch(resources.configMaps, target, String(second.metadata.name), { metadata: { finalizers: null } });
  await app.gone();
  assert.equal(await kube.get(resources.configMaps, target, 'first'), undefined);
});

test('an application whose repository is gone can still be deleted', async () => {
  const target = await world.freshTarget();
  const app = await world.declare('orphan', { path: 'app', target, finalizers: [finalizer] });
  await app.converged(repo.head());
  repo.vanish();
  await app.remove();
  await app.gone();
  repo.back();
  const left = await kube.list(resources.configMaps, target);
  assert.deepEqual(
    left.map(nameOf).filter((name) => name !== 'kube-root-ca.crt'),
    ['kept'],
  );
});

test('deletion never touches what another application has', async () => {
  const target = await world.freshTarget();
  const [one, two] = [world.nameOf('one'), world.nameOf('two')];
  repo.push({
    'one/a.yaml': text(configMap('a'), configMap('shared')),
    'two/b.yaml': text(configMap('b'), configMap('shared')),
  });
  const first = await world.declare('one', { target, finalizers: [finalizer] });
  await first.converged(repo.head());
  const second = await world.declare('two', { target, finalizers: [finalizer] });
  await second.until('sees that it is not alone', ({ conditions }) =>
    conditions.some((one) => one.type === 'SharedResourceWarning'),
  );
  await second.remove();
  await second.gone();
  assert.ok(await kube.get(resources.configMaps, target, 'shared'), `${one} has it`);
  assert.equal(await kube.get(resources.configMaps, target, 'b'), undefined, `${two} had it`);
  await first.converged(repo.head());
  assert.deepEqual(listAt((await first.read())?.metadata ?? {}, 'finalizers'), [finalizer]);
});

function nameOf({ metadata }: KubeObject): string {
  return stringAt(metadata, 'name') ?? '';
}
