import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject, KubeObject } from '../model/index.ts';
import { assessAll, checkedKinds, hasCheck } from './index.ts';
import { conditions, kube, run } from './test-rows.ts';

const rolledOut = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };

run('Deployment', [
  {
    reason: 'all updated and available',
    object: kube('apps/v1', 'Deployment', { spec: { replicas: 2 }, status: rolledOut }),
    want: 'Healthy',
  },
  {
    reason: 'the controller has not seen the newest generation',
    object: kube('apps/v1', 'Deployment', { spec: { replicas: 2 }, status: { ...rolledOut, observedGeneration: 1 } }),
    want: 'Progressing',
    says: /generation/,
  },
  {
    reason: 'old pods are still there',
    object: kube('apps/v1', 'Deployment', { spec: { replicas: 2 }, status: { ...rolledOut, replicas: 3 } }),
    want: 'Progressing',
    says: /1 old replicas/,
  },
  {
    reason: 'no replicas wanted, none there',
    object: kube('apps/v1', 'Deployment', { spec: { replicas: 0 }, status: { observedGeneration: 2 } }),
    want: 'Healthy',
  },
  {
    reason: 'nothing reported yet',
    object: kube('apps/v1', 'Deployment', { spec: { replicas: 1 } }),
    want: 'Progressing',
  },
]);

run('StatefulSet', [
  {
    reason: 'a partition is reached',
    object: kube('apps/v1', 'StatefulSet', {
      spec: { replicas: 3, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } },
      status: { observedGeneration: 2, readyReplicas: 3, updatedReplicas: 1 },
    }),
    want: 'Healthy',
    says: /partitioned roll out complete/,
  },
  {
    reason: 'pods are missing',
    object: kube('apps/v1', 'StatefulSet', {
      spec: { replicas: 3 },
      status: { observedGeneration: 2, readyReplicas: 1 },
    }),
    want: 'Progressing',
    says: /2 pods/,
  },
]);

function pod(restartPolicy: string, status: JsonObject): JsonObject {
  return kube('v1', 'Pod', { spec: { restartPolicy }, status });
}

run('Pod', [
  {
    reason: 'an image cannot be pulled',
    object: pod('Always', {
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } }],
    }),
    want: 'Degraded',
    says: /no such image/,
  },
  {
    reason: 'the same in a hook is not an end',
    object: pod('Never', {
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff', message: 'no such image' } } }],
    }),
    want: 'Progressing',
  },
  {
    reason: 'running and ready',
    object: pod('Always', { phase: 'Running', conditions: conditions(['Ready', 'True']) }),
    want: 'Healthy',
  },
  { reason: 'a hook that runs', object: pod('OnFailure', { phase: 'Running' }), want: 'Progressing' },
  {
    reason: 'a container ended badly',
    object: pod('Never', {
      phase: 'Failed',
      containerStatuses: [{ name: 'main', state: { terminated: { exitCode: 3 } } }],
    }),
    want: 'Degraded',
    says: /"main" failed with exit code 3/,
  },
  {
    reason: 'crashed before and not ready',
    object: pod('Always', {
      phase: 'Running',
      containerStatuses: [{ state: { running: {} }, lastState: { terminated: { exitCode: 1 } } }],
    }),
    want: 'Degraded',
  },
]);

run('other built-in kinds', [
  { reason: 'a ConfigMap says nothing', object: kube('v1', 'ConfigMap', { data: {} }), want: undefined },
  {
    reason: 'a claim waits',
    object: kube('v1', 'PersistentVolumeClaim', { status: { phase: 'Pending' } }),
    want: 'Progressing',
  },
  {
    reason: 'a namespace ends',
    object: kube('v1', 'Namespace', { status: { phase: 'Terminating' } }),
    want: 'Progressing',
  },
  {
    reason: 'an ingress without an address',
    object: kube('networking.k8s.io/v1', 'Ingress', { status: {} }),
    want: 'Progressing',
  },
  {
    reason: 'a resumed Job keeps Suspended as False',
    object: kube('batch/v1', 'Job', { status: { conditions: conditions(['Suspended', 'False']) } }),
    want: 'Progressing',
  },
  {
    reason: 'the last run of a CronJob failed',
    object: kube('batch/v1', 'CronJob', {
      spec: {},
      status: { lastScheduleTime: '2026-01-02T00:00:00Z', lastSuccessfulTime: '2026-01-01T00:00:00Z' },
    }),
    want: 'Degraded',
  },
  {
    reason: 'a child application is what it says',
    object: kube('argoproj.io/v1alpha1', 'Application', { status: { health: { status: 'Degraded', message: 'db' } } }),
    want: 'Degraded',
    says: /db/,
  },
  {
    reason: 'a child application that nobody has looked at',
    object: kube('argoproj.io/v1alpha1', 'Application'),
    want: 'Progressing',
  },
  {
    reason: 'a child application with a made-up status',
    object: kube('argoproj.io/v1alpha1', 'Application', { status: { health: { status: 'Splendid' } } }),
    want: 'Progressing',
  },
  {
    reason: 'an old HorizontalPodAutoscaler keeps its conditions as text',
    object: {
      ...kube('autoscaling/v1', 'HorizontalPodAutoscaler'),
      metadata: {
        annotations: { 'autoscaling.alpha.kubernetes.io/conditions': '[{"type":"AbleToScale","status":"True"}]' },
      },
    },
    want: 'Healthy',
  },
  {
    reason: 'that text may be broken',
    object: {
      ...kube('autoscaling/v1', 'HorizontalPodAutoscaler'),
      metadata: { annotations: { 'autoscaling.alpha.kubernetes.io/conditions': '[{' } },
    },
    want: 'Progressing',
  },
]);

