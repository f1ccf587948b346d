import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApplicationDetail, ApplicationView, ObjectView } from '../contract/index.ts';
import { rowOf } from './row.ts';

const sha = '0123456789012345678901234567890123456789';

function detail(view: Partial<ApplicationView>, objects: readonly Partial<ObjectView>[] = []): ApplicationDetail {
  const plain = {
    key: 'argocd/web',
    name: 'web',
    sync: 'Synced',
    health: { status: 'Healthy' },
    revisions: [sha],
    conditions: [],
    holds: [],
    requested: false,
    deleting: false,
    pinned: false,
    ...view,
  };
  return { view: plain, objects: objects.map(object) } as unknown as ApplicationDetail;
}

function object(some: Partial<ObjectView>): Partial<ObjectView> {
  const ref = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'web', name: 'front' };
  return { ref, status: 'Synced', hook: false, ...some };
}

const running = { phase: 'Running' } as NonNullable<ApplicationView['operation']>;

const cases: readonly {
  readonly reason: string;
  readonly of: ApplicationDetail;
  readonly is: Partial<ReturnType<typeof rowOf>>;
}[] = [
  {
    reason: 'hooks are not objects, objects without health are healthy',
    of: detail({}, [{}, { health: { status: 'Progressing' } }, { hook: true, status: '' }]),
    is: { good: 1, total: 2, converged: true, revision: '0123456', why: '' },
  },
  { reason: 'not converged while a sync runs', of: detail({ operation: running }), is: { converged: false } },
  { reason: 'not converged while a sync is asked for', of: detail({ requested: true }), is: { converged: false } },
  {
    reason: 'what differs is said with its first field',
    of: detail({ sync: 'OutOfSync' }, [
      { status: 'OutOfSync', fields: [{ path: '/spec/replicas', live: '1', desired: '3' }] },
      { status: 'OutOfSync' },
    ]),
    is: { converged: false, why: 'Deployment/front /spec/replicas: 1 instead of 3 and 1 more' },
  },
  {
    reason: 'an error comes before what is unhealthy, on one line and without control characters',
    of: detail({
      sync: 'Unknown',
      health: { status: 'Unknown' },
      conditions: [{ type: 'ComparisonError', message: 'no\nsuch \u001b[2Jpath', since: '' }],
    }),
    is: { why: 'ComparisonError: no such [2Jpath' },
  },
  {
    reason: 'an unhealthy object says what it waits for',
    of: detail({ health: { status: 'Progressing' } }, [
      { health: { status: 'Progressing', message: 'Waiting for rollout to finish: 0 of 3 pods' } },
    ]),
    is: { why: 'Deployment/front: 0 of 3 pods' },
  },
  { reason: 'a pin is told', of: detail({ pinned: true }), is: { pinned: true, why: 'pinned until the next commit' } },
];

for (const { reason, of, is } of cases) {
  test(reason, () => {
    const row = rowOf(of);
    assert.deepEqual(Object.fromEntries(Object.keys(is).map((key) => [key, row[key as keyof typeof row]])), is);
  });
}
