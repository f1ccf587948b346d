import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode, JsonObject } from '../model/index.ts';
import { readRefusal, refusalError } from './refusal.ts';

const rows: readonly {
  readonly reason: string;
  readonly status: number;
  readonly body: JsonObject | string;
  readonly code: ErrorCode;
  readonly retry: unknown;
  readonly retryAfter?: number;
}[] = [
  { reason: 'bad credentials', status: 401, body: {}, code: 'cluster-denied', retry: 'backoff' },
  {
    reason: 'no right to',
    status: 403,
    body: {
      reason: 'Forbidden',
      message: 'deployments.apps "x" is forbidden: User "u" cannot patch resource "deployments"',
    },
    code: 'cluster-denied',
    retry: 'backoff',
  },
  {
    reason: 'admission forbids',
    status: 403,
    body: { reason: 'Forbidden', message: 'pods "x" is forbidden: violates PodSecurity "restricted:latest"' },
    code: 'object-rejected',
    retry: 'never',
  },
  {
    reason: 'the namespace is going',
    status: 403,
    body: { reason: 'Forbidden', message: 'x', details: { causes: [{ reason: 'NamespaceTerminating' }] } },
    code: 'object-rejected',
    retry: 'backoff',
  },
  { reason: 'an unknown path', status: 404, body: '404 page not found', code: 'kind-unknown', retry: 'never' },
  {
    reason: 'a missing namespace',
    status: 404,
    body: { reason: 'NotFound', message: 'm', details: { kind: 'namespaces', name: 'x' } },
    code: 'object-rejected',
    retry: 'backoff',
  },
  {
    reason: 'a missing object',
    status: 404,
    body: { reason: 'NotFound', message: 'm', details: { kind: 'pods', name: 'x' } },
    code: 'object-not-found',
    retry: 'never',
  },
  { reason: 'a conflict', status: 409, body: { reason: 'Conflict' }, code: 'object-conflict', retry: 'backoff' },
  { reason: 'an immutable field', status: 422, body: { reason: 'Invalid' }, code: 'object-rejected', retry: 'never' },
  {
    reason: 'throttled for a time',
    status: 429,
    body: {},
    code: 'throttled',
    retry: { after: 3000 },
    retryAfter: 3000,
  },
  { reason: 'throttled', status: 429, body: {}, code: 'throttled', retry: 'backoff' },
  {
    reason: 'a field that the schema does not have',
    status: 500,
    body: { message: 'failed to create typed patch object (x): .a: field not declared in schema' },
    code: 'object-rejected',
    retry: 'never',
  },
  {
    reason: 'a webhook that does not answer',
    status: 500,
    body: { reason: 'InternalError', message: 'Internal error occurred: failed calling webhook "x"' },
    code: 'object-rejected',
    retry: 'backoff',
  },
  {
    reason: 'etcd',
    status: 500,
    body: { message: 'etcdserver: leader changed' },
    code: 'cluster-unreachable',
    retry: 'backoff',
  },
  { reason: 'a proxy', status: 502, body: '<html>', code: 'cluster-unreachable', retry: 'backoff' },
];

for (const { reason, status, body, code, retry, retryAfter = 0 } of rows) {
  test(`refusals: ${reason}`, () => {
    const text = typeof body === 'string' ? body : JSON.stringify({ kind: 'Status', ...body });
    const error = refusalError({ status, text, retryAfter, etag: '' }, 'apply X x');
    assert.equal(error.code, code);
    assert.deepEqual(error.retry, retry);
  });
}

test('refusals: messages are one line, bounded, and print no values', () => {
  const message = `a\n  b: expected map, got &value.valueUnstructured{Value:"tiger"} ${'x'.repeat(5000)}`;
  const text = JSON.stringify({ kind: 'Status', message });
  const refusal = readRefusal({ status: 500, text, retryAfter: 0, etag: '' });
  assert.ok(refusal.message.length < 2100 && !refusal.message.includes('\n') && !refusal.message.includes('tiger'));
});
