import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../model/index.ts';
import { mergePatch, mergeThreeWay } from './three-way.ts';

const rows: readonly {
  readonly reason: string;
  readonly before: JsonObject;
  readonly wanted: JsonObject;
  readonly live: JsonObject;
  readonly merged: JsonObject;
}[] = [
  {
    reason: 'what the manifest had and has no more goes, what others set stays',
    before: { a: 1, b: 2 },
    wanted: { a: 3 },
    live: { a: 1, b: 2, theirs: 4 },
    merged: { a: 3, theirs: 4 },
  },
  { reason: 'null asks for removal', before: {}, wanted: { a: null }, live: { a: 1, b: 2 }, merged: { b: 2 } },
  {
    reason: 'containers are told apart by name, injected ones stay',
    before: {
      containers: [
        { name: 'main', image: 'a' },
        { name: 'old', image: 'b' },
      ],
    },
    wanted: { containers: [{ name: 'main', image: 'c' }] },
    live: {
      containers: [
        { name: 'main', image: 'a', tty: false },
        { name: 'old', image: 'b' },
        { name: 'sidecar', image: 's' },
      ],
    },
    merged: {
      containers: [
        { name: 'main', image: 'c', tty: false },
        { name: 'sidecar', image: 's' },
      ],
    },
  },
  {
    reason: 'ports with one number and two protocols are two',
    before: {},
    wanted: { ports: [{ port: 53, protocol: 'UDP' }, { port: 53 }] },
    live: {
      ports: [
        { port: 53, protocol: 'TCP', nodePort: 1 },
        { port: 53, protocol: 'UDP', nodePort: 2 },
      ],
    },
    merged: {
      ports: [
        { port: 53, protocol: 'UDP', nodePort: 2 },
        { port: 53, protocol: 'TCP', nodePort: 1 },
      ],
    },
  },
  {
    reason: 'plain lists are replaced',
    before: { l: [1] },
    wanted: { l: [2] },
    live: { l: [1, 3] },
    merged: { l: [2] },
  },
  {
    reason: 'items that cannot be told apart are replaced',
    before: {},
    wanted: { l: [{ x: 1 }] },
    live: { l: [{ x: 1, y: 2 }, { x: 1 }] },
    merged: { l: [{ x: 1 }] },
  },
];

for (const { reason, before, wanted, live, merged } of rows) {
  test(`three-way merge: ${reason}`, () => {
    assert.deepEqual(mergeThreeWay(before, wanted, live), merged);
  });
}

test('a merge patch says only what differs', () => {
  const from = { a: { b: 1, c: 2 }, d: [1], e: 1 };
  assert.deepEqual(mergePatch(from, { a: { b: 1, c: 3 }, d: [2] }), { a: { c: 3 }, d: [2], e: null });
  assert.equal(mergePatch(from, from), undefined);
});
