// Applications as tests of the command line show them.
import type { ApplicationDetail, ApplicationView, ObjectView } from '../../src/contract/index.ts';
import { type Application, type Hold, idOf, type ObjectRef, type Report } from '../../src/model/index.ts';

/** The moment at which everything in the samples is looked at. */
export const sampleNow = Date.parse('2026-03-01T12:00:00Z');
export const shaA = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d';
export const shaB = '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c';

const hold: Hold = {
  reason: 'waits-for-health',
  message: 'Deployment web/frontend is progressing: 1 of 3 updated replicas are available',
  objects: ['/Service/web/frontend'],
  on: 'apps/Deployment/web/frontend',
};

function ref(kind: string, name: string, group = '', namespace = 'web'): ObjectRef {
  return { group, version: 'v1', kind, namespace, name };
}

function object(at: ObjectRef, more: Partial<ObjectView> = {}): ObjectView {
  const plain: ObjectView = {
    ref: at,
    id: idOf(at),
    status: 'Synced',
    health: { status: 'Healthy' },
    hook: false,
    requiresPruning: false,
    wave: 0,
    waitsFor: [],
  };
  return { ...plain, ...more };
}

/** A detail made of a view; what is not said is as in a quiet application. */
export function sampleDetail(
  more: Partial<ApplicationView> = {},
  objects: readonly ObjectView[] = [],
): ApplicationDetail {
  const name = more.name ?? 'guestbook';
  const namespace = more.namespace ?? 'argocd';
  const source = { repoURL: 'https://github.com/acme/deploy.git', path: `apps/${name}`, targetRevision: 'main' };
  const view: ApplicationView = {
    key: `${namespace}/${name}`,
    namespace,
    name,
    project: 'default',
    dialect: 'argocd',
    labels: {},
    sources: [source],
    destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
    automated: true,
    sync: 'Synced',
    health: { status: 'Healthy' },
    healthSince: '2026-03-01T11:55:00Z',
    revisions: [shaA],
    requested: false,
    refreshing: false,
    deleting: false,
    pinned: false,
    holds: [],
    conditions: [],
    reconciledAt: '2026-03-01T11:59:30Z',
    ...more,
  };
  return { view, application: applicationOf(view, objects), objects };
}

function applicationOf(view: ApplicationView, objects: readonly ObjectView[]): Application {
  const report: Report = {
    sync: { status: view.sync, revisions: view.revisions, sources: view.sources },
    health: { ...view.health, since: view.healthSince },
    resources: objects,
    conditions: view.conditions,
    history: [],
    summary: { images: [], urls: [], isAppOfApps: false },
    sourceTypes: ['Directory'],
    holds: view.holds,
    reconciledAt: view.reconciledAt,
  };
  return {
    key: view.key,
    namespace: view.namespace,
    name: view.name,
    uid: 'u1',
    dialect: 'argocd',
    trackingName: view.name,
    project: view.project,
    sources: view.sources,
    destination: view.destination,
    syncPolicy: {
      ...(view.automated ? { automated: { prune: true, selfHeal: true, allowEmpty: false } } : {}),
      options: {
        validate: true,
        createNamespace: false,
        prunePropagation: 'foreground',
        pruneLast: false,
        replace: false,
        force: false,
        serverSideApply: true,
        migrateManagers: true,
        applyOutOfSyncOnly: false,
        respectIgnoreDifferences: false,
        failOnSharedResource: false,
        skipDryRunOnMissingResource: false,
        prune: 'yes',
        delete: 'yes',
      },
    },
    ignoreDifferences: [],
    info: [],
    revisionHistoryLimit: 10,
    labels: view.labels,
    annotations: {},
    finalizers: [],
    skipReconcile: false,
    intentDigest: 'd',
    report,
    problems: [],
    rawSpec: {},
  };
}

/** One that is quiet, one that rolls out and waits, one that is broken. */
export const sampleDetails: readonly ApplicationDetail[] = [
  sampleDetail({}, [object(ref('Service', 'frontend')), object(ref('Deployment', 'frontend', 'apps'))]),
  sampleDetail(
    {
      name: 'shop',
      project: 'team-web',
      sync: 'OutOfSync',
      health: { status: 'Progressing' },
      healthSince: '2026-03-01T11:59:50Z',
      holds: [hold],
      operation: {
        phase: 'Running',
        message: 'wave 0 of 2',
        startedAt: '2026-03-01T11:59:48Z',
        retryCount: 0,
        by: 'automated',
        dryRun: false,
        request: '',
        revisions: [shaA],
      },
    },
    [
      object(ref('Service', 'frontend'), { status: 'OutOfSync', waitsFor: [hold], wave: 1 }),
      object(ref('Deployment', 'frontend', 'apps'), {
        health: { status: 'Progressing', message: '1 of 3 updated replicas are available' },
      }),
      object(ref('ConfigMap', 'old'), { status: 'OutOfSync', requiresPruning: true }),
    ],
  ),
  sampleDetail({
    name: 'billing',
    automated: false,
    sync: 'Unknown',
    health: { status: 'Degraded', message: 'Deployment billing/api: crash loop' },
    revisions: [],
    conditions: [
      {
        type: 'ComparisonError',
        message: 'path-not-found: apps/billing: the revision has no such path',
        since: '2026-03-01T09:00:00Z',
      },
    ],
  }),
];
