import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert, CommitRecord } from '../model/index.ts';
import { beginTally, tally } from './tally.ts';

type Before = NonNullable<Parameters<typeof tally>[1]>;

function numbers() {
  const counted = new Map<string, number>();
  const seconds: string[] = [];
  const metrics = {
    count: (name: string, labels: Readonly<Record<string, string>> = {}, by = 1) => {
      const key = [name.replace('plumbline_', ''), ...Object.values(labels)].join(' ');
      counted.set(key, (counted.get(key) ?? 0) + by);
    },
    observe: (name: string, value: number) => void seconds.push(`${name.replace('plumbline_', '')} ${value}`),
  };
  return { metrics, counted, seconds };
}

function alert(kind: Alert['kind'], more: Partial<CommitRecord> = {}): Alert {
  const stages = { committed: '2026-01-01T00:00:00Z', seen: '2026-01-01T00:00:02Z' };
  const record = { environment: 'prod', stages, outcome: 'open', rollback: false, ...more } as CommitRecord;
  return { id: kind, kind, at: '2026-01-01T00:00:05Z', record, differences: [], message: '' };
}

test('counters begin at zero, so that their first increase is seen', () => {
  const { metrics, counted } = numbers();
  beginTally(metrics, ['prod']);
  assert.equal(counted.get('alerts_total stalled'), 0);
  assert.equal(counted.get('change_failures_total prod'), 0);
  tally(metrics, undefined, [alert('stalled', { outcome: 'stalled' })]);
  assert.equal(counted.get('alerts_total stalled'), 1);
  assert.equal(counted.get('change_failures_total prod'), 1);
});

test('the four figures: deployments, lead times, failures, times to restore', () => {
  const { metrics, counted, seconds } = numbers();
  const before = { troubledSince: '2026-01-01T00:00:01Z', record: { outcome: 'converged' } } as Before;
  tally(metrics, before, [alert('committed', { rollback: true }), alert('recovered'), alert('converged')]);
  assert.equal(counted.get('deployments_total prod'), 1);
  assert.equal(counted.get('change_failures_total prod'), 1, 'what somebody went back from has failed');
  assert.deepEqual(seconds, ['time_to_restore_seconds 4', 'commit_to_converged_seconds 5']);
});

test('a change that stalled, and that somebody went back from, has failed once', () => {
  const { metrics, counted } = numbers();
  tally(metrics, undefined, [alert('stalled', { outcome: 'stalled' })]);
  const before = { record: { outcome: 'stalled' } } as Before;
  tally(metrics, before, [alert('committed', { rollback: true })]);
  assert.equal(counted.get('change_failures_total prod'), 1);
});

test('a clock that is ahead makes no negative time', () => {
  const { metrics, seconds } = numbers();
  tally(metrics, undefined, [alert('converged', { stages: { committed: '2027-01-01T00:00:00Z' } })]);
  assert.deepEqual(seconds, ['commit_to_converged_seconds 0']);
});
