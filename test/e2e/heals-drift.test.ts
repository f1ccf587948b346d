// The promise: what somebody changes or deletes comes back at once; what others own stays theirs.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type JsonObject, numberAt, objectAt, stringAt } from '../../src/model/index.ts';
import type { TestApplication } from '../harness/application.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, service, text } from '../harness/manifests.ts';
import { staysSo, waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({
  files: {
    'web/all.yaml': text(
      deployment('web', 1),
      service('web'),
      configMap('settings', { colour: 'green', size: 'small' }),
    ),
    'more/all.yaml': text(service('more'), configMap('more', { colour: 'green' })),
    'fight/all.yaml': text(configMap('fight', { colour: 'green' })),
    'scaled/web.yaml': text(deployment('scaled', null)),
  },
});
const { kube, repo, target } = world;
let app: TestApplication;

before(async () => {
  app = await world.declare('web');
  await app.converged(repo.head());
});

const data = async () => objectAt(await kube.get(resources.configMaps, target, 'settings'), 'data');

test('a changed field is put back, whoever changed it', async () => {
  for (const manager of ['kubectl-edit', 'some-operator']) {
    await kube.patch(resources.configMaps, target, 'settings', { data: { colour: manager } }, manager);
    await waitFor('the colour is green again', async () => (await data()).colour === 'green', {
      show: () => app.show(),
    });
  }
  await app.converged(repo.head());
});

test('a field that another field manager takes over by force is taken back', async () => {
  const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: target } };
  await kube.apply(resources.configMaps, { ...theirs, data: { size: 'large' } }, 'somebody-else');
  await waitFor('the size is small again', async () => (await data()).size === 'small', { show: () => app.show() });
});

test('a removed field comes back', async () => {
  await kube.patch(resources.configMaps, target, 'settings', { data: { size: null } });
  await waitFor('the size is there again', async () => (await data()).size === 'small', { show: () => app.show() });
});

test('a deleted object comes back', async () => {
  const uid = (await kube.get(resources.configMaps, target, 'settings'))?.metadata.uid;
  await kube.remove(resources.configMaps, target, 'settings');
  await waitFor(
    'the object is there again',
    async () => {
      const live = await kube.get(resources.configMaps, target, 'settings');
      return live !== undefined && live.metadata.uid !== uid;
    },
    { show: () => app.show() },
  );
  await app.converged(repo.head());
});

test('the tracking annotation comes back', async () => {
  const more = await world.declare('more');
  await more.converged(repo.head());
  const key = 'argocd.argoproj.io/tracking-id';
  const before = stringAt((await kube.get(resources.services, target, 'more'))?.metadata, 'annotations', key);
  assert.equal(before, `${more.name}:/Service:${target}/more`);
  await kube.patch(resources.services, target, 'more', { metadata: { annotations: { [key]: null } } });
  await waitFor('it is tracked again', async () => {
    const live = await kube.get(resources.services, target, 'more');
    return stringAt(live?.metadata, 'annotations', key) === before;
  });
});

test('what others add stays theirs: fields, annotations, and objects of their own', async () => {
  const more = world.application('more');
  await kube.patch(resources.configMaps, target, 'more', {
    metadata: { annotations: { 'team.example.com/note': 'keep me' }, labels: { theirs: 'yes' } },
    data: { extra: 'from somebody' },
  });
  await kube.create(resources.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'not-ours', namespace: target },
  });
  // A heal of another field goes on around it.
  await kube.patch(resources.configMaps, target, 'more', { data: { colour: 'red' } });
  const read = () => kube.get(resources.configMaps, target, 'more');
  await waitFor('the colour is green again', async () => objectAt(await read(), 'data').colour === 'green');
  await more.refresh();
  const live = await read();
  assert.deepEqual(live?.data, { colour: 'green', extra: 'from somebody' });
  assert.equal(stringAt(live?.metadata, 'annotations', 'team.example.com/note'), 'keep me');
  assert.ok(await kube.get(resources.configMaps, target, 'not-ours'));
});

test('replicas that the manifest does not name belong to whoever scales', async () => {
  const scaled = await world.declare('scaled');
  await scaled.converged(repo.head());
  await kube.patch(resources.deployments, target, 'scaled', { spec: { replicas: 3 } }, 'horizontal-pod-autoscaler');
  const commit = repo.push({ 'scaled/web.yaml': text(deployment('scaled', null, 'registry.local/web:2')) });
  await scaled.converged(commit);
  const live = await kube.get(resources.deployments, target, 'scaled');
  assert.equal(numberAt(live, 'spec', 'replicas'), 3, 'the new image was rolled out at their scale');
  assert.match(JSON.stringify(live?.spec), /web:2/);
});

test('replicas that the manifest names are ours', async () => {
  await kube.patch(resources.deployments, target, 'web', { spec: { replicas: 4 } }, 'kubectl-scale');
  await waitFor('one replica again', async () => {
    return numberAt(await kube.get(resources.deployments, target, 'web'), 'spec', 'replicas') === 1;
  });
});

test('with self-heal off drift is shown and left alone', async () => {
  const commit = repo.push({ 'lenient/settings.yaml': text(configMap('lenient')) });
  const lenient = await world.declare('lenient', { automated: { prune: true, selfHeal: false } });
  await lenient.converged(commit);
  await kube.patch(resources.configMaps, target, 'lenient', { data: { key: 'changed' } }, 'kubectl-edit');
  const seen = await lenient.until('shows the drift', ({ sync }) => sync === 'OutOfSync');
  assert.ok(
    seen.holds.some((hold) => hold.reason === 'no-self-heal'),
    await lenient.show(),
  );
  const fields = objectAt(seen.status, 'plumbline', 'fields')[
    `/ConfigMap/${target}/lenient`
  ] as unknown as JsonObject[];
  assert.deepEqual(
    fields.map(({ path, live, desired, owner }) => ({ path, live, desired, owner })),
    [{ path: '/data/key', live: '"changed"', desired: '"value"', owner: 'kubectl-edit' }],
  );
  const live = async () => objectAt(await kube.get(resources.configMaps, target, 'lenient'), 'data').key;
  await staysSo('nobody heals', async () => (await live()) === 'changed', 1_500);
  const next = repo.push({ 'lenient/settings.yaml': text(configMap('lenient', { key: 'next' })) });
  await lenient.converged(next);
});

test('a fight over a field is not fought without end', async () => {
  const fight = await world.declare('fight');
  await fight.converged(repo.head());
  const colour = async () => objectAt(await kube.get(resources.configMaps, target, 'fight'), 'data').colour;
  const held = async () => (await fight.see()).holds.some((hold) => hold.reason === 'retry-later');
  let heals = 0;
  for (let round = 0; !(await held()); round++) {
    await kube.patch(resources.configMaps, target, 'fight', { data: { colour: `red-${round}` } }, 'rival');
    await waitFor('healed, or held', async () => (await colour()) === 'green' || (await held()), {
      show: () => fight.show(),
    });
    heals++;
    assert.ok(heals < 20, await fight.show());
  }
  assert.ok(heals >= 3, 'drift that happens a few times is healed at once');
  const seen = await fight.see();
  assert.equal(seen.sync, 'OutOfSync');
  assert.ok(seen.holds.some((hold) => typeof hold.until === 'string'));
  // When the rival has given up, the last word is Git's.
  await waitFor('green in the end', async () => (await colour()) === 'green');
});
