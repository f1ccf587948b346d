import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryKubeApi } from '../../test/doubles/memory-kube-api.ts';
import { createVirtualClock } from '../../test/doubles/virtual-clock.ts';
import { argocd } from '../dialects/index.ts';
import type { KubeApi } from '../ports/index.ts';
import { createResourceStore } from './index.ts';
import { create, start } from './test-world.ts';

/** An API server that shows this account Applications and nothing else. */
async function readerApi() {
  const memory = createMemoryKubeApi();
  await create(memory, 'argocd', 'web');
  const isShown = (path: string): boolean => path.includes('/applications');
  memory.fault = ({ path }) => (isShown(path) ? undefined : 'cluster-denied');
  const api: KubeApi = {
    server: memory.server,
    request: (method, path, options) => memory.request(method, path, options as never),
    watch(path, handlers) {
      if (isShown(path)) return memory.watch(path, handlers);
      const told = setTimeout(() => handlers.state?.('forbidden'), 1);
      return () => clearTimeout(told);
    },
  };
  return { api, memory };
}

test('who may only read Applications can ask about them: nothing is waited for that the server does not show', async () => {
  const { api, memory } = await readerApi();
  const store = createResourceStore({
    api,
    dialect: argocd,
    clock: createVirtualClock(start),
    random: { next: () => 0.5 },
    log: { debug() {}, info() {}, warn() {}, error() {} },
    controlNamespace: 'argocd',
    matchesName: (pattern, name) => pattern === name,
  });
  await store.start(true);
  assert.deepEqual(
    store.applications().map(({ key }) => key),
    ['argocd/web'],
  );
  const writes = memory.requests.filter(({ method, path }) => method !== 'GET' && !path.includes('/applications'));
  assert.deepEqual(writes, [], 'asking declares no project');
  await store.stop();
});
