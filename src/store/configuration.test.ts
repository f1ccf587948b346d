// What the store is configured with, and the Events it writes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MemoryKubeApi } from '../../test/doubles/memory-kube-api.ts';
import { create, notice, pass, report, world } from './test-world.ts';

describe('configuration', () => {
  const configMap = (name: string, data: Record<string, string>) => ({
    body: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, labels: { 'app.kubernetes.io/part-of': 'argocd' } },
      data,
    },
  });

  test('settings are known at the start and followed', async () => {
    const { api, clock, store } = await world(0, async (one) => {
      await one.request(
        'POST',
        '/api/v1/namespaces/argocd/configmaps',
        configMap('argocd-cm', { installationID: 'one' }),
      );
    });
    const news: string[] = [];
    store.onChange((change) => void news.push(change.kind));
    assert.equal(store.settings().installationId, 'one');
    const body = { data: { installationID: 'two' } };
    await api.request('PATCH', '/api/v1/namespaces/argocd/configmaps/argocd-cm', { body });
    await pass(clock, 10, () => store.settings().installationId === 'two');
    assert.deepEqual(
      news.filter((kind) => kind === 'settings'),
      ['settings'],
    );
  });

  test('credentials are read, and told of', async () => {
    const { api, clock, store } = await world(0);
    let told = 0;
    store.onCredentials(() => void told++);
    const labels = { 'argocd.argoproj.io/secret-type': 'repository' };
    const data = { url: Buffer.from('https://h/r').toString('base64') };
    const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', labels }, data };
    await api.request('POST', '/api/v1/namespaces/argocd/secrets', { body });
    await pass(clock, 10, () => told > 0);
    assert.deepEqual(
      store.repositories().map(({ url }) => url),
      ['https://h/r'],
    );
  });

  test('applications of other namespaces come and go with the setting', async () => {
    const { api, clock, store } = await world(1, async (one) => {
      await create(one, 'team', 'x');
      await one.request('POST', '/api/v1/namespaces/argocd/configmaps', configMap('argocd-cmd-params-cm', {}));
    });
    const keys = () =>
      store
        .applications()
        .map(({ key }) => key)
        .sort();
    const set = (namespaces: string | null) =>
      api.request('PATCH', '/api/v1/namespaces/argocd/configmaps/argocd-cmd-params-cm', {
        body: { data: { 'application.namespaces': namespaces } },
      });
    assert.deepEqual(keys(), ['argocd/a0']);
    await set('team');
    await pass(clock, 100, () => keys().length === 2);
    assert.deepEqual(keys(), ['argocd/a0', 'team/x']);
    assert.equal(store.application('team/x')?.trackingName, 'team_x');
    await set(null);
    await pass(clock, 200, () => keys().length === 1);
    assert.deepEqual(keys(), ['argocd/a0']);
  });

  test('ConfigMaps that Argo CD mounts count without its label', async () => {
    const bare = { metadata: { name: 'argocd-cmd-params-cm' }, data: { 'application.namespaces': 'team' } };
    const { store } = await world(0, async (one) => {
      await create(one, 'team', 'x');
      const body = { apiVersion: 'v1', kind: 'ConfigMap', ...bare };
      await one.request('POST', '/api/v1/namespaces/argocd/configmaps', { body });
    });
    assert.deepEqual(
      store.applications().map(({ key }) => key),
      ['team/x'],
    );
  });

  test('the default project is declared where it is missing', async () => {
    const { api } = await world(0);
    assert.deepEqual(
      api.objects().map((object) => [object.kind, object.metadata.name]),
      [['AppProject', 'default']],
    );
  });
});

describe('events', () => {
  const events = (api: MemoryKubeApi) => api.objects().filter((object) => object.kind === 'Event');

  test("are about the application, in Argo CD's words", async () => {
    const { api, clock, store } = await world(1);
    store.notify('argocd/a0', [notice('Updated sync status: OutOfSync -> Synced')]);
    await pass(clock, 1000, () => events(api).length > 0);
    assert.partialDeepStrictEqual(events(api)[0], {
      reason: 'ResourceUpdated',
      type: 'Normal',
      message: 'Updated sync status: OutOfSync -> Synced',
      count: 1,
      involvedObject: {
        kind: 'Application',
        namespace: 'argocd',
        name: 'a0',
        uid: store.application('argocd/a0')?.uid,
      },
    });
  });

  test('the same one is counted', async () => {
    const { api, clock, store } = await world(1);
    for (let n = 0; n < 3; n++) store.notify('argocd/a0', [notice('m')]);
    await pass(clock, 1000);
    store.notify('argocd/a0', [notice('m')]);
    await pass(clock, 2000);
    assert.deepEqual(
      events(api).map((event) => event.count),
      [4],
    );
  });

  test('wait for reports, and for each other', async () => {
    const { api, clock, store } = await world(1);
    api.fault = ({ method, path }) => (method === 'PATCH' && path.includes('applications') ? 'throttled' : undefined);
    store.save('argocd/a0', report('d'), { urgency: 'now' });
    store.notify('argocd/a0', [notice('1'), notice('2')]);
    await pass(clock, 2000);
    assert.equal(events(api).length, 0);
    api.fault = () => undefined;
    await pass(clock, 20_000);
    assert.equal(events(api).length, 2);
  });

  test('too many are dropped, warnings last', async () => {
    const { api, store } = await world(1);
    store.notify('argocd/a0', [notice('bad', 'warning')]);
    for (let n = 0; n < 2000; n++) store.notify('argocd/a0', [notice(`${n}`)]);
    await store.flush();
    assert.equal(events(api).length, 500);
    assert.ok(events(api).some((event) => event.message === 'bad'));
  });
});
