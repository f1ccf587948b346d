import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IgnoreRule, Json, JsonObject } from '../model/index.ts';
import { ignoredPaths, type Path, rulesMark, spare } from './index.ts';

const rule = (more: Partial<IgnoreRule>): IgnoreRule => ({
  group: '*',
  kind: '*',
  namespace: '',
  name: '',
  jsonPointers: [],
  jqPathExpressions: [],
  managers: [],
  ...more,
});

/** A live object whose fields belong to whom `owners` says. */
function live(spec: JsonObject, owners: Readonly<Record<string, JsonObject>>): JsonObject {
  const managedFields = Object.entries(owners).map(([manager, fields]) => ({
    manager,
    fieldsV1: { 'f:spec': fields },
  }));
  return { metadata: { managedFields }, spec };
}

type Case = {
  readonly reason: string;
  readonly desired: JsonObject;
  readonly live: JsonObject;
  readonly rule: Partial<IgnoreRule>;
  /** What jq names on each side. */
  readonly jq?: { readonly desired?: readonly Path[]; readonly live?: readonly Path[] };
  readonly how?: 'all';
  readonly wanted: Json;
};

const cases: readonly Case[] = [
  {
    reason: 'what somebody else owns is left out',
    desired: { replicas: 2, image: 'b' },
    live: live({ replicas: 5, image: 'a' }, { hpa: { 'f:replicas': {} }, plumbline: { 'f:image': {} } }),
    rule: { jsonPointers: ['/spec/replicas'] },
    wanted: { image: 'b' },
  },
  {
    reason: 'what we own is kept as it is live, or the server would remove it',
    desired: { replicas: 2, image: 'b' },
    live: live({ replicas: 5, image: 'a' }, { plumbline: { 'f:replicas': {}, 'f:image': {} } }),
    rule: { jsonPointers: ['/spec/replicas'] },
    wanted: { replicas: 5, image: 'b' },
  },
  {
    reason: 'what an engine before us owned counts as ours: its fields are taken over',
    desired: { replicas: 2 },
    live: live({ replicas: 5 }, { 'argocd-controller': { 'f:replicas': {} } }),
    rule: { jsonPointers: ['/spec/replicas'] },
    wanted: { replicas: 5 },
  },
  {
    reason: 'the ways that overwrite send everything as it is live',
    desired: { replicas: 2 },
    live: live({ replicas: 5, extra: 'kept' }, { hpa: { 'f:replicas': {} } }),
    rule: { jsonPointers: ['/spec/replicas', '/spec/extra'] },
    how: 'all',
    wanted: { replicas: 5, extra: 'kept' },
  },
  {
    reason: 'what is not live is not made',
    desired: { replicas: 2, image: 'b' },
    live: live({ image: 'a' }, {}),
    rule: { jsonPointers: ['/spec/replicas'] },
    wanted: { image: 'b' },
  },
  {
    reason: 'what we own and Git no longer names stays',
    desired: { image: 'b' },
    live: live({ a: { b: 1 }, image: 'a' }, { plumbline: { 'f:a': { 'f:b': {} } } }),
    rule: { jsonPointers: ['/spec/a/b'] },
    wanted: { image: 'b', a: { b: 1 } },
  },
  {
    reason: 'items of a list are found by their name',
    desired: {
      c: [
        { name: 'web', image: 'b' },
        { name: 'side', image: 'b' },
      ],
    },
    live: live(
      {
        c: [
          { name: 'injected', image: 'x' },
          { name: 'side', image: 'a' },
          { name: 'web', image: 'a' },
        ],
      },
      { plumbline: { 'f:c': { 'k:{"name":"side"}': { 'f:image': {} }, 'k:{"name":"web"}': { 'f:image': {} } } } },
    ),
    rule: {},
    jq: { desired: [['spec', 'c', 1, 'image']], live: [['spec', 'c', 1, 'image']] },
    wanted: {
      c: [
        { name: 'web', image: 'b' },
        { name: 'side', image: 'a' },
      ],
    },
  },
  {
    reason: 'several items go without moving each other',
    desired: { c: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
    live: live({}, {}),
    rule: {},
    jq: {
      desired: [
        ['spec', 'c', 0],
        ['spec', 'c', 1],
      ],
    },
    wanted: { c: [{ name: 'c' }] },
  },
  {
    reason: 'everything that a manager owns',
    desired: { replicas: 2, image: 'b', paused: false },
    live: live(
      { replicas: 5, image: 'a', paused: true },
      { hpa: { 'f:replicas': {}, 'f:paused': {} }, plumbline: { 'f:image': {} } },
    ),
    rule: { managers: ['hpa'] },
    wanted: { image: 'b' },
  },
  {
    reason: 'pointers with escapes, and those that lead nowhere',
    desired: { 'a/b': { 'c~d': 1 }, e: 1 },
    live: live({}, {}),
    rule: { jsonPointers: ['/spec/a~1b/c~0d', '/spec/none/at/all', 'spec/e', ''] },
    wanted: { 'a/b': {}, e: 1 },
  },
];

for (const one of cases)
  test(`spare: ${one.reason}`, () => {
    const desired = { spec: one.desired };
    const named = ignoredPaths([rule(one.rule)], desired, one.live);
    const ignored = {
      desired: [...named.desired, ...(one.jq?.desired ?? [])],
      live: [...named.live, ...(one.jq?.live ?? [])],
    };
    const before = JSON.stringify(desired);
    assert.deepEqual(spare(desired, one.live, ignored, one.how ?? 'owned').spec, one.wanted);
    assert.equal(JSON.stringify(desired), before, 'the input stays as it is');
  });

test('no path reaches the prototype of everything', () => {
  const desired = JSON.parse('{"spec":{"__proto__":{"polluted":true}}}') as JsonObject;
  spare(desired, desired, { desired: [['spec', '__proto__', 'polluted']], live: [['__proto__', 'polluted']] }, 'all');
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test('a mark tells rules apart, and is nothing for none', () => {
  assert.equal(rulesMark([]), '');
  assert.notEqual(rulesMark([rule({ jsonPointers: ['/a'] })]), rulesMark([rule({ jsonPointers: ['/b'] })]));
});
