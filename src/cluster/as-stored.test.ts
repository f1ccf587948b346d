import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, Manifest } from '../model/index.ts';
import { asStored } from './as-stored.ts';

const cases: readonly {
  readonly reason: string;
  readonly given: Json;
  readonly want?: Json;
  readonly kind?: string;
}[] = [
  {
    reason: 'texts become data, over what is there',
    given: { stringData: { a: 'ä', b: '' }, data: { a: 'eA==', c: 'eQ==' } },
    want: { data: { a: 'w6Q=', c: 'eQ==', b: '' } },
  },
  {
    reason: 'without data',
    given: { type: 'Opaque', stringData: { a: 'x' } },
    want: { type: 'Opaque', data: { a: 'eA==' } },
  },
  { reason: 'data that is null', given: { stringData: { a: 'x' }, data: null }, want: { data: { a: 'eA==' } } },
  { reason: 'what is not text is left to the server', given: { stringData: { a: 1 } } },
  { reason: 'a list is left to the server', given: { stringData: [] } },
  { reason: 'other kinds are left alone', kind: 'Silly', given: { stringData: { a: 'x' } } },
];

for (const { reason, given, want = given, kind = 'Secret' } of cases) {
  test(`as stored: ${reason}`, () => {
    const ref = { group: '', version: 'v1', kind, namespace: 'x', name: 'y' };
    const manifest: Manifest = { ref, digest: 'd', body: JSON.stringify(given), steering: {}, origin: '', source: 0 };
    const stored = asStored(manifest);
    assert.deepEqual(JSON.parse(stored.body), want);
    assert.equal(stored.digest, 'd');
  });
}
