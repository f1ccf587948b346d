// The store under faults, load and other people's changes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MemoryKubeApi } from '../../test/doubles/memory-kube-api.ts';
import { argocd } from '../dialects/index.ts';
import type { ErrorCode, JsonObject } from '../model/index.ts';
import { group, notice, pass, report, world } from './test-world.ts';

const patches = (api: MemoryKubeApi) =>
  api.requests.filter(({ method, path }) => method === 'PATCH' && path.includes('/applications/'));
const digestOf = (api: MemoryKubeApi, name: string) =>
  argocd.readReport(api.objects().find((object) => object.metadata.name === name)?.status)?.desiredDigest;

describe('faults', () => {
  for (const [reason, codes] of [
    ['the server asks to slow down', ['throttled', 'throttled', 'throttled']],
    ['the server does not answer', ['cluster-unreachable', 'cluster-unreachable']],
    [
      'somebody is always faster',
      [
        'object-conflict',
        'object-conflict',
        'object-conflict',
        'object-conflict',
        'object-conflict',
        'object-conflict',
        'object-conflict',
      ],
    ],
    ['the server refuses, then does not', ['object-rejected']],
  ] as const)
    test(`${reason}: the report is written in the end`, async () => {
      const { api, clock, store } = await world(1);
      const faults: ErrorCode[] = [...codes];
      api.fault = ({ method }) => (method === 'PATCH' ? faults.shift() : undefined);
      store.save('argocd/a0', report('d'), { urgency: 'now' });
      await pass(clock, 200_000, () => digestOf(api, 'a0') === 'd');
      assert.equal(digestOf(api, 'a0'), 'd');
    });

  test('a newer report replaces one that failed', async () => {
    const { api, clock, store } = await world(1);
    const faults: ErrorCode[] = ['cluster-unreachable'];
    api.fault = ({ method }) => (method === 'PATCH' ? faults.shift() : undefined);
    store.save('argocd/a0', report('old'), { urgency: 'now' });
    await pass(clock, 10, () => patches(api).length === 1);
    store.save('argocd/a0', report('new'), { urgency: 'now' });
    await pass(clock, 10_000, () => digestOf(api, 'a0') !== undefined);
    assert.equal(digestOf(api, 'a0'), 'new');
    assert.equal(patches(api).length, 2);
  });

  test('an answer that is lost: the write is not made twice, and the operation stays cleared', async () => {
    const { api, clock, store } = await world(1, async (one) => {
      const body = { operation: { sync: { revision: 'r' } } };
      await one.request('PATCH', `${group}/namespaces/argocd/applications/a0`, { body });
    });
    let lost = 1;
    api.after = ({ method }) => {
      if (method === 'PATCH' && lost-- > 0) throw new Error('connection reset');
    };
    store.save('argocd/a0', report('d'), { urgency: 'now', clearOperation: true });
    await pass(clock, 10_000);
    assert.equal(store.application('argocd/a0')?.operation, undefined);
    assert.equal(digestOf(api, 'a0'), 'd');
    const versions = api.objects().map((object) => object.metadata.resourceVersion);
    await pass(clock, 100_000);
    assert.deepEqual(
      api.objects().map((object) => object.metadata.resourceVersion),
      versions,
    );
  });

  test('one refused application does not hold up the others, nor a flush', async () => {
    const { api, store, warnings } = await world(20);
    api.fault = ({ method, path }) => (method === 'PATCH' && path.includes('/a3?') ? 'object-rejected' : undefined);
    for (const { key } of store.applications()) store.save(key, report('d'), { urgency: 'now' });
    await store.flush();
    assert.equal(store.applications().filter(({ name }) => digestOf(api, name) === 'd').length, 19);
    assert.deepEqual(warnings, ['status cannot be written']);
  });

  test('without rights to Secrets and Events the store works', async () => {
    const { api, clock, store } = await world(1, async (one) => {
      one.fault = ({ path }) => (/secrets|events/.test(path) ? 'cluster-denied' : undefined);
    });
    store.notify('argocd/a0', [notice('m')]);
    store.save('argocd/a0', report('d'), { urgency: 'now' });
    await pass(clock, 1000);
    assert.equal(digestOf(api, 'a0'), 'd');
  });
});

