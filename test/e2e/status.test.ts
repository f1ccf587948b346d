// The promise: what Argo CD's dashboards and scripts read, they find: the status in its form, Events, and metrics.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type JsonObject, listAt, objectAt, stringAt } from '../../src/model/index.ts';
import type { Seen, TestApplication } from '../harness/application.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, job, text, wave } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({
  files: {
    'shop/all.yaml': text(
      deployment('web', 1, 'registry.local/web:1'),
      configMap('settings', {}, wave(1)),
      job('migrate', 'PreSync'),
    ),
  },
});
const { kube, repo, target, engine, namespace } = world;
let app: TestApplication;
let seen: Seen;
const source = { repoURL: repo.url, path: 'shop', targetRevision: 'main' };
const destination = { server: 'https://kubernetes.default.svc', namespace: target };

before(async () => {
  app = await world.declare('shop');
  seen = await app.converged(repo.head());
});

test('sync, health, sourceType, summary, reconciledAt', () => {
  const { status } = seen;
  assert.deepEqual(status.sync, { status: 'Synced', comparedTo: { source, destination }, revision: repo.head() });
  assert.equal(stringAt(status, 'health', 'status'), 'Healthy');
  assert.ok(isInstant(stringAt(status, 'health', 'lastTransitionTime')));
  assert.equal(status.sourceType, 'Directory');
  assert.deepEqual(status.summary, { images: ['registry.local/web:1'] });
  assert.ok(isInstant(stringAt(status, 'reconciledAt')));
  assert.equal(status.controllerNamespace, namespace);
});

test('resources: one row for each object, hooks too', () => {
  const rows = seen.resources.map(({ group, version, kind, namespace: space, name, status, hook, syncWave, health }) =>
    dropEmpty({ group, version, kind, space, name, status, hook, syncWave, health: stringAt(health ?? {}, 'status') }),
  );
  const wanted = [
    { version: 'v1', kind: 'ConfigMap', space: target, name: 'settings', status: 'Synced', syncWave: 1 },
    {
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      space: target,
      name: 'web',
      status: 'Synced',
      health: 'Healthy',
    },
  ];
  assert.deepEqual(rows.filter(({ hook }) => hook !== true).toSorted(byName), wanted.toSorted(byName));
});

test('operationState: the operation, its times, and the result of every object', () => {
  const state = objectAt(seen.status, 'operationState');
  assert.deepEqual(
    { phase: state.phase, revision: stringAt(state, 'syncResult', 'revision') },
    { phase: 'Succeeded', revision: repo.head() },
  );
  assert.equal(state.message, 'successfully synced (all tasks run)');
  assert.deepEqual(objectAt(state, 'operation', 'initiatedBy'), { automated: true });
  assert.equal(stringAt(state, 'operation', 'sync', 'revision'), repo.head());
  assert.ok(isInstant(stringAt(state, 'startedAt')) && isInstant(stringAt(state, 'finishedAt')));
  assert.deepEqual(objectAt(state, 'syncResult', 'source'), source);
  const results = listAt(state, 'syncResult', 'resources') as unknown as JsonObject[];
  const short = results.map(({ kind, name, status, syncPhase, hookType, hookPhase, message }) =>
    dropEmpty({
      kind,
      name,
      status,
      syncPhase,
      hookType,
      hookPhase,
      message: hookType === undefined ? message : undefined,
    }),
  );
  assert.deepEqual(short.toSorted(byName), [
    { kind: 'Job', name: 'migrate', syncPhase: 'PreSync', hookType: 'PreSync', hookPhase: 'Succeeded' },
    { kind: 'ConfigMap', name: 'settings', status: 'Synced', syncPhase: 'Sync', message: 'configmap/settings created' },
    { kind: 'Deployment', name: 'web', status: 'Synced', syncPhase: 'Sync', message: 'deployment.apps/web created' },
  ]);
});

