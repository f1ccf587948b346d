// The promise: what a project does not allow is named and not written; what it inherits, whom it writes as and when it
// may are kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, numberAt, objectAt } from '../../src/model/index.ts';
import type { TestApplication } from '../harness/application.ts';
import { sharedControlPlane } from '../harness/control-plane.ts';
import { resources } from '../harness/kube.ts';
import { configMap, job, serviceAccount, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({
  files: { 'app/all.yaml': text(configMap('a'), serviceAccount('b')) },
  settings: {
    globalProjects: '[{"labelSelector": {"matchLabels": {"kind": "team"}}, "projectName": "everywhere"}]',
  },
});
const { kube, repo } = world;
const anywhere = [{ server: '*', namespace: '*' }];

async function project(name: string, spec: JsonObject, labels: JsonObject = {}): Promise<string> {
  const metadata = { name, namespace: world.namespace, labels };
  const whole = { sourceRepos: ['*'], destinations: anywhere, ...spec };
  await kube.apply(
    resources.projects,
    { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata, spec: whole },
    'test',
  );
  return name;
}

/** Waits until the application is held for what the project does not allow; nothing of it may be there. */
async function refused(app: TestApplication, why: RegExp): Promise<void> {
  const seen = await app.until('is refused', ({ holds }) =>
    holds.some(({ reason, message }) => reason === 'not-permitted' && why.test(String(message))),
  );
  assert.ok(seen.conditions.some(({ type }) => type === 'InvalidSpecError'));
  assert.equal(await kube.get(resources.configMaps, app.target, 'a'), undefined);
}

const cases: readonly { readonly reason: string; readonly spec: JsonObject; readonly why: RegExp }[] = [
  { reason: 'a source beside its list', spec: { sourceRepos: ['https://elsewhere.example/**'] }, why: /repo/ },
  { reason: 'a source that it excludes', spec: { sourceRepos: ['*', '!file:///tmp/**'] }, why: /repo/ },
  {
    reason: 'a namespace beside its globs',
    spec: { destinations: [{ server: '*', namespace: 'prod-*' }] },
    why: /destination/,
  },
  {
    reason: 'a namespace that it excludes',
    spec: { destinations: [{ server: '*', namespace: '!target-*' }, ...anywhere] },
    why: /destination/,
  },
  {
    reason: 'a kind beside its list',
    spec: { namespaceResourceWhitelist: [{ group: '', kind: 'Service*' }] },
    why: /ConfigMap/,
  },
  {
    reason: 'a kind that it denies by glob',
    spec: { namespaceResourceBlacklist: [{ group: '*', kind: 'Config*' }] },
    why: /ConfigMap/,
  },
  { reason: 'a cluster that is not its own', spec: { permitOnlyProjectScopedClusters: true }, why: /destination/ },
];

for (const [i, { reason, spec, why }] of cases.entries()) {
  test(`refused: ${reason}`, async () => {
    const target = await world.freshTarget();
    const app = await world.declare(`refused-${i}`, { path: 'app', target, project: await project(`case-${i}`, spec) });
    await refused(app, why);
  });
}

test('a project inherits what a global one denies, and what changes is seen at once', async () => {
  const target = await world.freshTarget();
  const deny = [{ group: '', kind: 'ServiceAccount' }];
  await project('everywhere', { namespaceResourceBlacklist: deny });
  const app = await world.declare('inherits', {
    path: 'app',
    target,
    project: await project('team', {}, { kind: 'team' }),
  });
  await refused(app, /ServiceAccount/);
  await project('everywhere', { namespaceResourceBlacklist: [] });
  await app.converged(repo.head());
});

test('what comes with a request, or from another revision, is measured by the same rules', async () => {
  const target = await world.freshTarget();
  const spec = { namespaceResourceBlacklist: [{ group: '', kind: 'Secret' }] };
  const app = await world.declare('asked', {
    path: 'app',
    target,
    automated: false,
    project: await project('no-secrets', spec),
  });
  await app.until('is compared', ({ sync }) => sync === 'OutOfSync');
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: 'b' } };
  await app.sync({ manifests: [JSON.stringify(secret)] });
  const seen = await app.until('is refused', ({ phase, requested }) => phase === 'Error' && !requested);
  assert.match(seen.message, /Secret/);
  const bad = repo.push({ 'app/secret.yaml': text(secret) });
  repo.push({ 'app/secret.yaml': null });
  await app.sync({ revision: bad });
  await app.until('is refused again', ({ message, requested }) => !requested && /Secret/.test(message));
  assert.equal(await kube.get(resources.secrets, target, 's'), undefined);
  await app.until('sees the commit without it', ({ revision }) => revision === repo.head());
  await app.sync();
  await app.converged(repo.head());
});

test('a deletion runs no hook that the project does not allow', async () => {
  const target = await world.freshTarget();
  const commit = repo.push({ 'bye/all.yaml': text(configMap('a'), job('bye', 'PreDelete')) });
  const finalizers = ['resources-finalizer.argocd.argoproj.io'];
  const app = await world.declare('bye', { path: 'bye', target, finalizers, project: await project('last-words', {}) });
  await app.converged(commit);
  await app.until('its hook guards it', ({ object }) =>
    JSON.stringify(object.metadata).includes('pre-delete-finalizer'),
  );
  await project('last-words', { namespaceResourceBlacklist: [{ group: 'batch', kind: '*' }] });
  await app.until('is refused', ({ holds }) => holds.some(({ reason }) => reason === 'not-permitted'));
  await app.remove();
  await app.until('says why it stays', ({ conditions }) =>
    conditions.some(({ type, message }) => type === 'DeletionError' && /batch:Job/.test(String(message))),
  );
  assert.equal(await kube.get(resources.jobs, target, 'bye'), undefined);
  assert.ok(await kube.get(resources.configMaps, target, 'a'));
  await project('last-words', {});
  await app.gone();
});

