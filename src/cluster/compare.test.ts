import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, KubeObject } from '../model/index.ts';
import { fieldChanges } from './compare.ts';

function object(body: JsonObject, metadata: JsonObject = {}, kind = 'X'): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'x', ...metadata }, ...body };
}

const rows: readonly {
  readonly reason: string;
  readonly live: KubeObject;
  readonly desired: KubeObject;
  readonly changes: readonly JsonObject[];
}[] = [
  {
    reason: 'bookkeeping of the server is no change',
    live: object({}, { resourceVersion: '1', managedFields: [], generation: 1 }),
    desired: object({}, { resourceVersion: '2', managedFields: [{}], generation: 2 }),
    changes: [],
  },
  {
    reason: 'added, changed and removed fields, with escaped pointers',
    live: object({ spec: { a: 1, b: 1, 'x/y~z': 1 } }),
    desired: object({ spec: { a: 2, c: { d: [] }, 'x/y~z': 2 } }),
    changes: [
      { path: '/spec/a', live: '1', desired: '2' },
      { path: '/spec/b', live: '1' },
      { path: '/spec/x~1y~0z', live: '1', desired: '2' },
      { path: '/spec/c', desired: '{"d":[]}' },
    ],
  },
  {
    reason: 'items are compared by name, wherever they stand',
    live: object({
      l: [
        { name: 'a', v: 1 },
        { name: 'b', v: 1 },
      ],
    }),
    desired: object({
      l: [
        { name: 'c', v: 1 },
        { name: 'b', v: 2 },
      ],
    }),
    changes: [
      { path: '/l/0', desired: '{"name":"c","v":1}' },
      { path: '/l/1/v', live: '1', desired: '2' },
      { path: '/l/0', live: '{"name":"a","v":1}' },
    ],
  },
  {
    reason: 'plain lists are one value',
    live: object({ l: ['a', 'b'] }),
    desired: object({ l: ['b'] }),
    changes: [{ path: '/l', live: '["a","b"]', desired: '["b"]' }],
  },
  {
    reason: 'values of Secrets are masked, and where kubectl has copied them left out',
    live: object(
      { data: { k: 'dGlnZXI=' } },
      { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'tiger' } },
      'Secret',
    ),
    desired: object({ data: { k: 'bGlvbg==' } }, {}, 'Secret'),
    changes: [{ path: '/data/k', live: '"++++++++"', desired: '"+++++++++"' }],
  },
  {
    reason: 'the live value has an owner',
    live: object(
      { l: [{ name: 'a', v: 1 }], data: { k: 1 } },
      {
        managedFields: [
          { manager: 'plumbline', time: 't1', fieldsV1: { 'f:data': { 'f:k': {} } } },
          {
            manager: 'them',
            time: 't2',
            fieldsV1: { 'f:data': { 'f:k': {} }, 'f:l': { 'k:{"name":"a"}': { 'f:v': {} } } },
          },
          { manager: 'status', time: 't3', fieldsV1: {} },
        ],
      },
    ),
    desired: object({ l: [{ name: 'a', v: 2 }], data: { k: 2 } }),
    changes: [
      { path: '/l/0/v', live: '1', desired: '2', owner: 'them', since: 't2' },
      { path: '/data/k', live: '1', desired: '2', owner: 'them', since: 't2' },
    ],
  },
];

for (const { reason, live, desired, changes } of rows) {
  test(`field changes: ${reason}`, () => {
    const sort = (list: readonly object[]) => list.map((one) => JSON.stringify(one)).sort();
    assert.deepEqual(sort(fieldChanges(live, desired).map((one) => ({ ...one }))), sort(changes));
  });
}

test('field changes: long values are cut', () => {
  const [change] = fieldChanges(object({ a: 'x'.repeat(50_000) }), object({ a: 1 }));
  assert.ok((change?.live?.length ?? 0) < 20_000);
});

test('sensitive annotations of Secrets are masked, those of other kinds are not', () => {
  const changed = (kind: string) => {
    const of = (value: string) => object({}, { annotations: { token: value, plain: value } }, kind);
    return fieldChanges(of('a'), of('b'), ['token']).map(({ path, live, desired }) => [path, live, desired]);
  };
  assert.deepEqual(changed('Secret'), [
    ['/metadata/annotations/token', '"++++++++"', '"+++++++++"'],
    ['/metadata/annotations/plain', '"a"', '"b"'],
  ]);
  assert.deepEqual(changed('ConfigMap')[0], ['/metadata/annotations/token', '"a"', '"b"']);
});
