// What is asked of the operator, as it is written down and read back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  automated,
  history,
  merge,
  one,
  operatorOver,
  resource,
  synced,
  three,
  two,
} from '../../../test/doubles/fake-desk.ts';
import type { ApplicationEvent } from '../../contract/index.ts';
import { type JsonObject, type KubeObject, objectAt } from '../../model/index.ts';
import type { Depths } from './parts.ts';

test('a sync is written as the operation field, and is found again by its request', async () => {
  const { operator, application, patches } = operatorOver([resource('web', { status: synced })]);
  const { request } = await operator.sync('argocd/web', {
    by: 'ada',
    revisions: [two],
    prune: true,
    options: { replace: true },
  });
  const { operation } = application('web');
  assert.equal(operation?.id, request);
  assert.deepEqual(operation?.revisions, [two]);
  assert.equal(operation?.prune, true);
  assert.equal(operation?.options?.replace, true);
  assert.equal(operation?.initiatedBy.username, 'ada');
  assert.deepEqual(Object.keys(patches[0] ?? {}), ['operation'], 'nothing else is touched');
  assert.equal((await operator.getApplication('argocd/web')).view.requested, true);
  const other = await operatorOver([resource('web')]).operator.sync('argocd/web', { by: 'ada' });
  assert.notEqual(other.request, '');
});

test('an object that a person names is looked up, and has to be there', async () => {
  const resources = [
    { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'web', name: 'frontend', status: 'Synced' },
  ];
  const frontend = { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'frontend' };
  for (const wanted of [frontend, { group: '', kind: 'deployment', namespace: '', name: 'frontend' }]) {
    const { operator, application } = operatorOver([resource('web', { status: { ...synced, resources } })]);
    await operator.sync('argocd/web', { by: 'ada', only: [wanted] });
    assert.deepEqual(application('web').operation?.only, [frontend]);
  }
  const { operator } = operatorOver([resource('web', { status: { ...synced, resources } })]);
  for (const wrong of [{ name: 'x' }, { kind: 'Service' }, { namespace: 'other' }, { group: 'batch' }]) {
    await assert.rejects(operator.sync('argocd/web', { by: 'ada', only: [{ ...frontend, ...wrong }] }), {
      code: 'not-found',
    });
  }
});

test('several sources take several revisions', async () => {
  const source = { repoURL: 'https://example.org/r.git', path: 'a' };
  const { operator, application } = operatorOver([
    resource('web', { spec: { source: {}, sources: [source, source] } }),
  ]);
  await assert.rejects(operator.sync('argocd/web', { by: 'ada', revisions: [one] }), { code: 'usage' });
  await operator.sync('argocd/web', { by: 'ada', revisions: [one, two] });
  assert.deepEqual(application('web').operation?.revisions, [one, two]);
});