describe('queue', () => {
  test('at most eight writes at once, and never two of one application', async () => {
    const { api, store } = await world(40);
    const running = new Map<string, number>();
    let most = 0;
    api.fault = async ({ method, path }) => {
      if (method !== 'PATCH') return undefined;
      running.set(path, (running.get(path) ?? 0) + 1);
      assert.equal(running.get(path), 1);
      most = Math.max(most, running.size);
      await new Promise((resolve) => setImmediate(resolve));
      return undefined;
    };
    api.after = ({ path }) => void running.delete(path);
    for (let round = 0; round < 5; round++) {
      for (const { key } of store.applications()) store.save(key, report(`d${round}`), { urgency: 'now' });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await store.flush();
    assert.equal(most, 8);
    for (const { name } of store.applications()) assert.equal(digestOf(api, name), 'd4');
  });

  test('what may wait comes after what may not, and is written once', async () => {
    const { api, clock, store } = await world(3);
    store.save('argocd/a0', report('later'), { urgency: 'later' });
    store.save('argocd/a1', report('now'), { urgency: 'now' });
    await pass(clock, 100);
    assert.deepEqual([digestOf(api, 'a0'), digestOf(api, 'a1')], [undefined, 'now']);
    store.save('argocd/a0', report('newer'), { urgency: 'later' });
    await pass(clock, 1000);
    assert.equal(digestOf(api, 'a0'), 'newer');
    assert.equal(patches(api).length, 2);
  });

  test('a patch holds only what has changed', async () => {
    const { api, store } = await world(1);
    store.save('argocd/a0', report('a', 'OutOfSync'), { urgency: 'now' });
    await store.flush();
    store.save('argocd/a0', report('a', 'Synced'), { urgency: 'now' });
    await store.flush();
    const body = patches(api).at(-1)?.body as { status: JsonObject };
    assert.deepEqual(body.status, { sync: { status: 'Synced' } });
  });
});

describe('somebody else', () => {
  test('what they wrote into the status is written over', async () => {
    const { api, clock, store } = await world(1);
    store.save('argocd/a0', report('a'), { urgency: 'now' });
    await store.flush();
    const status = { sync: { status: 'Unknown' }, conditions: [{ type: 'X', message: 'theirs' }] };
    await api.request('PATCH', `${group}/namespaces/argocd/applications/a0`, { body: { status } });
    await pass(clock, 10);
    store.save('argocd/a0', report('b'), { urgency: 'now' });
    await store.flush();
    const written = api.objects().find((object) => object.metadata.name === 'a0')?.status as JsonObject;
    assert.deepEqual([written.conditions, (written.sync as JsonObject).status], [undefined, 'Synced']);
  });

  test('a request to terminate is news; that it was heard is not', async () => {
    const { api, clock, store } = await world(1);
    const news: string[] = [];
    store.onChange((change) => void news.push(change.kind));
    const operation = {
      operation: {
        id: 'op',
        initiatedBy: { username: '', automated: false },
        revisions: [],
        prune: false,
        dryRun: false,
        force: false,
        info: [],
      },
      phase: 'Running' as const,
      message: '',
      startedAt: 's',
      retryCount: 0,
      revisions: [],
      sources: [],
      results: [],
    };
    store.save('argocd/a0', { ...report('a'), operation }, { urgency: 'now' });
    await store.flush();
    const body = { status: { operationState: { phase: 'Terminating' } } };
    await api.request('PATCH', `${group}/namespaces/argocd/applications/a0`, { body });
    await pass(clock, 10);
    assert.deepEqual([news, store.application('argocd/a0')?.operation?.terminate], [['application'], true]);
    assert.equal(store.application('argocd/a0')?.operation?.id, 'op');
    const ended = { ...operation, phase: 'Failed' as const, message: 'terminated' };
    store.save('argocd/a0', { ...report('a'), operation: ended }, { urgency: 'now', clearOperation: true });
    await store.flush();
    await pass(clock, 20);
    assert.deepEqual([news.length, store.application('argocd/a0')?.operation], [1, undefined]);
  });

  test('a rewritten resource keeps the report and tells of the change once', async () => {
    const { api, clock, store } = await world(1);
    const news: string[] = [];
    store.onChange((change) => void news.push(change.kind));
    store.save('argocd/a0', report('a'), { urgency: 'now' });
    const body = { spec: { project: 'p' }, metadata: { annotations: { note: '1' } } };
    await api.request('PATCH', `${group}/namespaces/argocd/applications/a0`, { body });
    await store.flush();
    await pass(clock, 10);
    assert.deepEqual(news, ['application']);
    assert.deepEqual(
      [store.application('argocd/a0')?.project, store.application('argocd/a0')?.report?.desiredDigest],
      ['p', 'a'],
    );
  });
});

test('stop ends even when the server never answers', async () => {
  const { api, clock, store } = await world(1);
  api.fault = () => new Promise(() => undefined);
  store.save('argocd/a0', report('d'), { urgency: 'now' });
  let stopped = false;
  void store.stop().then(() => {
    stopped = true;
  });
  await pass(clock, 6000, () => stopped);
  assert.equal(stopped, true);
});
