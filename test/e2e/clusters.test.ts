// The promise: `plumb cluster up` leaves a control plane running until `down`, and asking twice starts it once.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ClusterWish, clusterKubeconfig, downCluster, listClusters, upCluster } from '../../src/embedded/index.ts';
import { ensureControlPlane } from '../../src/toolchain/index.ts';

const runtime = mkdtempSync(join(tmpdir(), 'plumbline-runtime-'));
after(async () => {
  await downCluster(runtime, 'one');
  rmSync(runtime, { recursive: true, force: true });
});

const wish = (name: string): ClusterWish => ({
  name,
  runtime,
  nodes: 0,
  binaries: () => ensureControlPlane(),
  progress: () => undefined,
});

test('up, asked for twice at once, starts one; status and kubeconfig tell of it; down leaves nothing', async () => {
  const [first, second] = await Promise.all([upCluster(wish('one')), upCluster(wish('one'))]);
  assert.equal(first.cluster.pid, second.cluster.pid);
  const again = await upCluster(wish('one'));
  assert.equal(again.started, false);
  const all = await listClusters(runtime);
  assert.deepEqual(
    all.map(({ name, ready, server }) => ({ name, ready, server })),
    [{ name: 'one', ready: true, server: first.cluster.server }],
  );
  assert.match((await clusterKubeconfig(runtime, 'one')) ?? '', /current-context: one/);
  assert.equal(await downCluster(runtime, 'one'), true);
  assert.equal(existsSync(join(runtime, 'clusters', 'one')), false);
  assert.deepEqual(await listClusters(runtime), []);
  assert.equal(await downCluster(runtime, 'one'), false);
  assert.equal(await clusterKubeconfig(runtime, 'one'), undefined);
});

test('a folder that others may write to is refused', async () => {
  const open = mkdtempSync(join(tmpdir(), 'plumbline-open-'));
  chmodSync(open, 0o777);
  await assert.rejects(
    upCluster({ ...wish('one'), runtime: open }),
    (error: { code?: string }) => error.code === 'usage',
  );
  rmSync(open, { recursive: true });
});

test('a name that could lead out of the folder is refused', async () => {
  for (const name of ['', '..', 'a/b', 'A', 'x'.repeat(31)]) {
    await assert.rejects(upCluster(wish(name)), (error: { code?: string }) => error.code === 'usage');
    await assert.rejects(downCluster(runtime, name), (error: { code?: string }) => error.code === 'usage');
  }
});
