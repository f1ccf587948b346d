import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject, KubeObject } from '../model/index.ts';
import { manifestOwned, ownedDigest } from './owned.ts';

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' } },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      spec: {
        containers: [
          {
            name: 'main',
            image: 'nginx',
            args: ['-v'],
            ports: [{ containerPort: 80 }, { containerPort: 81, protocol: 'UDP' }],
            resources: { limits: { cpu: '1' } },
          },
        ],
        volumes: [{ name: 'tmp', emptyDir: {} }],
      },
    },
  },
} as const;

const fields: JsonObject = {
  'f:metadata': { 'f:labels': { 'f:app': {} } },
  'f:spec': {
    'f:selector': {},
    'f:template': {
      'f:spec': {
        'f:containers': {
          'k:{"name":"main"}': {
            '.': {},
            'f:args': {},
            'f:image': {},
            'f:name': {},
            'f:ports': {
              'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} },
              'k:{"containerPort":81,"protocol":"UDP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} },
            },
            'f:resources': { 'f:limits': { 'f:cpu': {} } },
          },
        },
        'f:volumes': { 'k:{"name":"tmp"}': { '.': {}, 'f:emptyDir': {}, 'f:name': {} } },
      },
    },
  },
};

function entry(more: JsonObject = {}): JsonObject {
  return {
    manager: 'plumbline',
    operation: 'Apply',
    apiVersion: 'apps/v1',
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...more,
  };
}

/** The manifest as a server returns it: with defaults, and with what others have added. */
function live(
  entries: readonly JsonObject[],
  edit: (object: Record<string, Json>) => unknown = () => undefined,
): KubeObject {
  const object = structuredClone(deployment) as unknown as Record<string, Json> & typeof deployment;
  const [main] = object.spec.template.spec.containers as unknown as { ports: { protocol: string }[]; tty: boolean }[];
  if (main?.ports[0] !== undefined) main.ports[0].protocol = 'TCP';
  Object.assign(main ?? {}, { terminationMessagePath: '/dev/termination-log' });
  Object.assign(object.spec, { progressDeadlineSeconds: 600 });
  Object.assign(object.metadata, {
    uid: 'u',
    resourceVersion: '5',
    managedFields: entries,
    annotations: { theirs: 'x' },
  });
  edit(object);
  return object as unknown as KubeObject;
}

type Row = { readonly reason: string; readonly object: KubeObject; readonly equal: boolean };

function container(object: Record<string, Json>): Record<string, Json> {
  const spec = object.spec as { template: { spec: { containers: Record<string, Json>[] } } };
  return spec.template.spec.containers[0] ?? {};
}

const rows: readonly Row[] = [
  { reason: 'defaults and the fields of others do not count', object: live([entry()]), equal: true },
  {
    reason: 'our value changed',
    object: live([entry()], (object) => Object.assign(container(object), { image: 'x' })),
    equal: false,
  },
  {
    reason: 'an atomic list changed',
    object: live([entry()], (object) => Object.assign(container(object), { args: ['-q'] })),
    equal: false,
  },
  { reason: 'we own less than the manifest says', object: live([entry({ fieldsV1: { 'f:spec': {} } })]), equal: false },
  {
    reason: 'the entry speaks of another version',
    object: live([entry({ apiVersion: 'apps/v1beta1' })]),
    equal: false,
  },
  { reason: 'we wrote it without server-side apply', object: live([entry({ operation: 'Update' })]), equal: false },
  { reason: 'we wrote it in two ways', object: live([entry(), entry({ operation: 'Update' })]), equal: false },
  { reason: 'the entry is somebody else’s', object: live([entry({ manager: 'kubectl' })]), equal: false },
  { reason: 'the entry is about the status', object: live([entry({ subresource: 'status' })]), equal: false },
  {
    reason: 'an item of ours is gone',
    object: live([entry()], (object) => Object.assign(container(object), { ports: [] })),
    equal: false,
  },
  {
    reason: 'others own parts of what looks atomic: an empty map of ours that they filled',
    object: live([
      entry(),
      { ...entry({ manager: 'x', fieldsV1: { 'f:spec': { 'f:selector': { 'f:matchLabels': {} } } } }) },
    ]),
    equal: false,
  },
  {
    reason: 'items of others in a list of ours are theirs',
    object: live([entry()], (object) => {
      (container(object).ports as Json[]).push({ containerPort: 99, protocol: 'TCP' });
    }),
    equal: true,
  },
  {
    reason: 'the order of our items counts: an apply would put them in ours',
    object: live([entry()], (object) => void (container(object).ports as Json[]).reverse()),
    equal: false,
  },
];

for (const { reason, object, equal } of rows) {
  test(`owned fields: ${reason}`, () => {
    assert.equal(ownedDigest(object) === manifestOwned(deployment), equal);
  });
}

test('owned fields: the order of keys and the identity of the object do not matter', () => {
  const { spec, metadata, ...rest } = deployment;
  const turned = { spec, metadata: { labels: metadata.labels, creationTimestamp: null, name: 'other' }, ...rest };
  assert.equal(manifestOwned(turned), manifestOwned(deployment));
});

test('owned fields: nothing of ours is no digest', () => {
  assert.equal(ownedDigest(live([])), '');
  assert.equal(ownedDigest({ apiVersion: 'v1', kind: 'X', metadata: { managedFields: ['broken', null, 3] } }), '');
});

test('owned fields: sets and places', () => {
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'X',
    metadata: {
      finalizers: ['theirs', 'b', 'a'],
      managedFields: [
        entry({ apiVersion: 'v1', fieldsV1: { 'f:metadata': { 'f:finalizers': { 'v:"a"': {}, 'v:"b"': {} } } } }),
      ],
    },
  };
  const manifest = (finalizers: readonly string[]) =>
    manifestOwned({ apiVersion: 'v1', kind: 'X', metadata: { finalizers } });
  assert.equal(ownedDigest(object), manifest(['b', 'a']));
  assert.notEqual(ownedDigest(object), manifest(['b']));
});
