import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parentsOf } from './inherit.ts';

const globals = [
  { project: 'everywhere', labels: {} },
  { project: 'teams', labels: { kind: 'team' } },
  { project: 'blue', labels: { kind: 'team', colour: 'blue' } },
];

const cases = [
  { reason: 'a selector without labels means everybody', name: 'shop', labels: {}, want: ['everywhere'] },
  { reason: 'all labels of a selector count', name: 'shop', labels: { kind: 'team' }, want: ['everywhere', 'teams'] },
  {
    reason: 'in the order of the settings',
    name: 'shop',
    labels: { colour: 'blue', kind: 'team' },
    want: ['everywhere', 'teams', 'blue'],
  },
  { reason: 'never from itself', name: 'everywhere', labels: {}, want: [] },
];

for (const { reason, name, labels, want } of cases) {
  test(`inherit: ${reason}`, () => {
    assert.deepEqual(parentsOf({ name, labels: labels as Record<string, string> }, globals), want);
  });
}
