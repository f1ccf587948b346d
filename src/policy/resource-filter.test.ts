import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSettings, type ResourceFilter } from '../model/index.ts';
import { isExcludedKind } from './resource-filter.ts';

function filter(
  apiGroups: readonly string[],
  kinds: readonly string[],
  clusters: readonly string[] = [],
): ResourceFilter {
  return { apiGroups, kinds, clusters };
}

const rows: readonly {
  readonly reason: string;
  readonly exclusions?: readonly ResourceFilter[];
  readonly inclusions?: readonly ResourceFilter[];
  readonly group: string;
  readonly kind: string;
  readonly excluded: boolean;
}[] = [
  { reason: 'everything is included', group: 'apps', kind: 'Deployment', excluded: false },
  { reason: 'events never', group: '', kind: 'Event', excluded: true },
  {
    reason: 'a glob of groups',
    exclusions: [filter(['*.k8s.io'], ['*'])],
    group: 'x.k8s.io',
    kind: 'Y',
    excluded: true,
  },
  { reason: 'another group', exclusions: [filter(['*.k8s.io'], ['*'])], group: 'apps', kind: 'Y', excluded: false },
  {
    reason: 'another cluster',
    exclusions: [filter(['*'], ['*'], ['https://b'])],
    group: 'apps',
    kind: 'Y',
    excluded: false,
  },
  {
    reason: 'not among the inclusions',
    inclusions: [filter(['apps'], ['Deploy?ent'])],
    group: 'apps',
    kind: 'X',
    excluded: true,
  },
  {
    reason: 'among the inclusions',
    inclusions: [filter(['apps'], ['Deploy?ent'])],
    group: 'apps',
    kind: 'Deployment',
    excluded: false,
  },
  {
    reason: 'exclusions win',
    exclusions: [filter(['apps'], [])],
    inclusions: [filter(['apps'], [])],
    group: 'apps',
    kind: 'Deployment',
    excluded: true,
  },
];

for (const { reason, group, kind, excluded, ...filters } of rows) {
  test(`resource filters: ${reason}`, () => {
    assert.equal(isExcludedKind({ ...defaultSettings, ...filters }, 'https://a', group, kind), excluded);
  });
}

test('resource filters: no pattern is slow', () => {
  const exclusions = [filter([`${'*a'.repeat(50)}b`], ['*'])];
  const begin = performance.now();
  isExcludedKind({ ...defaultSettings, exclusions }, 's', 'a'.repeat(5000), 'K');
  assert.ok(performance.now() - begin < 1000);
});
