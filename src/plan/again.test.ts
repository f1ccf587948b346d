import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInstant, idOf, type LiveObject, type OperationState, type ResourceResult } from '../model/index.ts';
import { againAt, anew } from './again.ts';
import type { Hook } from './tasks.ts';

const failedAt = Date.parse('2026-01-02T03:04:05Z');

function result(name: string, hookPhase: NonNullable<ResourceResult['hookPhase']>, more = {}): ResourceResult {
  const ref = { group: 'batch', version: 'v1', kind: 'Job', namespace: 'shop', name };
  return { ref, status: '', message: '', hookType: 'PreSync', hookPhase, syncPhase: 'PreSync', images: [], ...more };
}

function state(phase: OperationState['phase'], results: readonly ResourceResult[], retryCount = 0): OperationState {
  return {
    operation: { id: 'delete-x' } as OperationState['operation'],
    phase,
    message: 'm',
    startedAt: formatInstant(failedAt - 1_000),
    ...(phase === 'Failed' ? { finishedAt: formatInstant(failedAt) } : {}),
    retryCount,
    revisions: ['one'],
    sources: [],
    results,
  };
}

function hook(name: string, isThere: boolean): Hook {
  const { ref } = result(name, 'Running');
  const manifest = { ref, digest: '', body: '{}', steering: {}, origin: '', source: 0 };
  return { id: idOf(ref), manifest, ...(isThere ? { live: { ref } as LiveObject } : {}) };
}

const cases: readonly {
  readonly reason: string;
  readonly state: OperationState;
  readonly revisions?: readonly string[];
  readonly hooks: readonly Hook[];
  /** Seconds after the failure. */
  readonly want: number | 'at once' | undefined;
}[] = [
  { reason: 'what runs has not failed', state: state('Running', [result('a', 'Running')]), hooks: [], want: undefined },
  {
    reason: 'another phase is not meant',
    state: state('Failed', [result('a', 'Failed', { syncPhase: 'PostSync' })]),
    hooks: [],
    want: undefined,
  },
  {
    reason: 'a failed hook whose object is there waits for somebody',
    state: state('Failed', [result('a', 'Failed')]),
    hooks: [hook('a', true)],
    want: Number.POSITIVE_INFINITY,
  },
  {
    reason: 'when Git moves it runs at once',
    state: state('Failed', [result('a', 'Failed')]),
    revisions: ['two'],
    hooks: [hook('a', true)],
    want: 'at once',
  },
  {
    reason: 'when its object is gone it runs after a pause',
    state: state('Failed', [result('a', 'Failed')]),
    hooks: [hook('a', false)],
    want: 5,
  },
  {
    reason: 'that grows',
    state: state('Failed', [result('a', 'Failed')], 3),
    hooks: [hook('a', false)],
    want: 40,
  },
  {
    reason: 'to three minutes, however often',
    state: state('Failed', [result('a', 'Failed')], 500),
    hooks: [],
    want: 180,
  },
  {
    reason: 'one of several that is there is enough to wait',
    state: state('Failed', [result('a', 'Failed'), result('b', 'Failed')]),
    hooks: [hook('a', false), hook('b', true)],
    want: Number.POSITIVE_INFINITY,
  },
  {
    reason: 'one that succeeded does not count',
    state: state('Failed', [result('a', 'Failed'), result('b', 'Succeeded')]),
    hooks: [hook('a', false), hook('b', true)],
    want: 5,
  },
];

for (const { reason, state: before, revisions = ['one'], hooks, want } of cases) {
  test(`again: ${reason}`, () => {
    const at = againAt(before, revisions, hooks, 'PreSync');
    assert.equal(at === 0 ? 'at once' : at === undefined ? undefined : (at - failedAt) / 1_000, want);
  });
}

test('again: the next attempt forgets what failed and what ran, and keeps what succeeded', () => {
  const results = [result('a', 'Failed'), result('b', 'Succeeded'), result('c', 'Running')];
  const next = anew(state('Failed', results), { revisions: ['one'], sources: [] }, 'PreSync');
  assert.deepEqual(
    next.results.map(({ ref }) => ref.name),
    ['b'],
  );
  assert.deepEqual([next.phase, next.retryCount, next.finishedAt], ['Running', 1, undefined]);
  assert.equal(next.operation.id, 'delete-x', 'what still runs is still its own');
});

test('again: at another revision what is there is an earlier run’s', () => {
  const moved = anew(state('Failed', [result('a', 'Failed')]), { revisions: ['two'], sources: [] }, 'PreSync');
  assert.equal(moved.operation.id, 'delete-x#1');
  const again = { ...moved, phase: 'Failed' as const };
  assert.equal(anew(again, { revisions: ['three'], sources: [] }, 'PreSync').operation.id, 'delete-x#2');
});
