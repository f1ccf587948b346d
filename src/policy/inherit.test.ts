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

const expressions = [
  { reason: 'one of several values', operator: 'In', values: ['red', 'blue'], labels: { colour: 'blue' }, want: true },
  { reason: 'none of them', operator: 'In', values: ['red'], labels: { colour: 'blue' }, want: false },
  { reason: 'what is not there is in no list', operator: 'NotIn', values: ['red'], labels: {}, want: true },
  { reason: 'a value that is taken out', operator: 'NotIn', values: ['red'], labels: { colour: 'red' }, want: false },
  { reason: 'the label is there', operator: 'Exists', values: [], labels: { colour: '' }, want: true },
  { reason: 'the label is not there', operator: 'DoesNotExist', values: [], labels: { colour: '' }, want: false },
] as const;

for (const { reason, operator, values, labels, want } of expressions) {
  test(`inherit by expression: ${reason}`, () => {
    const global = { project: 'all', labels: {}, expressions: [{ key: 'colour', operator, values: [...values] }] };
    const project = { name: 'shop', labels: labels as Record<string, string> };
    assert.deepEqual(parentsOf(project, [global]), want ? ['all'] : []);
  });
}
