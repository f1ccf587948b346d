import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../model/index.ts';
import { createClient } from './client.ts';
import { collectionPath, Discovery, kindIn, objectPath } from './discovery.ts';
import type { Answer, Transport } from './transport.ts';

function discovery(answers: Readonly<Record<string, JsonObject | number>>) {
  const asked: string[] = [];
  const transport: Transport = {
    async send({ path, headers }): Promise<Answer> {
      asked.push(path);
      const body = answers[path] ?? 404;
      if (typeof body === 'number') return { status: body, text: '{}', retryAfter: 0, etag: '' };
      if (headers['if-none-match'] === 'e') return { status: 304, text: '', retryAfter: 0, etag: 'e' };
      return { status: 200, text: JSON.stringify(body), retryAfter: 0, etag: 'e' };
    },
    stream: () => () => undefined,
    close: async () => undefined,
  };
  const clock = { now: () => 0, after: () => () => undefined };
  return { asked, discovery: new Discovery(createClient(transport, clock, { next: () => 0 }, 4)) };
}

const resource = (plural: string, kind: string, scope: string) => ({
  resource: plural,
  responseKind: { group: '', version: '', kind },
  scope,
  verbs: ['get', 'list', 'watch'],
  subresources: [{ subresource: 'status' }],
});

const aggregated = {
  '/api': {
    kind: 'APIGroupDiscoveryList',
    items: [{ metadata: {}, versions: [{ version: 'v1', resources: [resource('nodes', 'Node', 'Cluster')] }] }],
  },
  '/apis': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: 'autoscaling' },
        versions: [
          { version: 'v2', resources: [resource('horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'Namespaced')] },
          { version: 'v1', resources: [resource('horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'Namespaced')] },
        ],
      },
    ],
  },
};

test('aggregated discovery: two requests, and none of them twice while nothing changes', async () => {
  const { discovery: one, asked } = discovery(aggregated);
  const catalog = await one.fetch();
  assert.equal(asked.length, 2);
  assert.equal(kindIn(catalog, 'autoscaling', 'HorizontalPodAutoscaler')?.version, 'v2');
  assert.equal(kindIn(catalog, 'autoscaling', 'HorizontalPodAutoscaler', 'v1')?.version, 'v1');
  assert.equal(kindIn(catalog, 'autoscaling', 'HorizontalPodAutoscaler', 'v3'), undefined);
  assert.deepEqual(catalog.apiVersions, [
    'autoscaling/v1',
    'autoscaling/v1/HorizontalPodAutoscaler',
    'autoscaling/v2',
    'autoscaling/v2/HorizontalPodAutoscaler',
    'v1',
    'v1/Node',
  ]);
  assert.ok(catalog.resources.has('horizontalpodautoscalers.autoscaling') && catalog.resources.has('nodes'));
  assert.equal(await one.fetch(), catalog);
});

test('older servers are asked group by group, and a group whose server is away hides only itself', async () => {
  const { discovery: one } = discovery({
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': {
      kind: 'APIGroupList',
      groups: [
        { name: 'apps', versions: [{ version: 'v1beta1' }, { version: 'v1' }], preferredVersion: { version: 'v1' } },
        { name: 'metrics.k8s.io', versions: [{ version: 'v1beta1' }] },
      ],
    },
    '/api/v1': {
      resources: [
        { name: 'pods', kind: 'Pod', namespaced: true, verbs: [] },
        { name: 'pods/log', kind: 'Pod' },
      ],
    },
    '/apis/apps/v1': { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs: [] }] },
    '/apis/apps/v1beta1': { resources: [{ name: 'deployments', kind: 'Deployment', namespaced: true, verbs: [] }] },
    '/apis/metrics.k8s.io/v1beta1': 418,
  });
  const catalog = await one.fetch();
  assert.equal(kindIn(catalog, 'apps', 'Deployment')?.version, 'v1');
  assert.deepEqual([...catalog.kinds.keys()].sort(), ['/Pod', 'apps/Deployment']);
});

test('paths', async () => {
  const catalog = await discovery(aggregated).discovery.fetch();
  const [node, scaler] = [kindIn(catalog, '', 'Node'), kindIn(catalog, 'autoscaling', 'HorizontalPodAutoscaler')];
  assert.ok(node !== undefined && scaler !== undefined);
  assert.equal(collectionPath(node, 'ignored'), '/api/v1/nodes');
  assert.equal(collectionPath(scaler, ''), '/apis/autoscaling/v2/horizontalpodautoscalers');
  assert.equal(objectPath(scaler, 'a', 'x?:y'), '/apis/autoscaling/v2/namespaces/a/horizontalpodautoscalers/x%3F%3Ay');
});
