// Reports and statuses: the way there and back, Argo CD's exact form, and the limit of size.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Application, HealthStatus, Json, KubeObject, Report, ResourceReport } from '../../model/index.ts';
import { readApplication, readReport, statusPatch, writeStatus } from './index.ts';

const since = '2026-01-02T03:04:05Z';

function application(spec: Record<string, Json> = {}): Application {
  const resource: KubeObject = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'guestbook', namespace: 'argocd', uid: 'u' },
    spec: {
      project: 'default',
      source: { repoURL: 'https://example.com/r.git', path: 'guestbook', targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
      ...spec,
    },
  };
  return readApplication(resource, { controlNamespace: 'argocd' });
}

function resource(n: number, status: ResourceReport['status'], health?: HealthStatus): ResourceReport {
  return {
    ref: { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'web', name: `deployment-with-a-name-${n}` },
    status,
    ...(health === undefined ? {} : { health: { status: health } }),
    hook: false,
    requiresPruning: false,
    wave: 0,
  };
}

function report(app: Application): Report {
  const { sources } = app;
  return {
    sync: { status: 'OutOfSync', revisions: sources.map(() => 'a'.repeat(40)), sources },
    health: { status: 'Degraded', message: 'a pod crashes', since },
    resources: [
      { ...resource(1, 'Synced', 'Healthy'), wave: 3 },
      {
        ...resource(2, 'OutOfSync', 'Degraded'),
        fields: [{ path: '/spec/replicas', live: '3', desired: '1', owner: 'kubectl' }],
      },
      { ...resource(3, 'OutOfSync'), requiresPruning: true, requiresDeletionConfirmation: true },
      { ...resource(4, ''), hook: true },
    ],
    conditions: [{ type: 'SyncError', message: 'no', since }],
    operation: {
      operation: {
        id: 'op-1',
        initiatedBy: { username: 'ada', automated: false },
        revisions: sources.map(() => 'b'.repeat(40)),
        sources,
        prune: true,
        dryRun: false,
        only: [{ group: 'apps', kind: 'Deployment', namespace: 'web', name: 'x' }],
        options: { ...app.syncPolicy.options, replace: true, prune: 'confirm' },
        force: true,
        retry: { limit: 5, delay: 5000, factor: 2, maxDelay: 180_000, refresh: true },
        info: [{ name: 'why', value: 'because' }],
      },
      phase: 'Running',
      message: 'waiting for wave 2',
      startedAt: since,
      retryCount: 2,
      retryAt: '2026-01-02T03:05:05Z',
      revisions: sources.map(() => 'b'.repeat(40)),
      sources,
      results: [
        {
          ref: { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'web', name: 'c' },
          status: 'Synced',
          message: 'configmap/c created',
          hookPhase: 'Running',
          syncPhase: 'Sync',
          images: ['nginx:1'],
        },
        {
          ref: { group: 'batch', version: 'v1', kind: 'Job', namespace: 'web', name: 'j' },
          status: '',
          message: '',
          hookType: 'PreSync',
          hookPhase: 'Failed',
          syncPhase: 'PreSync',
          images: [],
        },
      ],
    },
    history: [
      {
        id: 7,
        revisions: sources.map(() => 'c'.repeat(40)),
        sources,
        deployedAt: since,
        deployStartedAt: since,
        initiatedBy: { username: 'ada', automated: false },
      },
    ],
    summary: { images: ['nginx:1'], urls: ['https://web.example.com'], isAppOfApps: true },
    sourceTypes: sources.map(() => 'Kustomize'),
    holds: [{ reason: 'waits-for-health', message: 'wave 1', objects: ['apps/Deployment/web/x'], on: 'wave 1' }],
    reconciledAt: since,
    desiredDigest: 'd1',
    healing: { attempts: 2, at: since },
    verdict: {
      record: record(app),
      differsSince: since,
      stalled: true,
      outbox: [
        {
          id: 'a1',
          kind: 'diff',
          at: since,
          record: record(app),
          differences: [{ ref: resource(2, '').ref, fields: [{ path: '/spec/replicas', live: '3', desired: '1' }] }],
          message: 'differs',
        },
      ],
      lived: [['b'], ['a']],
      livedDigests: ['e', 'd'],
    },
  };
}

function record(app: Application): NonNullable<Report['verdict']>['record'] {
  return {
    environment: 'prod',
    application: app.key,
    repository: 'https://example.com/r',
    path: 'guestbook',
    revisions: ['a'],
    digest: 'd',
    stages: { committed: since, applied: since },
    outcome: 'stalled',
    endedAt: since,
    author: 'ada',
    message: 'fix',
    changes: [{ ref: resource(2, '').ref, how: 'updated', fields: ['/spec/replicas'] }],
    before: ['b'],
    rollback: true,
    blocked: { what: 'a pod crashes', object: resource(2, '').ref, advice: 'look at its log' },
  };
}

const many = {
  source: null,
  sources: [
    { repoURL: 'https://example.com/r.git', path: '.', targetRevision: 'main' },
    {
      repoURL: 'https://charts.example.com',
      chart: 'web',
      targetRevision: '1.*',
      helm: { valueFiles: ['$values/v.yaml'] },
    },
    { repoURL: 'https://example.com/v.git', ref: 'values' },
  ],
};

