// The promise: clusters are reached by certificate or by token; one that hangs disturbs no other, and what is deleted
// while it is away asks what is to become of its objects.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createKubeApi } from '../../src/cluster/index.ts';
import { startControlPlane } from '../../src/embedded/index.ts';
import { type JsonObject, objectAt, stringAt } from '../../src/model/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/index.ts';
import { ensureControlPlane } from '../../src/toolchain/index.ts';
import { kubeOver, resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const plane = await startControlPlane({ binaries: await ensureControlPlane(), nodes: 0, components: [] });
after(() => plane.stop());
const { server, ca, cert, key } = plane.kubeconfig;
const there = kubeOver(
  createKubeApi(
    { server, ca, cert, key, insecure: false, identity: { kind: 'none' }, namespace: '' },
    systemClock,
    systemRandom,
  ),
);
after(() => there.api.close());
const world = await openWorld({ files: { 'app/all.yaml': text(configMap('a', { at: '1' })) } });
const { kube, repo } = world;
const base64 = (value: string) => Buffer.from(value).toString('base64');
const elsewhere = { name: 'elsewhere', namespace: 'default' };
const at = async () => objectAt(await there.get(resources.configMaps, 'default', 'a'), 'data').at;

async function credential(config: JsonObject): Promise<void> {
  const metadata = {
    name: 'elsewhere',
    namespace: world.namespace,
    labels: { 'argocd.argoproj.io/secret-type': 'cluster' },
  };
  const data = { name: base64('elsewhere'), server: base64(server), config: base64(JSON.stringify(config)) };
  await kube.apply(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata, data }, 'test');
}

test('a cluster is reached by certificate, then by token, and drift on it heals', async () => {
  await credential({ tlsClientConfig: { caData: base64(ca), certData: base64(cert), keyData: base64(key) } });
  const finalizers = ['resources-finalizer.argocd.argoproj.io'];
  const app = await world.declare('far', { path: 'app', finalizers, spec: { destination: elsewhere } });
  await app.converged(repo.head());
  assert.equal(await at(), '1');
  const account = { name: 'deployer', namespace: 'kube-system' };
  await there.create(resources.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account });
  const rbac = 'rbac.authorization.k8s.io';
  await there.create(`${rbac}/v1/clusterrolebindings`, {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'deployer' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  });
  const path = '/api/v1/namespaces/kube-system/serviceaccounts/deployer/token';
  const made = await there.api.request('POST', path, {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  });
  const bearerToken = stringAt(made, 'status', 'token') ?? '';
  await credential({ bearerToken, tlsClientConfig: { caData: base64(ca) } });
  await app.converged(repo.push({ 'app/all.yaml': text(configMap('a', { at: '2' })) }));
  await there.patch(resources.configMaps, 'default', 'a', { data: { at: 'drifted' } });
  await waitFor('it is put back', async () => (await at()) === '2', { show: () => app.show() });
});

test('one that hangs disturbs no other, and deletion asks what becomes of its objects', async () => {
  const far = world.application('far');
  plane.pause();
  try {
    repo.push({ 'app/all.yaml': text(configMap('a', { at: '3' })) });
    for (let i = 0; i < 6; i += 1) {
      await world.declare(`hangs-${i}`, { path: 'app', spec: { destination: elsewhere } });
    }
    const near = await world.declare('near', { path: 'app' });
    await near.converged(repo.head(), { within: 15_000 });
    await far.remove();
    const asks = ({ conditions }: { readonly conditions: readonly JsonObject[] }) =>
      conditions.some(({ type, message }) => type === 'DeletionError' && /plumbline.dev\/orphan/.test(String(message)));
    await kube.remove(resources.secrets, world.namespace, 'elsewhere');
    await far.until('asks', asks, { within: 60_000 });
    await far.patch({ metadata: { annotations: { 'plumbline.dev/orphan': 'true' } } });
    await far.gone();
  } finally {
    plane.resume();
  }
  assert.ok(await there.get(resources.configMaps, 'default', 'a'));
});

test('an application of a cluster that never answered is not let go unasked', async () => {
  const labels = { 'argocd.argoproj.io/secret-type': 'cluster' };
  const metadata = { name: 'silent', namespace: world.namespace, labels };
  const data = { name: base64('silent'), server: base64('https://127.0.0.1:1'), config: base64('{}') };
  await kube.apply(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata, data }, 'test');
  const destination = { name: 'silent', namespace: 'default' };
  const finalizers = ['resources-finalizer.argocd.argoproj.io'];
  const app = await world.declare('silent', { path: 'app', finalizers, spec: { destination } });
  const told = (wanted: string) => (seen: { readonly conditions: readonly JsonObject[] }) =>
    seen.conditions.some(({ type, message }) => type === wanted && /cluster silent/.test(String(message)));
  await app.until('says which cluster', told('ComparisonError'));
  const errors = () =>
    world.engine
      .log()
      .filter((line) => line.app === app.key && line.msg === 'pass failed')
      .map((line) => String(line.error));
  await waitFor('it is asked again and again', async () => errors().length >= 3);
  assert.equal(new Set(errors()).size, 1, 'in the same words, so that the condition keeps its time');
  await app.remove();
  await app.until('asks', told('DeletionError'));
  await app.patch({ metadata: { annotations: { 'plumbline.dev/orphan': 'true' } } });
  await app.gone();
});
