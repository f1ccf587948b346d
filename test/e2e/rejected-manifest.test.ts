// The promise: a manifest that the server rejects stops its own sync before the first write, and nothing else: what was
// there stays and heals, other applications go on, and the reason is named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, service, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const web = text(deployment('web', 1), service('web'));
const world = await openWorld({
  files: {
    'shop/web.yaml': web,
    'shop/fine.yaml': text(configMap('fine')),
    'shop/settings.yaml': text(configMap('settings', { at: 'good' })),
    'other/all.yaml': text(configMap('other', { at: 'good' })),
  },
});
const { kube, repo, target } = world;
const at = async (name: string) => objectAt(await kube.get(resources.configMaps, target, name), 'data').at;

const outOfRange = text(deployment('web', 1), { ...service('web'), spec: { ports: [{ port: 99_999 }] } });

/** What takes the place of shop/web.yaml. */
const bad: Readonly<Record<string, string>> = {
  'a value out of range': outOfRange,
  'a field that does not exist': text(deployment('web', 1), {
    ...service('web'),
    spec: { ports: [{ port: 80 }], colour: 'green' },
  }),
  'an immutable field': text(service('web'), {
    ...deployment('web', 1),
    spec: {
      selector: { matchLabels: { app: 'else' } },
      template: { metadata: { labels: { app: 'else' } }, spec: { containers: [{ name: 'web', image: 'x' }] } },
    },
  }),
  'a name that is none': text(deployment('web', 1), service('web'), configMap('Not_A_Name')),
};

test('nothing of a bad revision is written, and others go on', async () => {
  const [shop, other] = await Promise.all([
    world.declare('shop', { retry: { limit: 1, backoff: { duration: '1s' } } }),
    world.declare('other'),
  ]);
  await Promise.all([shop.converged(repo.head()), other.converged(repo.head())]);
  for (const [reason, manifest] of Object.entries(bad)) {
    const commit = repo.push({
      'shop/web.yaml': manifest,
      'shop/settings.yaml': text(configMap('settings', { at: `bad: ${reason}` })),
      'other/all.yaml': text(configMap('other', { at: reason })),
    });
    await other.converged(commit);
    assert.equal(await at('other'), reason);
    const seen = await shop.until(`${reason}: is refused`, (now) => now.revision === commit && now.phase === 'Failed');
    assert.equal(seen.sync, 'OutOfSync');
    assert.match(seen.message, /web|Not_A_Name/, `${reason}: the object is named`);
    const told = await shop.until('a condition says so', ({ conditions }) => conditions.length > 0);
    assert.deepEqual(
      told.conditions.map(({ type }) => type),
      ['SyncError'],
      reason,
    );
    assert.equal(await at('settings'), 'good', `${reason}: nothing of the revision is written`);

    const settings = text(configMap('settings', { at: 'good' }));
    const healed = await shop.converged(repo.push({ 'shop/web.yaml': web, 'shop/settings.yaml': settings }));
    assert.deepEqual(healed.conditions, [], reason);
  }
});

test('while a bad revision waits, what it does not change still heals', async () => {
  const shop = world.application('shop');
  const commit = repo.push({ 'shop/web.yaml': outOfRange });
  const seen = await shop.until('is refused', (now) => now.revision === commit && now.phase === 'Failed');
  await kube.patch(resources.configMaps, target, 'settings', { data: { at: 'drifted' } });
  await waitFor('the good state comes back', async () => (await at('settings')) === 'good', {
    within: 8_000,
    show: () => shop.show(),
  });
  await kube.remove(resources.configMaps, target, 'fine');
  await waitFor('a deleted object comes back', () => kube.get(resources.configMaps, target, 'fine'), {
    within: 8_000,
    show: () => shop.show(),
  });
  const after = await shop.see();
  assert.deepEqual(
    { phase: after.phase, startedAt: after.startedAt, message: after.message },
    { phase: 'Failed', startedAt: seen.startedAt, message: seen.message },
    'the record of the sync that failed stays',
  );
  const ports = JSON.stringify(objectAt(await kube.get(resources.services, target, 'web'), 'spec').ports);
  assert.match(ports, /"port":80\b/);
});

test('a manifest that cannot be rendered keeps the last good state, with file and line', async () => {
  const other = world.application('other');
  const before = await at('other');
  repo.push({ 'other/broken.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n - y: [\n' });
  const seen = await other.until('says where', ({ conditions }) => conditions.length > 0);
  assert.match(stringAt(seen.conditions[0], 'message') ?? '', /other\/broken\.yaml:\d+/);
  assert.equal(await at('other'), before);
  repo.push({ 'other/broken.yaml': null });
  await other.converged(repo.head());
});
