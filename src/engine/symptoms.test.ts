import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert, Application } from '../model/index.ts';
import { EngineError } from '../model/index.ts';
import type { Cluster, Clusters } from '../ports/index.ts';
import { withSymptoms } from './symptoms.ts';

const deployment = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'web', name: 'shop' };
const app = { trackingName: 'shop', project: 'default', destination: { namespace: 'web' } } as Application;

function alertOf(kind: Alert['kind']): Alert {
  const blocked = { what: 'it is Degraded', object: deployment, advice: 'look' };
  return { id: 'i', kind, at: '', record: { blocked } as Alert['record'], differences: [], message: '' };
}

function clusters(more: Partial<Cluster>): Clusters {
  const pod = { ...deployment, group: '', kind: 'Pod', name: 'shop-1' };
  const health = { status: 'Degraded' as const };
  const node = { ref: pod, uid: 'u', parentUids: [], createdAt: '', health, images: [], resourceVersion: '1' };
  const cluster = {
    events: async () => [{ involvedObject: { kind: 'Deployment' }, reason: 'Failed', message: 'no room' }],
    tree: async () => [node],
    logs: async () => 'one\ntwo\n',
    ...more,
  };
  return { get: async () => cluster } as unknown as Clusters;
}

test('symptoms: a stalled alert tells events and logs of what blocks', async () => {
  const told = await withSymptoms(clusters({}), alertOf('stalled'), app);
  assert.deepEqual(told.symptoms, ['event Deployment: Failed: no room', 'log shop-1: one', 'log shop-1: two']);
});

test('symptoms: other alerts ask nothing', async () => {
  const none = { get: () => Promise.reject(new Error('asked')) } as unknown as Clusters;
  assert.equal((await withSymptoms(none, alertOf('converged'), app)).symptoms, undefined);
});

test('symptoms: a cluster that does not answer holds no alert back', async () => {
  const mute = clusters({ events: () => Promise.reject(new EngineError('cluster-unreachable', 'no answer')) });
  assert.equal((await withSymptoms(mute, alertOf('stalled'), app)).symptoms, undefined);
});

test('symptoms: logs that cannot be read are left out', async () => {
  const mute = clusters({ logs: () => Promise.reject(new EngineError('cluster-unreachable', 'no kubelet')) });
  const told = await withSymptoms(mute, alertOf('stalled'), app);
  assert.deepEqual(told.symptoms, ['event Deployment: Failed: no room']);
});
