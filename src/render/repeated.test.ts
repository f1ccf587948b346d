import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Manifest } from '../model/index.ts';
import { toManifests } from './manifest.ts';
import { withoutRepeats } from './repeated.ts';

function config(name: string, namespace: string, data: string): Manifest {
  const metadata = {
    ...(namespace === '' ? {} : { namespace }),
    ...(name.endsWith('-') ? { generateName: name } : { name }),
  };
  const [manifest] = toManifests(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { x: data } },
    { label: data, source: 0 },
  );
  assert.ok(manifest);
  return manifest;
}

describe('objects that appear twice', () => {
  const table = [
    { in: [config('a', '', '1'), config('b', '', '2')], out: ['1', '2'], warned: 0, reason: 'different names' },
    {
      in: [config('a', '', '1'), config('b', '', '2'), config('a', '', '3')],
      out: ['2', '3'],
      warned: 1,
      reason: 'the last wins',
    },
    { in: [config('a', 'x', '1'), config('a', 'y', '2')], out: ['1', '2'], warned: 0, reason: 'different namespaces' },
    { in: [config('a', 'demo', '1'), config('a', '', '2')], out: ['2'], warned: 1, reason: 'the default namespace' },
    {
      in: [config('a', 'x', '1'), config('a', '', '2')],
      out: ['1', '2'],
      warned: 0,
      reason: 'another than the default',
    },
    { in: [config('a-', '', '1'), config('a-', '', '2')], out: ['1', '2'], warned: 0, reason: 'generated names' },
  ];
  for (const { in: manifests, out, warned, reason } of table)
    test(reason, () => {
      const result = withoutRepeats(manifests, () => 'demo');
      assert.deepEqual(
        result.manifests.map((manifest) => manifest.origin),
        out,
      );
      assert.equal(result.warnings.length, warned);
    });

  test('the default namespace is asked for only when it matters', () => {
    const never = (): string => assert.fail('asked');
    withoutRepeats([config('a', '', '1'), config('b', 'x', '1'), config('a', '', '2')], never);
  });
});
