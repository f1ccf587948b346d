// One cluster that never answers, and one application that always fails, hold up nobody else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startLoop } from '../../src/engine/index.ts';
import { EngineError } from '../../src/model/index.ts';
import type { Clusters, Log } from '../../src/ports/index.ts';
import { createFakeGit } from '../doubles/fake-git.ts';
import { createFakeStore } from '../doubles/fake-store.ts';
import { createVirtualClock, seeded } from '../doubles/virtual-clock.ts';

const hung = 'https://hung.example';
const fine = 'https://fine.example';

test('applications of a cluster that hangs do not keep those of another waiting', async () => {
  const clock = createVirtualClock(Date.parse('2026-01-01T00:00:00Z'));
  const store = createFakeStore({ schedule: (run) => void clock.after(1, run), now: () => clock.now() });
  const put = (name: string, server: string): void =>
    void store.put({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name, namespace: 'argocd' },
      spec: {
        project: 'default',
        source: { repoURL: 'https://git.example/repo', path: name, targetRevision: 'main' },
        destination: { server, namespace: 'n' },
      },
    });
  for (let i = 0; i < 50; i += 1) put(`hung-${i}`, hung);
  for (let i = 0; i < 10; i += 1) put(`fine-${i}`, fine);
  const looks: string[] = [];
  let atOnce = 0;
  let most = 0;
  const clusters: Clusters = {
    async get({ server = '' }) {
      looks.push(server);
      if (server === hung) {
        most = Math.max(most, ++atOnce);
        await clock.sleep(3_600_000);
        atOnce -= 1;
      }
      throw new EngineError('cluster-unreachable', `cluster ${server}: does not answer`, { retry: 'backoff' });
    },
    list: () => [],
    onEvent: () => undefined,
    follow: () => undefined,
    configure: () => undefined,
    stop: async () => undefined,
  };
  const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const git = createFakeGit(() => clock.now());
  await store.start();
  const loop = startLoop(
    {
      clock,
      random: seeded(1),
      log: silent,
      metrics: { count: () => undefined, observe: () => undefined },
      sources: git.sources,
      renderer: git.renderer,
      clusters,
      store,
      notifier: {
        listens: () => false,
        listeners: () => [],
        deliver: async () => undefined,
        stop: async () => undefined,
      },
      zones: () => ({ minute: 0, hour: 0, dom: 1, month: 1, dow: 0 }),
      controlNamespace: 'argocd',
    },
    { workers: 4, resync: 36_000_000 },
  );
  await clock.run(clock.now() + 10_000);
  const served = (server: string): number => looks.filter((one) => one === server).length;
  assert.ok(served(fine) >= 10, `the fine cluster's applications were looked at ${served(fine)} times`);
  assert.ok(most <= 4, `${most} passes hang at once`);
  // An application that fails at every look pauses in between.
  const before = served(fine);
  await clock.run(clock.now() + 60_000);
  assert.ok(served(fine) - before <= 10 * 8, 'failures are tried again with growing pauses');
  void loop.stop();
});