test('a window keeps syncs out until it is lifted; a person may pass where it says so', async () => {
  const target = await world.freshTarget();
  const window = (more: JsonObject) => ({
    syncWindows: [{ kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['*'], ...more }],
  });
  const name = await project('closed', window({}));
  const app = await world.declare('windowed', { path: 'app', target, project: name });
  const closed = ({ holds }: { readonly holds: readonly JsonObject[] }) =>
    holds.some(({ reason }) => reason === 'sync-window');
  await app.until('waits for the window', closed);
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
  await project('closed', window({ manualSync: true }));
  await app.sync();
  await app.converged(repo.head());
  await repo.push({ 'app/more.yaml': text(configMap('more')) });
  await app.until('waits again', closed);
  await project('closed', { syncWindows: [] });
  await app.converged(repo.head());
});

test('a sync that has begun ends in a window that closes behind it only where that says syncOverrun', async () => {
  const window = (more: JsonObject) => ({
    syncWindows: [{ kind: 'deny', schedule: '* * * * *', duration: '1h', applications: ['*'], ...more }],
  });
  const isHeld = (wanted: string) => (seen: { readonly holds: readonly JsonObject[] }) =>
    seen.holds.some(({ reason }) => reason === wanted);
  const hook = job('pre', 'PreSync');
  repo.push({
    'window/all.yaml': text(configMap('a'), { ...hook, spec: { ...objectAt(hook, 'spec'), suspend: true } }),
  });
  const begun = async (name: string) => {
    const target = await world.freshTarget();
    const app = await world.declare(name, { path: 'window', target, project: await project(name, {}) });
    await app.until('waits for its hook', isHeld('waits-for-health'));
    return app;
  };
  const release = async (app: TestApplication) => {
    await kube.patch(resources.jobs, app.target, 'pre', { spec: { suspend: false } });
    await waitFor('the hook succeeds', async () =>
      numberAt(await kube.get(resources.jobs, app.target, 'pre'), 'status', 'succeeded'),
    );
  };
  const [overruns, stops] = await Promise.all([begun('overruns'), begun('stops')]);
  await Promise.all([project('overruns', window({ syncOverrun: true })), project('stops', window({}))]);
  await stops.until('is held by the window', isHeld('sync-window'));
  await Promise.all([release(overruns), release(stops)]);
  await overruns.converged(repo.head());
  const seen = await stops.refresh();
  assert.ok(isHeld('sync-window')(seen), JSON.stringify(seen.holds));
  assert.equal(seen.phase, 'Running');
  assert.equal(await kube.get(resources.configMaps, stops.target, 'a'), undefined);
  await project('stops', { syncWindows: [] });
  await stops.converged(repo.head());
  const commit = repo.push({ 'window/all.yaml': text(configMap('a'), configMap('more'), hook) });
  await stops.converged(commit);
  await overruns.until('begins nothing in the window', isHeld('sync-window'));
  assert.equal(await kube.get(resources.configMaps, overruns.target, 'more'), undefined);
});

test('a cluster of a project is nobody else’s', async () => {
  const { kubeconfig } = await sharedControlPlane();
  const base64 = (value: string) => Buffer.from(value).toString('base64');
  const { ca, cert, key } = kubeconfig;
  const config = { tlsClientConfig: { caData: base64(ca), certData: base64(cert), keyData: base64(key) } };
  // The same control plane under another address.
  const server = `${kubeconfig.server}/`.replace('127.0.0.1', 'localhost');
  const [owner, other] = [await project('owner', {}), await project('other', {})];
  await kube.create(resources.secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'scoped',
      namespace: world.namespace,
      labels: { 'argocd.argoproj.io/secret-type': 'cluster' },
    },
    stringData: { name: 'scoped', server, project: owner, config: JSON.stringify(config) },
  });
  const target = await world.freshTarget();
  const destination = { name: 'scoped', namespace: target };
  const theirs = await world.declare('theirs', { path: 'app', target, project: other, spec: { destination } });
  const byAddress = { server, namespace: target };
  const again = await world.declare('again', { path: 'app', target, project: other, spec: { destination: byAddress } });
  for (const app of [theirs, again]) {
    const seen = await app.until('is refused', ({ conditions }) =>
      conditions.some(({ type, message }) => type === 'InvalidSpecError' && /no cluster/.test(String(message))),
    );
    assert.equal(seen.phase, '', 'no sync was begun');
  }
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
  const ours = await world.declare('ours', { path: 'app', target, project: owner, spec: { destination } });
  await ours.converged(repo.head());
  // Only clusters of its own, where the project says so.
  await project('owner', { permitOnlyProjectScopedClusters: true });
  const near = await world.declare('near', { path: 'app', target: await world.freshTarget(), project: owner });
  await refused(near, /destination/);
  await project('owner', {});
  await kube.patch(resources.secrets, world.namespace, 'scoped', { stringData: { project: other } });
  await ours.until('loses it', ({ conditions }) => conditions.some(({ type }) => type === 'InvalidSpecError'));
});
