import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, type KubeObject, splitApiVersion } from '../model/index.ts';
import { actionKinds, builtInActions, discoveredActions, effectsOfScript } from './index.ts';

const now = '2026-03-01T12:34:56Z';
const object = (apiVersion: string, kind: string, more: JsonObject = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', namespace: 'n', uid: 'u' },
  ...more,
});
const deployment = (spec: JsonObject = {}) => object('apps/v1', 'Deployment', { spec });
const rollout = (spec: JsonObject = {}, status: JsonObject = {}) =>
  object('argoproj.io/v1alpha1', 'Rollout', { spec, status: { currentPodHash: 'a', stableRS: 'b', ...status } });

const postgres = (currentPrimary: string) =>
  object('postgresql.cnpg.io/v1', 'Cluster', {
    status: { currentPrimary, instancesStatus: { healthy: ['p-1', 'p-2', 'p-3'] } },
  });

function find(subject: KubeObject, name: string) {
  const found = builtInActions(splitApiVersion(subject.apiVersion).group, subject.kind).find(
    (one) => one.name === name,
  );
  assert.ok(found, name);
  return found;
}

for (const [reason, subject, name, params, wanted] of [
  [
    'as kubectl does it',
    deployment(),
    'restart',
    {},
    { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': now } } } } },
  ],
  ['to a number', deployment(), 'scale', { replicas: '3' }, { spec: { replicas: 3 } }],
  ['to none', deployment(), 'scale', { replicas: '0' }, { spec: { replicas: 0 } }],
  ['what is paused goes on', rollout({ paused: true }), 'resume', {}, { spec: { paused: false } }],
  [
    'past a pause of a step',
    rollout({}, { pauseConditions: [{}], controllerPause: true }),
    'resume',
    {},
    { status: { pauseConditions: null, controllerPause: false } },
  ],
  [
    'the step after this one',
    rollout({ strategy: { canary: { steps: [{}, {}, {}] } } }, { currentStepIndex: 2, pauseConditions: [{}] }),
    'skip-current-step',
    {},
    { status: { currentStepIndex: 3, pauseConditions: null } },
  ],
  [
    'on again with its options',
    object('argoproj.io/v1alpha1', 'Application', {
      spec: { syncPolicy: { automated: { prune: true, enabled: false } } },
    }),
    'toggle-auto-sync',
    {},
    { spec: { syncPolicy: { automated: { enabled: true } } } },
  ],
  [
    'when it was asked for',
    object('helm.toolkit.fluxcd.io/v2', 'HelmRelease'),
    'reconcile',
    {},
    { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': now } } },
  ],
  [
    'deep below',
    object('numaplane.numaproj.io/v1alpha1', 'PipelineRollout'),
    'pause',
    {},
    { spec: { pipeline: { spec: { lifecycle: { desiredPhase: 'Paused' } } } } },
  ],
  [
    'the pace beside the phase',
    object('numaplane.numaproj.io/v1alpha1', 'PipelineRollout', {
      spec: { pipeline: { spec: { lifecycle: { desiredPhase: 'Paused' } } } },
    }),
    'unpause-gradual',
    {},
    {
      spec: {
        pipeline: {
          spec: { lifecycle: { desiredPhase: 'Running' } },
          metadata: { annotations: { 'numaflow.numaproj.io/resume-strategy': 'slow' } },
        },
      },
    },
  ],
  [
    'with the least number of pods',
    object('numaflow.numaproj.io/v1alpha1', 'MonoVertex', { spec: { lifecycle: { desiredPhase: 'Paused' } } }),
    'unpause-gradual',
    {},
    { spec: { lifecycle: { desiredPhase: 'Running' }, replicas: null } },
  ],
  [
    'whatever its assessment says',
    object('numaplane.numaproj.io/v1alpha1', 'ISBServiceRollout'),
    'enable-force-promote',
    {},
    { spec: { strategy: { progressive: { forcePromote: true } } } },
  ],
  [
    'the next healthy one',
    postgres('p-3'),
    'promote',
    { instance: 'any' },
    {
      status: {
        targetPrimary: 'p-1',
        targetPrimaryTimestamp: now,
        phase: 'Switchover in progress',
        phaseReason: 'Switching over to p-1',
      },
    },
  ],
  [
    'both annotations go',
    object('keda.sh/v1alpha1', 'ScaledObject', {
      metadata: { name: 'x', annotations: { 'autoscaling.keda.sh/paused-replicas': '2' } },
    }),
    'resume',
    {},
    { metadata: { annotations: { 'autoscaling.keda.sh/paused-replicas': null } } },
  ],
  [
    'the field of the newer version',
    object('cluster.x-k8s.io/v1beta2', 'MachineDeployment'),
    'restart',
    {},
    { spec: { rollout: { after: now } } },
  ],
  ['nothing changes in it', object('capsule.clastix.io/v1beta2', 'Tenant'), 'cordon', {}, { spec: { cordoned: true } }],
] as const)
  test(`${subject.kind} ${name}: ${reason}`, () => {
    assert.equal(find(subject, name).hindered?.(subject), undefined);
    assert.deepEqual(find(subject, name).run(subject, { params, now }), [{ kind: 'patch', patch: wanted }]);
  });

for (const [reason, subject, name] of [
  ['it is paused', deployment({ paused: true }), 'pause'],
  ['it is not paused', deployment(), 'resume'],
  ['a paused one is not restarted', deployment({ paused: true }), 'restart'],
  ['it has not been aborted', rollout(), 'retry'],
  ['it is complete', rollout({}, { stableRS: 'a' }), 'promote-full'],
  ['it has no steps', rollout({ strategy: { blueGreen: {} } }), 'skip-current-step'],
  ['there is no replica', object('postgresql.cnpg.io/v1', 'Cluster'), 'promote'],
  [
    'it has ended',
    object('batch/v1', 'Job', { status: { conditions: [{ type: 'Failed', status: 'True' }] } }),
    'suspend',
  ],
] as const)
  test(`${subject.kind} ${name} is not possible: ${reason}`, () =>
    assert.equal(typeof find(subject, name).hindered?.(subject), 'string'));

test('a scale without a number is refused', () => {
  for (const replicas of ['', '-1', 'many', '1.5'])
    assert.equal(typeof find(deployment(), 'scale').run(deployment(), { params: { replicas }, now }), 'string');
});

test('a Job of a CronJob', () => {
  const spec = { jobTemplate: { metadata: { labels: { a: 'b' } }, spec: { template: {} } } };
  const [effect] = find(object('batch/v1', 'CronJob', { spec }), 'create-job').run(
    object('batch/v1', 'CronJob', { spec }),
    {
      params: {},
      now,
    },
  );
  assert.partialDeepStrictEqual(effect, {
    kind: 'create',
    object: {
      kind: 'Job',
      metadata: { name: 'x-20260301123456', namespace: 'n', labels: { a: 'b' }, ownerReferences: [{ uid: 'u' }] },
      spec: { template: {} },
    },
  });
});

test('a named replica that is not healthy is not promoted', () => {
  const subject = postgres('p-1');
  assert.equal(typeof find(subject, 'promote').run(subject, { params: { instance: 'p-1' }, now }), 'string');
});

test('a Backup of a ScheduledBackup', () => {
  const subject = object('postgresql.cnpg.io/v1', 'ScheduledBackup', {
    spec: { schedule: '0 0 0 * * *', cluster: { name: 'pg' }, method: 'plugin' },
  });
  const [effect] = find(subject, 'create-backup').run(subject, { params: {}, now });
  assert.partialDeepStrictEqual(effect, {
    kind: 'create',
    object: {
      kind: 'Backup',
      metadata: { name: 'x-20260301123456', labels: { 'cnpg.io/cluster': 'pg' }, ownerReferences: [{ uid: 'u' }] },
      spec: { cluster: { name: 'pg' }, method: 'plugin' },
    },
  });
  assert.ok(
    typeof effect === 'object' && effect.kind === 'create' && !('schedule' in (effect.object.spec as JsonObject)),
  );
});

test('a Workflow of a CronWorkflow is for the same controller', () => {
  const subject = object('argoproj.io/v1alpha1', 'CronWorkflow', {
    metadata: { name: 'x', labels: { 'workflows.argoproj.io/controller-instanceid': 'blue' } },
    spec: { workflowSpec: { entrypoint: 'main' }, workflowMetadata: { labels: { a: 'b' }, finalizers: ['f'] } },
  });
  const [effect] = find(subject, 'create-workflow').run(subject, { params: {}, now });
  assert.partialDeepStrictEqual(effect, {
    object: {
      metadata: {
        labels: { a: 'b', 'workflows.argoproj.io/controller-instanceid': 'blue' },
        annotations: { 'workflows.argoproj.io/scheduled-time': now },
        finalizers: ['f'],
      },
      spec: { entrypoint: 'main' },
    },
  });
});

test('names are told apart within a kind', () => {
  for (const [kind, names] of actionKinds()) assert.equal(new Set(names).size, names.length, kind);
});

for (const [reason, text, wanted] of [
  ['nothing', '[]', []],
  ['nil', 'null', []],
  [
    'two, sorted, one of them disabled',
    '{"b":{"disabled":true},"a":{"displayName":"A","params":[{"name":"n","default":"1","type":"number"}]}}',
    [
      { name: 'a', displayName: 'A', disabled: false, params: [{ name: 'n', about: 'number', default: '1' }] },
      { name: 'b', displayName: '', disabled: true, params: [] },
    ],
  ],
  ['an empty table as an action', '{"a":[]}', [{ name: 'a', displayName: '', disabled: false, params: [] }]],
  ['no table', '"restart"', 'string'],
] as const)
  test(`discovery: ${reason}`, () => {
    const found = discoveredActions(text);
    if (wanted === 'string') assert.equal(typeof found, 'string');
    else assert.deepEqual(found, wanted);
  });

const before = deployment({ replicas: 1, selector: {}, list: [], nothing: null });
const json = (value: JsonObject): string => JSON.stringify(value);
const { nothing: _, ...spec } = before.spec as JsonObject;

for (const [reason, text, wanted] of [
  [
    'the object as it should be',
    json({ ...before, spec: { ...spec, replicas: 2 } }),
    [{ kind: 'patch', patch: { spec: { replicas: 2 } } }],
  ],
  ['empty maps are no empty lists', json({ ...before, spec: { ...spec, selector: [] } }), []],
  [
    'a list of writes',
    JSON.stringify([
      { operation: 'patch', resource: { ...before, spec: { ...spec, replicas: 2 } } },
      { operation: 'create', resource: object('v1', 'Pod') },
    ]),
    [
      { kind: 'patch', patch: { spec: { replicas: 2 } } },
      { kind: 'create', object: object('v1', 'Pod') },
    ],
  ],
  ['an empty list', '[]', []],
  ['another object', json({ ...before, metadata: { name: 'y', namespace: 'n' } }), 'string'],
  ['another kind', json({ ...before, kind: 'Secret' }), 'string'],
  ['a deletion', JSON.stringify([{ operation: 'delete', resource: before }]), 'string'],
  ['a creation of nothing', JSON.stringify([{ operation: 'create', resource: { kind: 'Pod' } }]), 'string'],
  ['nothing', 'null', 'string'],
] as const)
  test(`an action's answer: ${reason}`, () => {
    const effects = effectsOfScript(before, text);
    if (wanted === 'string') assert.equal(typeof effects, 'string');
    else assert.deepEqual(effects, wanted);
  });
