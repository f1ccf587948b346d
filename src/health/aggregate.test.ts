import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthStatus } from '../model/index.ts';
import { aggregate, type HealthInput } from './index.ts';

function input(name: string, status: HealthStatus | undefined, more: Partial<HealthInput> = {}): HealthInput {
  const ref = { group: 'apps', kind: 'Deployment', namespace: 'web', name };
  return { ref, exists: true, ...(status === undefined ? {} : { health: { status } }), ...more };
}

const gone = { exists: false } as const;
const child = { ref: { group: 'argoproj.io', kind: 'Application', namespace: 'argocd', name: 'child' } } as const;

const rows: readonly { reason: string; inputs: readonly HealthInput[]; want: HealthStatus }[] = [
  { reason: 'nothing managed', inputs: [], want: 'Healthy' },
  { reason: 'the worst counts', inputs: [input('a', 'Healthy'), input('b', 'Degraded')], want: 'Degraded' },
  {
    reason: 'progressing is worse than suspended',
    inputs: [input('a', 'Suspended'), input('b', 'Progressing')],
    want: 'Progressing',
  },
  { reason: 'unknown is worst', inputs: [input('a', 'Unknown'), input('b', 'Degraded')], want: 'Unknown' },
  { reason: 'a kind without health does not count', inputs: [input('a', undefined)], want: 'Healthy' },
  { reason: 'one missing of two', inputs: [input('a', 'Healthy'), input('b', undefined, gone)], want: 'Healthy' },
  { reason: 'all missing', inputs: [input('a', undefined, gone), input('b', undefined, gone)], want: 'Missing' },
  {
    reason: 'what an ordered sync has not reached is on its way',
    inputs: [input('a', 'Healthy'), input('b', undefined, { ...gone, pending: true })],
    want: 'Progressing',
  },
  {
    reason: 'a first sync is on its way from the start',
    inputs: [input('a', undefined, { ...gone, pending: true })],
    want: 'Progressing',
  },
  { reason: 'hooks do not count', inputs: [input('a', 'Degraded', { hook: true })], want: 'Healthy' },
  { reason: 'orphans do not count', inputs: [input('a', 'Degraded', { orphan: true })], want: 'Healthy' },
  { reason: 'ignored objects do not count', inputs: [input('a', 'Degraded', { ignored: true })], want: 'Healthy' },
  { reason: 'a missing child application', inputs: [input('a', 'Missing', child)], want: 'Healthy' },
  { reason: 'an unknown child application', inputs: [input('a', 'Unknown', child)], want: 'Healthy' },
  { reason: 'a degraded child application', inputs: [input('a', 'Degraded', child)], want: 'Degraded' },
  { reason: 'a kind that says Missing of itself', inputs: [input('a', 'Missing')], want: 'Missing' },
];

for (const { reason, inputs, want } of rows) {
  test(`aggregate: ${reason}`, () => assert.equal(aggregate(inputs).status, want));
}

test('the message names up to three causes on one line', () => {
  const inputs = ['a', 'b', 'c', 'd', 'e'].map((name) =>
    input(name, 'Degraded', { health: { status: 'Degraded', message: `why\n${name}` } }),
  );
  const { message } = aggregate([input('fine', 'Progressing'), ...inputs]);
  assert.equal(
    message,
    'Caused by Deployment web/a: why a; Deployment web/b: why b; Deployment web/c: why c; and 2 more',
  );
});

test('a healthy application needs no message', () =>
  assert.equal(aggregate([input('a', 'Healthy')]).message, undefined));
