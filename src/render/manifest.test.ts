import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngineError } from '../model/index.ts';
import { canonicalText, parseJson } from './exact-json.ts';
import { toManifests } from './manifest.ts';

const origin = { label: 'dir/file.yaml:3', source: 1 };
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };

describe('an object', () => {
  test('becomes a manifest', () => {
    const annotations = {
      'argocd.argoproj.io/sync-wave': '1',
      'helm.sh/hook': 'test',
      'plumbline.dev/x': 'y',
      'example.com/other': 'z',
    };
    const metadata = { name: 'a', namespace: 'b', annotations };
    const [manifest] = toManifests({ apiVersion: 'apps/v1', kind: 'Deployment', metadata }, origin);
    assert.deepEqual(manifest?.ref, { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'b', name: 'a' });
    assert.deepEqual(Object.keys(manifest?.steering ?? {}), [
      'argocd.argoproj.io/sync-wave',
      'helm.sh/hook',
      'plumbline.dev/x',
    ]);
    assert.equal(manifest?.origin, 'dir/file.yaml:3');
    assert.equal(manifest?.source, 1);
  });

  test('has the same digest whatever the order of its keys', () => {
    const one = toManifests(parseJson('{"apiVersion":"v1","kind":"X","metadata":{"name":"a"},"b":[1,2]}'), origin);
    const two = toManifests(parseJson('{"b":[1,2],"metadata":{"name":"a"},"kind":"X","apiVersion":"v1"}'), origin);
    const three = toManifests(parseJson('{"b":[2,1],"metadata":{"name":"a"},"kind":"X","apiVersion":"v1"}'), origin);
    assert.equal(one[0]?.digest, two[0]?.digest);
    assert.equal(one[0]?.body, two[0]?.body);
    assert.notEqual(one[0]?.digest, three[0]?.digest);
  });

  test('keeps its integers', () => {
    const text = '{"apiVersion":"v1","kind":"X","metadata":{"name":"a"},"n":[9007199254740993,18446744073709551615]}';
    assert.ok(toManifests(parseJson(text), origin)[0]?.body.includes('[9007199254740993,18446744073709551615]'));
  });

  test('may have a generated name', () => {
    assert.equal(toManifests({ ...configMap, metadata: { generateName: 'a-' } }, origin)[0]?.ref.name, '');
  });
});

describe('lists', () => {
  const table = [
    { value: { apiVersion: 'v1', kind: 'List', items: [configMap, configMap] }, count: 2, reason: 'a List' },
    { value: { apiVersion: 'v1', kind: 'ConfigMapList', items: [configMap] }, count: 1, reason: 'a list of one kind' },
    {
      value: { apiVersion: 'v1', kind: 'List', items: [{ kind: 'List', items: [configMap] }] },
      count: 1,
      reason: 'lists in lists',
    },
    { value: { apiVersion: 'v1', kind: 'ConfigMapList', items: null }, count: 0, reason: 'null items' },
    { value: { apiVersion: 'v1', kind: 'List', metadata: {} }, count: 0, reason: 'no items' },
    { value: { apiVersion: 'v1', kind: 'List', items: [] }, count: 0, reason: 'empty' },
    { value: { apiVersion: 'v1', kind: 'List', items: [null] }, count: 0, reason: 'a null item' },
    { value: null, count: 0, reason: 'null' },
  ];
  for (const { value, count, reason } of table)
    test(reason, () => assert.equal(toManifests(value, origin).length, count));
});

describe('what is no Kubernetes object', () => {
  const nested = (depth: number): object => (depth === 0 ? configMap : { items: [nested(depth - 1)] });
  const table: readonly { readonly value: unknown; readonly reason: string }[] = [
    { value: 'text', reason: 'a string' },
    { value: [configMap], reason: 'a list' },
    { value: { apiVersion: 'v1', metadata: { name: 'a' } }, reason: 'no kind' },
    { value: { kind: 'X', metadata: { name: 'a' } }, reason: 'no apiVersion' },
    { value: { ...configMap, kind: 5 }, reason: 'a number as kind' },
    { value: { ...configMap, metadata: 'a' }, reason: 'metadata of the wrong form' },
    { value: { ...configMap, metadata: {} }, reason: 'no name' },
    { value: { ...configMap, metadata: { name: 5 } }, reason: 'a number as name' },
    { value: { ...configMap, metadata: { name: 'a', namespace: true } }, reason: 'a boolean as namespace' },
    { value: { ...configMap, metadata: { name: 'a', annotations: { x: 1 } } }, reason: 'a number as annotation' },
    { value: { ...configMap, metadata: { name: 'a', labels: { x: true } } }, reason: 'a boolean as label' },
    { value: { ...configMap, metadata: { name: 'a', labels: ['x'] } }, reason: 'a list of labels' },
    { value: { ...configMap, data: { x: Number.NaN } }, reason: 'a number that JSON does not have' },
    { value: { apiVersion: 'v1', kind: 'List', items: ['x'] }, reason: 'an item that is none' },
    { value: nested(20), reason: 'lists without end' },
  ];
  for (const { value, reason } of table)
    test(reason, () =>
      assert.throws(
        () => toManifests(value as never, origin),
        (e) => e instanceof EngineError && e.code === 'manifest-invalid' && e.about === 'dir/file.yaml:3',
      ),
    );
});

test('canonical text sorts keys at every level', () => {
  assert.equal(
    canonicalText(parseJson('{"b":{"d":1,"c":2},"a":[{"z":1,"y":null}]}')),
    '{"a":[{"y":null,"z":1}],"b":{"c":2,"d":1}}',
  );
});
