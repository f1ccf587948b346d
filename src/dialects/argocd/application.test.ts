// Reading Applications: defaults, precedence, problems with their paths, intent and deletion.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json, JsonObject, KubeObject } from '../../model/index.ts';
import {
  allowAllProject,
  parseDuration,
  parseTrackingId,
  readApplication,
  readDirectives,
  readOperation,
  readPin,
  readProject,
  trackingId,
  writeAllowAllProject,
  writeOperation,
  writePin,
} from './index.ts';

const source = { repoURL: 'https://example.com/r.git', path: 'a' };
const destination = { server: 'https://kubernetes.default.svc', namespace: 'web' };
const context = { controlNamespace: 'argocd' };

function resource(spec: Json, metadata: JsonObject = {}, rest: JsonObject = {}): KubeObject {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'x', namespace: 'argocd', ...metadata },
    spec,
    ...rest,
  };
}

const read = (spec: JsonObject, metadata?: JsonObject, rest?: JsonObject) =>
  readApplication(resource({ source, destination, ...spec }, metadata, rest), context);

describe('problems name the field', () => {
  for (const [reason, spec, problems] of [
    [
      'nothing at all',
      {},
      ['spec.source: one of source, sources and sourceHydrator is needed', 'spec.destination: is needed'],
    ],
    ['no address', { source: { path: 'a' }, destination }, ['spec.source.repoURL: is needed']],
    ['no path', { source: { repoURL: 'r' }, destination }, ['spec.source.path: one of path, chart and ref is needed']],
    ['second source', { sources: [source, { path: 'b' }], destination }, ['spec.sources[1].repoURL: is needed']],
    [
      'a chart with ref',
      { source: { repoURL: 'r', chart: 'c', ref: 'v' }, destination },
      ['spec.source.ref: a chart cannot be referred to by other sources'],
    ],
    [
      'two clusters',
      { source, destination: { server: 's', name: 'n' } },
      ['spec.destination: only one of server and name may be given'],
    ],
    ['no cluster', { source, destination: { namespace: 'n' } }, ['spec.destination: one of server and name is needed']],
    [
      'wrong types',
      { source, destination, syncPolicy: { automated: { prune: 'yes' }, syncOptions: [1] } },
      ['spec.syncPolicy.automated.prune: must be a boolean', 'spec.syncPolicy.syncOptions[0]: must be a string'],
    ],
    [
      'bad duration',
      { source, destination, syncPolicy: { retry: { backoff: { duration: 'soon' } } } },
      ['spec.syncPolicy.retry.backoff.duration: must be a duration such as 30s or 5m'],
    ],
    ['not an object', 7, ['spec: is needed']],
  ] as const)
    test(reason, () =>
      assert.deepEqual([...readApplication(resource(spec as Json), context).problems].sort(), [...problems].sort()),
    );
});

describe('sources are always a list', () => {
  test('sources win over source', () =>
    assert.deepEqual(read({ sources: [{ repoURL: 'b', path: '.' }] }).sources, [
      { repoURL: 'b', path: '', targetRevision: '' },
    ]));
  test('an empty list does not', () => assert.equal(read({ sources: [] }).sources[0]?.repoURL, source.repoURL));
  test('a hydrator is read from its sync source', () =>
    assert.deepEqual(
      read({
        sourceHydrator: {
          drySource: { repoURL: 'd', path: 'p', targetRevision: 'HEAD' },
          syncSource: { targetBranch: 'env/prod', path: 'out' },
        },
      }).sources,
      [{ repoURL: 'd', path: 'out', targetRevision: 'env/prod' }],
    ));
  test('a source that is only referred to has no path', () =>
    assert.equal('path' in (read({ sources: [{ repoURL: 'b', ref: 'v' }] }).sources[0] ?? {}), false));
});