test('history: one entry for each deployment, limited as asked', async () => {
  const [entry] = seen.history;
  assert.deepEqual(
    { id: entry?.id, revision: entry?.revision, source: entry?.source, by: entry?.initiatedBy },
    { id: 0, revision: repo.head(), source, by: { automated: true } },
  );
  assert.ok(isInstant(stringAt(entry ?? {}, 'deployedAt')) && isInstant(stringAt(entry ?? {}, 'deployStartedAt')));
  await app.patch({ spec: { revisionHistoryLimit: 2 } });
  const revisions = [repo.head()];
  for (const at of ['1', '2']) {
    revisions.push(repo.push({ 'shop/more.yaml': text(configMap('more', { at })) }));
    await app.converged(revisions.at(-1) ?? '');
  }
  const { history } = await app.see();
  assert.deepEqual(
    history.map(({ id, revision }) => ({ id, revision })),
    [1, 2].map((id) => ({ id, revision: revisions[id] })),
  );
});

test('Events tell of transitions under Argo CD’s reasons', async () => {
  const uid = String(seen.object.metadata.uid);
  const events = await waitFor('events', async () => {
    const list = await kube.list(
      resources.events,
      namespace,
      `fieldSelector=${encodeURIComponent(`involvedObject.uid=${uid}`)}`,
    );
    return list.some(({ reason }) => reason === 'OperationCompleted') && list;
  });
  const reasons = new Set(events.map(({ reason }) => reason));
  for (const reason of ['OperationCompleted', 'ResourceUpdated'])
    assert.ok(reasons.has(reason), [...reasons].join(', '));
  const [event] = events;
  assert.equal(stringAt(event, 'involvedObject', 'kind'), 'Application');
  assert.equal(stringAt(event, 'involvedObject', 'name'), app.name);
});

test('metrics under Argo CD’s names, with its labels', async () => {
  const read = async () => (await fetch(`${engine.address}/metrics`)).text();
  const metrics = await waitFor('the count of syncs', async () => {
    const all = await read();
    return all.includes('argocd_app_sync_total{') && all;
  });
  const info = metrics.split('\n').find((line) => line.startsWith('argocd_app_info{') && line.includes(app.name)) ?? '';
  const labels = {
    namespace,
    name: app.name,
    project: 'default',
    autosync_enabled: 'true',
    repo: repo.url,
    dest_server: destination.server,
    dest_namespace: target,
    sync_status: 'Synced',
    health_status: 'Healthy',
    operation: '',
  };
  for (const [name, value] of Object.entries(labels))
    assert.ok(info.includes(`${name}="${value}"`), `${name} in ${info}`);
  const sync =
    metrics.split('\n').find((line) => line.startsWith('argocd_app_sync_total{') && line.includes(app.name)) ?? '';
  for (const label of ['phase="Succeeded"', 'project="default"', `dest_server="${destination.server}"`]) {
    assert.ok(sync.includes(label), `${label} in ${sync}`);
  }
  for (const name of ['argocd_app_reconcile_bucket', 'argocd_git_request_total', 'process_resident_memory_bytes']) {
    assert.ok(metrics.includes(name), name);
  }
  assert.equal((await fetch(`${engine.address}/healthz`)).status, 200);
  assert.equal((await fetch(`${engine.address}/readyz`)).status, 200);
});

test('one log line for each pass, and no secret in any', async () => {
  const password = 'a-very-secret-password';
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'secret' }, stringData: { password } };
  const commit = repo.push({ 'shop/secret.yaml': text(secret) });
  await app.converged(commit);
  await kube.patch(resources.secrets, target, 'secret', {
    data: { password: Buffer.from('changed').toString('base64') },
  });
  await waitFor('heals', async () => {
    const live = await kube.get(resources.secrets, target, 'secret');
    return stringAt(live, 'data', 'password') === Buffer.from(password).toString('base64');
  });
  await app.refresh();
  const everything = engine.tail('', 10_000) + JSON.stringify(await app.read());
  assert.ok(!everything.includes(password) && !everything.includes(Buffer.from(password).toString('base64')));
  const passes = engine.log().filter((line) => line.msg === 'pass' && line.app === app.key);
  for (const key of ['ms', 'sync', 'health', 'revision']) assert.ok(passes.at(-1)?.[key] !== undefined, key);
});

function isInstant(text: string | undefined): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text ?? '');
}

function dropEmpty(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

function byName(a: Record<string, unknown>, b: Record<string, unknown>): number {
  return String(a.name) < String(b.name) ? -1 : 1;
}
