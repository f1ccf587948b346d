import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, KubeObject } from '../model/index.ts';
import { inheritedDigest, isInherited } from './inherited.ts';

type Entry = {
  readonly by: string;
  readonly how?: 'Apply' | 'Update';
  readonly spec: JsonObject;
  readonly version?: string;
};

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const spec = { replicas: 1, image: 'a', items: [{ name: 'x', port: 80, protocol: 'TCP' }] };
const item = 'k:{"port":80,"protocol":"TCP"}';
const everything = {
  'f:replicas': {},
  'f:image': {},
  'f:items': { [item]: { '.': {}, 'f:name': {}, 'f:port': {}, 'f:protocol': {} } },
};
const declared = { 'f:image': {}, 'f:items': { [item]: { '.': {}, 'f:name': {}, 'f:port': {} } } };

function object(entries: readonly Entry[], applied?: JsonObject, more: JsonObject = {}): KubeObject {
  const managedFields = entries.map(({ by, how = 'Update', spec: fields, version = 'v1' }) => ({
    manager: by,
    operation: how,
    apiVersion: version,
    fieldsV1: { 'f:spec': fields },
  }));
  const annotations = applied === undefined ? {} : { [lastApplied]: JSON.stringify({ spec: applied }) };
  return {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'x', annotations, managedFields },
    spec: { ...spec, ...more },
  };
}

const ours = (fields: JsonObject): KubeObject => object([{ by: 'plumbline', how: 'Apply', spec: fields }]);
const kubectl = { image: 'a', items: [{ name: 'x', port: 80 }] };

for (const [reason, live, fields, wanted] of [
  [
    'applied by the server, the same fields',
    object([{ by: 'argocd-controller', how: 'Apply', spec: declared }]),
    declared,
    true,
  ],
  [
    'applied as kubectl does, defaults and all',
    object([{ by: 'argocd-controller', spec: everything }], kubectl),
    declared,
    true,
  ],
  [
    'two engines together',
    object([
      { by: 'helm', how: 'Apply', spec: { 'f:image': {} } },
      { by: 'kubectl', how: 'Apply', spec: declared },
    ]),
    declared,
    true,
  ],
  [
    'a field that the manifest no longer has',
    object([{ by: 'argocd-controller', how: 'Apply', spec: everything }]),
    declared,
    false,
  ],
  [
    "a field that the manifest no longer has and kubectl's copy names",
    object([{ by: 'argocd-controller', spec: everything }], { ...kubectl, replicas: 1 }),
    declared,
    false,
  ],
  [
    'a field that nobody owns yet',
    object([{ by: 'argocd-controller', how: 'Apply', spec: { 'f:image': {} } }]),
    declared,
    false,
  ],
  ['nothing tells what was declared', object([{ by: 'helm', spec: everything }]), declared, false],
  ['somebody who is no engine', object([{ by: 'somebody', how: 'Apply', spec: declared }]), declared, false],
  [
    'we own something already',
    object([
      { by: 'helm', how: 'Apply', spec: declared },
      { by: 'plumbline', how: 'Apply', spec: {} },
    ]),
    declared,
    false,
  ],
  ['fields of another version', object([{ by: 'helm', how: 'Apply', spec: declared, version: 'v2' }]), declared, false],
] as const)
  test(`${wanted ? 'left as it is' : 'not the same'}: ${reason}`, () =>
    assert.equal(isInherited(live, ours(fields)), wanted));

test('what an earlier engine owns is watched', () => {
  const entries = [{ by: 'argocd-controller', spec: everything }];
  const before = inheritedDigest(object(entries, kubectl));
  assert.notEqual(before, '');
  assert.equal(inheritedDigest(object(entries, { other: 'copy' })), before, "kubectl's copy is no field of it");
  assert.equal(inheritedDigest(object(entries, kubectl, { added: 'by others' })), before);
  assert.notEqual(inheritedDigest(object(entries, kubectl, { image: 'b' })), before, 'a value changed');
  const lost = [{ by: 'argocd-controller', spec: { ...everything, 'f:image': undefined as unknown as JsonObject } }];
  assert.notEqual(inheritedDigest(object(JSON.parse(JSON.stringify(lost)) as Entry[])), before, 'a field taken over');
  assert.equal(inheritedDigest(object([{ by: 'somebody', spec: everything }])), '', 'nobody whom we know');
});
