// The promise: what a project does not allow is named and not written; what it inherits, whom it writes as and when it
// may are kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../src/model/index.ts';
import type { TestApplication } from '../harness/application.ts';
import { resources } from '../harness/kube.ts';
import { configMap, serviceAccount, text } from '../harness/manifests.ts';
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
  await app.refresh();
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
  await app.sync();
  await app.converged(repo.head());
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
  await app.refresh();
  await app.sync();
  await app.converged(repo.head());
  await repo.push({ 'app/more.yaml': text(configMap('more')) });
  await app.until('waits again', closed);
  await project('closed', { syncWindows: [] });
  await app.refresh();
  await app.converged(repo.head());
});