describe('a report goes through the status and comes back', () => {
  for (const [reason, app] of [
    ['with one source', application()],
    ['with several sources', application(many)],
  ] as const)
    test(reason, () => {
      const status = writeStatus(report(app), app, { controlNamespace: 'argocd' });
      assert.deepEqual(readReport(JSON.parse(JSON.stringify(status)) as Json), report(app));
    });
});

test('the status has the form that scripts and dashboards read', () => {
  const app = application();
  const status = writeStatus(report(app), app, { controlNamespace: 'argocd' });
  const source = { repoURL: 'https://example.com/r.git', path: 'guestbook', targetRevision: 'main' };
  assert.deepEqual(status.sync, {
    status: 'OutOfSync',
    comparedTo: { source, destination: { server: 'https://kubernetes.default.svc', namespace: 'web' } },
    revision: 'a'.repeat(40),
  });
  assert.deepEqual(status.health, { status: 'Degraded', message: 'a pod crashes', lastTransitionTime: since });
  assert.deepEqual((status.resources as Json[])[1], {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    namespace: 'web',
    name: 'deployment-with-a-name-2',
    status: 'OutOfSync',
    health: { status: 'Degraded' },
  });
  assert.deepEqual(status.history, [
    {
      id: 7,
      revision: 'c'.repeat(40),
      source,
      deployedAt: since,
      deployStartedAt: since,
      initiatedBy: { username: 'ada' },
    },
  ]);
  assert.equal(status.sourceType, 'Kustomize');
  assert.equal(status.controllerNamespace, 'argocd');
});

test('several sources are told as lists', () => {
  const app = application(many);
  const status = writeStatus(report(app), app) as { sync: { revisions?: Json; revision?: Json }; sourceTypes: Json };
  assert.deepEqual(status.sync.revisions, ['a'.repeat(40), 'a'.repeat(40), 'a'.repeat(40)]);
  assert.equal(status.sync.revision, undefined);
  assert.deepEqual(status.sourceTypes, ['Kustomize', 'Kustomize', 'Kustomize']);
});

test('with thousands of objects the status fits, and the troubled ones are kept', () => {
  const app = application();
  const resources = Array.from({ length: 8000 }, (_, n) => resource(n, 'Synced', 'Healthy'));
  resources[7777] = resource(7777, 'OutOfSync', 'Degraded');
  const results = resources.map(({ ref }, n) => ({
    ref,
    status: n === 6666 ? ('SyncFailed' as const) : ('Synced' as const),
    message: `deployment.apps/${ref.name} configured`,
    syncPhase: 'Sync' as const,
    images: [],
  }));
  const full = report(app);
  const status = writeStatus(
    { ...full, resources, ...(full.operation && { operation: { ...full.operation, results } }) },
    app,
  );
  assert.ok(JSON.stringify(status).length < 1_000_000, `${JSON.stringify(status).length}`);
  const read = readReport(status);
  assert.ok(read?.resources.some((item) => item.ref.name === 'deployment-with-a-name-7777'));
  assert.ok(read?.operation?.results.some((item) => item.ref.name === 'deployment-with-a-name-6666'));
  const { omitted } = status.plumbline as { omitted: { resources: number; results: number } };
  assert.equal(omitted.resources, 8000 - (read?.resources.length ?? 0));
  assert.ok(omitted.results > 0);
});

test('huge Helm values in every history entry give way', () => {
  const app = application({
    source: { repoURL: 'https://example.com', chart: 'c', targetRevision: '1', helm: { values: 'x'.repeat(150_000) } },
  });
  const full = report(app);
  const history = Array.from({ length: 10 }, (_, id) => ({ ...(full.history[0] as (typeof full.history)[0]), id }));
  const status = writeStatus({ ...full, history }, app);
  assert.ok(JSON.stringify(status).length < 1_000_000, `${JSON.stringify(status).length}`);
  assert.deepEqual(
    (status.history as { id: number }[]).map((entry) => entry.id),
    [7, 8, 9],
    'the newest stay',
  );
});

describe('the patch between two statuses', () => {
  const base = { a: 1, b: { c: 2, d: [1] }, reconciledAt: '1' };
  for (const [reason, after, patch] of [
    ['nothing changed', { ...base }, undefined],
    ['the time of the reconciliation is no change', { ...base, reconciledAt: '2' }, undefined],
    ['it comes along with a change', { ...base, a: 2, reconciledAt: '2' }, { a: 2, reconciledAt: '2' }],
    ['what vanished is removed', { a: 1, b: { d: [1] } }, { b: { c: null }, reconciledAt: null }],
    ['lists are replaced', { ...base, b: { c: 2, d: [1, 2] } }, { b: { d: [1, 2] } }],
  ] as const)
    test(reason, () => assert.deepEqual(statusPatch(base, after), patch));
});

describe('a hostile status never throws', () => {
  for (const status of [
    null,
    [],
    'x',
    {},
    { sync: 1 },
    { sync: { status: 'Fine' }, health: [], resources: [1, null, {}], conditions: 'x', history: [null, 3] },
    {
      sync: { status: 'Synced' },
      operationState: { operation: { sync: { resources: [1] } }, phase: 3, syncResult: [] },
    },
    {
      sync: { status: 'Synced' },
      plumbline: {
        holds: [{}],
        fields: { a: 1, b: [1] },
        healing: 1,
        verdict: { record: { application: 'x', stages: [] }, outbox: [1] },
      },
    },
  ] as Json[])
    test(JSON.stringify(status), () => {
      readReport(status);
    });
});