describe('policy', () => {
  test('defaults', () => {
    const app = read({});
    assert.equal(app.project, 'default');
    assert.equal(app.revisionHistoryLimit, 10);
    assert.equal(app.syncPolicy.automated, undefined);
    assert.deepEqual(
      [app.syncPolicy.options.validate, app.syncPolicy.options.prunePropagation, app.syncPolicy.options.prune],
      [true, 'foreground', 'yes'],
    );
  });
  test('automated can be switched off in place', () =>
    assert.equal(read({ syncPolicy: { automated: { enabled: false, prune: true } } }).syncPolicy.automated, undefined));
  test('an empty automated is on', () =>
    assert.deepEqual(read({ syncPolicy: { automated: {} } }).syncPolicy.automated, {
      prune: false,
      selfHeal: false,
      allowEmpty: false,
    }));
  test('options', () => {
    const { options } = read({
      syncPolicy: {
        syncOptions: [
          'Validate=false',
          'Prune=confirm',
          'PrunePropagationPolicy=orphan',
          'Nonsense=1',
          'Replace = true',
        ],
      },
    }).syncPolicy;
    assert.deepEqual(
      [options.validate, options.prune, options.prunePropagation, options.replace],
      [false, 'confirm', 'orphan', true],
    );
  });
  test('retry', () =>
    assert.deepEqual(
      read({ syncPolicy: { retry: { limit: -1, backoff: { duration: '10', maxDuration: '1h30m' } } } }).syncPolicy
        .retry,
      {
        limit: -1,
        delay: 10_000,
        factor: 2,
        maxDelay: 5_400_000,
        refresh: false,
      },
    ));
});

describe('intent', () => {
  const before = read({}).intentDigest;
  for (const [reason, changed, app] of [
    ['status', false, read({}, {}, { status: { sync: { status: 'Synced' } } })],
    [
      'kubectl bookkeeping',
      false,
      read({}, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }),
    ],
    ['notification bookkeeping', false, read({}, { annotations: { 'notified.notifications.argoproj.io': '{}' } })],
    ['resourceVersion and managed fields', false, read({}, { resourceVersion: '7', managedFields: [] })],
    ['spec', true, read({ project: 'p' })],
    ['operation', true, read({}, {}, { operation: { sync: {} } })],
    ['refresh', true, read({}, { annotations: { 'argocd.argoproj.io/refresh': 'hard' } })],
    ['finalizers', true, read({}, { finalizers: ['resources-finalizer.argocd.argoproj.io'] })],
    ['deletion', true, read({}, { deletionTimestamp: '2026-01-01T00:00:00Z' })],
    ['a request to terminate', true, read({}, {}, { status: { operationState: { phase: 'Terminating' } } })],
  ] as const)
    test(`${reason} ${changed ? 'counts' : 'does not count'}`, () =>
      assert.equal(app.intentDigest !== before, changed));
});

describe('metadata', () => {
  test('tracking name outside the control namespace', () =>
    assert.equal(read({}, { namespace: 'team' }).trackingName, 'team_x'));
  test('tracking name inside', () => assert.equal(read({}).trackingName, 'x'));
  for (const [finalizer, cascade] of [
    ['resources-finalizer.argocd.argoproj.io', 'foreground'],
    ['resources-finalizer.argocd.argoproj.io/foreground', 'foreground'],
    ['resources-finalizer.argocd.argoproj.io/background', 'background'],
    ['example.com/other', 'none'],
  ] as const)
    test(`${finalizer} cascades ${cascade}`, () =>
      assert.equal(
        read({}, { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: [finalizer] }).deletion?.cascade,
        cascade,
      ));
  test('refresh and skip-reconcile', () => {
    const app = read(
      {},
      { annotations: { 'argocd.argoproj.io/refresh': 'hard', 'argocd.argoproj.io/skip-reconcile': 'true' } },
    );
    assert.deepEqual([app.refresh, app.skipReconcile], ['hard', true]);
  });
  test('a request to terminate is an operation', () => {
    const status = {
      sync: { status: 'Synced' },
      operationState: { phase: 'Terminating', operation: { sync: { revision: 'r' } }, startedAt: 's' },
      plumbline: { operationId: 'op' },
    };
    const { operation } = read({}, {}, { status });
    assert.deepEqual([operation?.terminate, operation?.id], [true, 'op']);
  });
});

test('an operation goes there and back', () => {
  const written: JsonObject = {
    initiatedBy: { username: 'ada' },
    sync: {
      revision: 'r',
      prune: true,
      dryRun: true,
      syncStrategy: { apply: { force: true } },
      resources: [{ kind: 'ConfigMap', name: 'c' }],
      syncOptions: ['Replace=true'],
      source,
    },
    retry: { limit: 3, backoff: { duration: '1m', factor: 3 } },
    info: [
      { name: 'plumbline.dev/operation-id', value: 'mine' },
      { name: 'n', value: 'v' },
    ],
  };
  const operation = readOperation({ value: written, path: 'operation', problems: [] });
  assert.ok(operation);
  assert.equal(operation.id, 'mine');
  assert.deepEqual(operation.info, [{ name: 'n', value: 'v' }]);
  assert.deepEqual([operation.force, operation.dryRun, operation.revisions], [true, true, ['r']]);
  const again = readOperation({ value: writeOperation(operation, false), path: 'operation', problems: [] });
  assert.deepEqual({ ...again, id: 'mine' }, operation);
});