function unknownKind(list: Json, more: JsonObject = {}): JsonObject {
  return kube('example.org/v1', 'Widget', { status: { conditions: list, ...more } });
}

run('a kind nobody knows', [
  { reason: 'without a status', object: kube('example.org/v1', 'Widget'), want: undefined },
  { reason: 'with a status and no condition', object: unknownKind([], { phase: 'Weird' }), want: undefined },
  { reason: 'ready', object: unknownKind(conditions(['Ready', 'True'])), want: 'Healthy' },
  {
    reason: 'not ready yet',
    object: unknownKind(conditions(['Ready', 'False', 'Provisioning', 'two of three'])),
    want: 'Progressing',
    says: /two of three/,
  },
  { reason: 'failed', object: unknownKind(conditions(['Ready', 'False', 'CreateFailed'])), want: 'Degraded' },
  { reason: 'unknown is on its way', object: unknownKind(conditions(['Ready', 'Unknown'])), want: 'Progressing' },
  {
    reason: 'stalled counts above all',
    object: unknownKind(conditions(['Ready', 'True'], ['Stalled', 'True', 'BadSpec'])),
    want: 'Degraded',
    says: /BadSpec/,
  },
  {
    reason: 'the controller is behind',
    object: unknownKind(conditions(['Ready', 'True']), { observedGeneration: 1 }),
    want: 'Progressing',
  },
  {
    reason: 'the condition is of an older generation',
    object: unknownKind([{ type: 'Ready', status: 'True', observedGeneration: 1 }]),
    want: 'Progressing',
  },
  {
    reason: 'available is as good as ready',
    object: unknownKind(conditions(['Progressing', 'True'], ['Available', 'True'])),
    want: 'Healthy',
  },
  {
    reason: 'stopped by a person, whatever it was',
    object: unknownKind(conditions(['Ready', 'True'], ['Paused', 'True', 'Paused', 'by ada'])),
    want: 'Suspended',
    says: /by ada/,
  },
  {
    reason: 'severity Info is waiting',
    object: unknownKind([{ type: 'Ready', status: 'False', reason: 'MachineNotFound', severity: 'Info' }]),
    want: 'Progressing',
  },
]);

const dying = { deletionTimestamp: '2026-01-01T00:00:00Z', generation: 2 };

run('deletion', [
  {
    reason: 'pending, whatever the rest says',
    object: { ...kube('v1', 'ConfigMap'), metadata: dying },
    want: 'Progressing',
    says: /^Pending deletion$/,
  },
  {
    reason: 'what holds it back is named',
    object: { ...kube('v1', 'ConfigMap'), metadata: { ...dying, finalizers: ['a.org/keep', 7, 'b.org/keep'] } },
    want: 'Progressing',
    says: /^Pending deletion; blocked by finalizers: a.org\/keep, b.org\/keep$/,
  },
  {
    reason: 'what goes wrong meanwhile is said',
    object: {
      ...kube('s3.aws.crossplane.io/v1beta1', 'Bucket', {
        status: { conditions: conditions(['Synced', 'False', 'ReconcileError', 'bucket is not empty']) },
      }),
      metadata: dying,
    },
    want: 'Degraded',
    says: /not empty/,
  },
  {
    reason: 'a hook that the engine still holds is judged as it is',
    object: {
      ...kube('batch/v1', 'Job', { status: { conditions: conditions(['Complete', 'True']) } }),
      metadata: { ...dying, finalizers: ['argocd.argoproj.io/hook-finalizer'] },
    },
    want: 'Healthy',
  },
]);

run('wildcards', [
  {
    reason: 'any kind of Config Connector',
    object: kube('sql.cnrm.cloud.google.com/v1beta1', 'SQLUser', {
      status: { observedGeneration: 2, conditions: conditions(['Ready', 'True', 'UpToDate', 'fine']) },
    }),
    want: 'Healthy',
  },
  {
    reason: 'a group of its own kind goes before the wildcard',
    object: kube('iam.aws.crossplane.io/v1beta1', 'Role', {
      status: { conditions: conditions(['Ready', 'True', 'Available']) },
    }),
    want: 'Healthy',
    says: /Available/,
  },
]);

test('hasCheck knows exact kinds, wildcards and nothing else', () => {
  assert.equal(hasCheck('apps', 'Deployment'), true);
  assert.equal(hasCheck('rds.aws.upbound.io', 'Instance'), true);
  assert.equal(hasCheck('', 'ConfigMap'), false);
  assert.equal(hasCheck('', 'constructor'), false);
  assert.ok(checkedKinds().includes('apps/Deployment'));
});

test('no kind has two checks', () => {
  const kinds = checkedKinds();
  assert.deepEqual(kinds, [...new Set(kinds)]);
});

test('assessAll keeps the order, opens lists and names what it saw', () => {
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    metadata: {},
    items: [kube('v1', 'ConfigMap'), pod('Always', { phase: 'Succeeded' }), 7],
  };
  const got = assessAll([list as KubeObject, kube('example.org/v1', 'Widget') as KubeObject]);
  assert.deepEqual(
    got.map((it) => [it.ref.kind, it.health?.status]),
    [
      ['ConfigMap', undefined],
      ['Pod', 'Healthy'],
      ['Widget', undefined],
    ],
  );
});
