import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, KubeObject } from '../model/index.ts';
import { migrated } from './migrate.ts';

function entry(manager: string, operation: string, fieldsV1: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    manager,
    operation,
    apiVersion: 'v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...more,
  };
}

function object(managedFields: readonly JsonObject[], annotations: JsonObject = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', annotations, managedFields } };
}

const a = { 'f:data': { 'f:a': {} } };
const b = { 'f:data': { 'f:b': {} } };
const both = { 'f:data': { 'f:a': {}, 'f:b': {} } };
const applied = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"1"}}' };

const rows: readonly {
  readonly reason: string;
  readonly live: KubeObject;
  readonly entries: JsonObject[] | undefined;
}[] = [
  { reason: 'nobody applied it before', live: object([entry('someone', 'Update', a)]), entries: undefined },
  {
    reason: 'kubectl applied it',
    live: object([entry('kubectl-client-side-apply', 'Update', a)]),
    entries: [entry('plumbline', 'Apply', a)],
  },
  {
    reason: 'Argo CD applied it, and so did we',
    live: object([entry('argocd-controller', 'Apply', b), entry('plumbline', 'Apply', a)]),
    entries: [entry('plumbline', 'Apply', both)],
  },
  {
    reason: 'a controller of the status is left alone',
    live: object([entry('helm', 'Update', a), entry('kubectl', 'Update', b, { subresource: 'scale' })]),
    entries: [entry('plumbline', 'Apply', a), entry('kubectl', 'Update', b, { subresource: 'scale' })],
  },
  {
    reason: 'fields of another version stay where they are',
    live: object([entry('plumbline', 'Apply', a), entry('helm', 'Update', b, { apiVersion: 'v2' })]),
    entries: [entry('plumbline', 'Apply', a), entry('helm', 'Update', b, { apiVersion: 'v2' })],
  },
  {
    reason: 'of an object from before managed fields only what was declared is taken',
    live: object([entry('before-first-apply', 'Update', both)], applied),
    entries: [entry('plumbline', 'Apply', a)],
  },
  {
    reason: 'and nothing where nothing was declared',
    live: object([entry('before-first-apply', 'Update', both)]),
    entries: [],
  },
  {
    reason: 'an empty map on one side and its entries on the other are both owned',
    live: object([entry('helm', 'Update', { 'f:data': {} }), entry('plumbline', 'Apply', a)]),
    entries: [entry('plumbline', 'Apply', { 'f:data': { '.': {}, 'f:a': {} } })],
  },
];

for (const { reason, live, entries } of rows) {
  test(`taking over fields: ${reason}`, () => {
    assert.deepEqual(migrated(live), entries);
  });
}