describe('pins', () => {
  const pin = {
    sources: [{ repoURL: 'r', path: '', targetRevision: 'main' }],
    revisions: ['a'],
    untilRevisionChangesFrom: ['b'],
    by: 'ada',
    reason: 'broken',
  };
  test('go there and back', () => assert.deepEqual(readPin(writePin(pin), []), pin));
  test('a broken one is a problem', () =>
    assert.equal(read({}, { annotations: { 'plumbline.dev/rollback-pin': '{' } }).problems.length, 1));
});

test('the project that allows everything goes there and back', () =>
  assert.deepEqual(readProject(writeAllowAllProject('default', 'argocd')), allowAllProject('default')));

describe('directives', () => {
  for (const [reason, steering, wanted] of [
    ['nothing', {}, { wave: 0, hooks: [], skip: false }],
    ['wave', { 'argocd.argoproj.io/sync-wave': '-5' }, { wave: -5 }],
    ['wave wins over weight', { 'argocd.argoproj.io/sync-wave': '1', 'helm.sh/hook-weight': '7' }, { wave: 1 }],
    ['a wave that is no number', { 'argocd.argoproj.io/sync-wave': 'first' }, { wave: 0 }],
    [
      'hook',
      { 'argocd.argoproj.io/hook': 'PreSync, PostSync' },
      { hooks: ['PreSync', 'PostSync'], hookDelete: ['BeforeHookCreation'] },
    ],
    ['skip', { 'argocd.argoproj.io/hook': 'Skip' }, { hooks: [], skip: true }],
    [
      'Helm hook',
      {
        'helm.sh/hook': 'pre-install,pre-upgrade',
        'helm.sh/hook-weight': '-3',
        'helm.sh/hook-delete-policy': 'hook-succeeded',
      },
      { hooks: ['PreSync'], wave: -3, hookDelete: ['HookSucceeded'] },
    ],
    [
      'Argo CD hook wins over Helm hook',
      { 'argocd.argoproj.io/hook': 'Sync', 'helm.sh/hook': 'pre-install' },
      { hooks: ['Sync'] },
    ],
    ['Helm test', { 'helm.sh/hook': 'test' }, { hooks: [], skip: true }],
    ['Helm 2 CRD', { 'helm.sh/hook': 'crd-install' }, { hooks: [], skip: false }],
    ['keep', { 'helm.sh/resource-policy': 'keep' }, { options: { delete: 'no' } }],
    [
      'options',
      { 'argocd.argoproj.io/sync-options': 'Prune=false,Validate=false, ServerSideApply=false' },
      { options: { prune: 'no', validate: false, serverSideApply: false } },
    ],
    ['compare', { 'argocd.argoproj.io/compare-options': 'IgnoreExtraneous' }, { ignoreExtraneous: true }],
    ['health', { 'argocd.argoproj.io/ignore-healthcheck': 'true' }, { ignoreHealth: true }],
  ] as const)
    test(reason, () => assert.partialDeepStrictEqual(readDirectives(steering as Record<string, string>), wanted));
});

describe('durations', () => {
  for (const [text, ms] of [
    ['5', 5000],
    ['5s', 5000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['300ms', 300],
    ['-1m', -60_000],
    ['', undefined],
    ['5x', undefined],
    ['s', undefined],
  ] as const)
    test(`'${text}'`, () => assert.equal(parseDuration(text), ms));
});

describe('tracking ids', () => {
  for (const ref of [
    { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'x' },
    { group: 'rbac.authorization.k8s.io', kind: 'ClusterRole', namespace: '', name: 'system:node:x' },
    { group: '', kind: 'Namespace', namespace: '', name: 'web' },
  ])
    test(ref.kind, () =>
      assert.deepEqual(parseTrackingId(trackingId('team_app', ref)), { tracking: 'team_app', ...ref }),
    );
  test('something else', () => assert.equal(parseTrackingId('hello'), undefined));
});

test('a project of a wrong form lists its problems and opens no door', () => {
  const project = readProject({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'p' },
    spec: { sourceRepos: 'x', namespaceResourceWhitelist: [], syncWindows: [{ kind: 'sometimes', duration: 'x' }] },
  });
  assert.deepEqual(project.problems, [
    'spec.sourceRepos: must be a list',
    'spec.syncWindows[0].kind: must be allow or deny',
    'spec.syncWindows[0].duration: must be a duration such as 30m or 1h',
  ]);
  assert.deepEqual([project.sourceRepos, project.namespaceAllow, project.windows[0]?.kind], [[], [], 'deny']);
});