test('nothing is asked of an application that is busy', async () => {
  const running: JsonObject = {
    ...synced,
    operationState: { operation: { sync: {} }, phase: 'Running', startedAt: 'x' },
  };
  const cases: readonly (readonly [reason: string, object: KubeObject, code: string])[] = [
    ['a sync runs', resource('web', { status: running }), 'busy'],
    ['a sync was asked for', resource('web', { status: synced, operation: { sync: {} } }), 'busy'],
    [
      'it is being deleted',
      resource('web', { status: synced, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      'busy',
    ],
    ['it cannot be read', resource('web', { spec: { destination: {} }, status: synced }), 'app-invalid'],
  ];
  for (const [reason, object, code] of cases) {
    const { operator, patches } = operatorOver([object]);
    await assert.rejects(operator.sync('argocd/web', { by: 'ada' }), { code }, reason);
    await assert.rejects(operator.rollback('argocd/web', { by: 'ada', reason: '' }), { code }, reason);
    assert.deepEqual(patches, [], reason);
  }
});

test('a rollback goes to the entry before, and is a pin where automated sync would undo it', async () => {
  const { operator, application } = operatorOver([resource('web', { spec: automated, status: synced })]);
  const answer = await operator.rollback('argocd/web', { by: 'ada', reason: 'broken' });
  assert.deepEqual([answer.historyId, answer.revisions, answer.pinned], [1, [two], true]);
  const { pin, operation } = application('web');
  assert.deepEqual(pin?.revisions, [two]);
  assert.deepEqual(pin?.untilRevisionChangesFrom, [three]);
  assert.deepEqual([pin?.by, pin?.reason], ['ada', 'broken']);
  assert.deepEqual(operation?.revisions, [two]);
  assert.equal(operation?.sources?.[0]?.path, 'web');
  assert.equal(operation?.id, answer.request);
  assert.equal(await operator.unpin('argocd/web'), true);
  assert.equal(application('web').pin, undefined);
  assert.equal(await operator.unpin('argocd/web'), false, 'nothing is left to lift');
});

test('a rollback without automated sync, as a dry run, or to an entry', async () => {
  const manual = operatorOver([resource('web', { status: synced })]);
  const answer = await manual.operator.rollback('argocd/web', { by: 'ada', reason: '', historyId: 0 });
  assert.deepEqual([answer.historyId, answer.pinned], [0, false]);
  assert.equal(manual.application('web').pin, undefined);
  const dry = operatorOver([resource('web', { spec: automated, status: synced })]);
  assert.equal((await dry.operator.rollback('argocd/web', { by: 'ada', reason: '', dryRun: true })).pinned, false);
  await assert.rejects(manual.operator.rollback('argocd/none', { by: 'ada', reason: '' }), { code: 'not-found' });
  const young = operatorOver([resource('web', { status: { ...synced, history: history.slice(0, 1) } })]);
  await assert.rejects(young.operator.rollback('argocd/web', { by: 'ada', reason: '' }), { code: 'not-found' });
  await assert.rejects(young.operator.rollback('argocd/web', { by: 'ada', reason: '', historyId: 9 }), {
    code: 'not-found',
  });
});

test('a second rollback keeps what the first one holds off', async () => {
  const { operator, application, stored } = operatorOver([resource('web', { spec: automated, status: synced })]);
  await operator.rollback('argocd/web', { by: 'ada', reason: 'a' });
  const { operation: _, ...rest } = stored.get('argocd/web') as KubeObject;
  stored.set('argocd/web', merge(rest, { status: { sync: { revision: two } } }) as KubeObject);
  await operator.rollback('argocd/web', { by: 'ada', reason: 'b', historyId: 0 });
  assert.deepEqual(application('web').pin?.untilRevisionChangesFrom, [three]);
});

test('a running sync is asked to end; one that was not picked up is taken back', async () => {
  const running: JsonObject = {
    ...synced,
    operationState: { operation: { sync: {} }, phase: 'Running', startedAt: 'x' },
  };
  const busy = operatorOver([resource('web', { status: running })]);
  await busy.operator.terminate('argocd/web');
  assert.equal(busy.application('web').operation?.terminate, true);
  const waiting = operatorOver([resource('web', { status: synced, operation: { sync: {} } })]);
  await waiting.operator.terminate('argocd/web');
  assert.equal(waiting.application('web').operation, undefined);
  await assert.rejects(operatorOver([resource('web', { status: synced })]).operator.terminate('argocd/web'), {
    code: 'not-found',
  });
});

test('deletion sets the finalizer that cascades, and leaves those of others alone', async () => {
  const finalizers = ['example.org/keep', 'resources-finalizer.argocd.argoproj.io'];
  const cases = [
    ['none', ['example.org/keep']],
    ['foreground', undefined],
    ['background', ['example.org/keep', 'resources-finalizer.argocd.argoproj.io/background']],
  ] as const;
  for (const [cascade, wanted] of cases) {
    const { operator, patches, stored } = operatorOver([resource('web', { metadata: { finalizers } })]);
    await operator.deleteApplication('argocd/web', { cascade });
    assert.deepEqual(patches, wanted === undefined ? [] : [{ metadata: { finalizers: wanted } }], cascade);
    assert.equal(stored.size, 0);
  }
});

test('an application is created, and with upsert made to be what is asked', async () => {
  const { operator, stored } = operatorOver([
    resource('web', { spec: { ...automated, info: [] }, metadata: { labels: { a: 'b' } } }),
  ]);
  await assert.rejects(operator.createApplication(resource('web')), { code: 'already-exists' });
  await operator.createApplication(resource('web', { metadata: { labels: { c: 'd' } } }), { upsert: true });
  const after = stored.get('argocd/web');
  assert.deepEqual(objectAt(after, 'spec'), resource('web').spec, 'what is no longer asked for goes');
  assert.deepEqual(objectAt(after, 'metadata', 'labels'), { a: 'b', c: 'd' });
  const cases: readonly (readonly [reason: string, object: JsonObject])[] = [
    ['another kind', { ...resource('x'), kind: 'ConfigMap' }],
    ['no metadata', { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' }],
    ['no spec', { ...resource('x'), spec: null }],
  ];
  for (const [reason, object] of cases)
    await assert.rejects(operator.createApplication(object), { code: 'app-invalid' }, reason);
});

test('lists are narrowed', async () => {
  const { operator } = operatorOver([
    resource('web', { status: synced, metadata: { labels: { team: 'web', tier: 'front' } } }),
    resource('api', { metadata: { labels: { team: 'api' } }, spec: { project: 'other' } }),
    resource('job', {
      metadata: { namespace: 'team' },
      spec: { source: { repoURL: 'git@example.org:s.git', path: 'x' }, destination: { name: 'prod', namespace: 'x' } },
    }),
  ]);
  const cases: readonly (readonly [filter: Parameters<typeof operator.listApplications>[0], names: string])[] = [
    [{}, 'api web job'],
    [{ namespace: 'argocd' }, 'api web'],
    [{ keys: ['argocd/web', 'argocd/none'] }, 'web'],
    [{ projects: ['other'] }, 'api'],
    [{ selector: 'team=web' }, 'web'],
    [{ selector: 'team' }, 'api web'],
    [{ selector: '!team' }, 'job'],
    [{ selector: 'team!=web' }, 'api job'],
    [{ selector: 'team in (web, api),tier' }, 'web'],
    [{ selector: 'team notin (web)' }, 'api job'],
    [{ repo: 'https://example.org/r' }, 'api web'],
    [{ repo: 'ssh://git@example.org:22/s.git' }, 'job'],
    [{ sync: ['Synced'] }, 'web'],
    [{ sync: ['Unknown'], health: ['Unknown'] }, 'api job'],
    [{ cluster: 'in-cluster' }, 'api web'],
    [{ cluster: 'prod' }, 'job'],
  ];
  for (const [filter, names] of cases) {
    assert.equal(
      (await operator.listApplications(filter)).map((view) => view.name).join(' '),
      names,
      JSON.stringify(filter),
    );
  }
  await assert.rejects(operator.listApplications({ selector: 'a b c' }), { code: 'usage' });
});

test('a watch tells what is, what changes, and what leaves', async () => {
  const { operator } = operatorOver([resource('web', { status: synced }), resource('api')]);
  const events: string[] = [];
  const note = (event: ApplicationEvent) => {
    events.push(
      event.kind === 'put' ? `put ${event.detail.view.name}` : event.kind === 'gone' ? `gone ${event.key}` : event.kind,
    );
  };
  const stop = operator.watch({ sync: ['Synced'] }, note);
  await operator.refresh('argocd/web', 'hard');
  await operator.refresh('argocd/api', 'hard');
  await operator.deleteApplication('argocd/web', { cascade: 'none' });
  stop();
  assert.deepEqual(events, ['put web', 'put web', 'gone argocd/web']);
});

test('live objects are shown without what is secret or noise', async () => {
  const ref = { group: '', version: 'v1', kind: 'Secret', namespace: 'web', name: 's' };
  const secret: KubeObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 's',
      managedFields: [],
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"aGk="}}',
        x: 'y',
        token: 'hidden',
      },
    },
    data: { a: 'aGk=' },
  };
  const cluster = { read: async () => secret };
  const status = { ...synced, resources: [{ ...ref, status: 'Synced' }] };
  const store = { settings: () => ({ sensitiveAnnotations: ['token'] }) };
  const depths = { clusters: { get: async () => cluster }, store } as unknown as Partial<Depths>;
  const { operator } = operatorOver([resource('web', { status })], depths);
  const { objects } = await operator.manifests('argocd/web', { from: 'live' });
  const annotations = { x: 'y', token: '++++++++' };
  assert.deepEqual(objects, [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', annotations }, data: { a: '++++++++' } },
  ]);
});
