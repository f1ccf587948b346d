// The promise: a sync writes what differs and nothing else, whoever asks for it and however it writes: what
// ApplyOutOfSyncOnly=true asks for is always so. The requests themselves are looked at.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Seen } from '../harness/application.ts';
import { sharedControlPlane } from '../harness/control-plane.ts';
import { FaultProxy } from '../harness/fault-proxy.ts';
import { configMap, text } from '../harness/manifests.ts';
import { openWorld } from '../harness/world.ts';

const proxy = new FaultProxy((await sharedControlPlane()).kubeconfig);
const kubeconfigPath = await proxy.start();
after(() => proxy.stop());
const world = await openWorld({ start: false });
const { repo, engine } = world;
await engine.start(kubeconfigPath);

const written: string[] = [];
proxy.spoil(({ method, path }) => {
  const [, name] = /\/configmaps(?:\/([^?/]+))?(?:\?|$)/.exec(path) ?? [];
  if (method !== 'GET' && path.includes(`/namespaces/${world.target}/`) && !path.includes('dryRun=')) {
    written.push(`${method} ${name ?? ''}`);
  }
  return undefined;
});
const files = (at: string) => ({
  'app/all.yaml': text(configMap('a', { at: '1' }), configMap('b', { at }), configMap('c', { at: '1' })),
});
const ended = ({ phase, requested }: Seen) => !requested && phase === 'Succeeded';

for (const options of [['ApplyOutOfSyncOnly=true'], ['ApplyOutOfSyncOnly=true', 'Replace=true'], []]) {
  test(`what is in sync is not written: ${options.join(', ') || 'no options'}`, async () => {
    const first = repo.push(files('1'));
    const app = await world.declare('app', {
      options,
      automated: false,
      finalizers: ['resources-finalizer.argocd.argoproj.io'],
    });
    await app.until('is compared', ({ sync, revision }) => sync === 'OutOfSync' && revision === first);
    await app.sync();
    await app.converged(first);
    const commit = repo.push(files('2'));
    await app.until('sees the commit', ({ sync, revision }) => sync === 'OutOfSync' && revision === commit);
    written.length = 0;
    await app.sync();
    const seen = await app.converged(commit);
    assert.deepEqual(
      written.map((one) => one.split(' ')[1]),
      ['b'],
    );
    written.length = 0;
    await app.sync();
    await app.until('another sync ends', (now) => ended(now) && now.startedAt !== seen.startedAt);
    assert.deepEqual(written, [], 'nothing differs');
    await app.remove();
    await app.gone();
  });
}
