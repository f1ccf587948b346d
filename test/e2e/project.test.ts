// The promise: what a project does not allow is not done: not the source, not the destination, not the kind. The reason
// is named, and nothing is written; what is allowed again goes on by itself.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { JsonObject } from '../../src/model/index.ts';
import type { TestApplication } from '../harness/application.ts';
import { resources } from '../harness/kube.ts';
import { configMap, service, text } from '../harness/manifests.ts';
import { openWorld, type Wish } from '../harness/world.ts';

const role = (name: string): JsonObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name },
  rules: [],
});
const world = await openWorld();
const { kube, repo, target, namespace } = world;
const elsewhere = await world.freshTarget();
const clusterRole = world.nameOf('role');
repo.push({
  'plain/all.yaml': text(configMap('plain')),
  'cluster/all.yaml': text(configMap('beside'), role(clusterRole)),
  'services/all.yaml': text(configMap('beside-service'), service('refused')),
  'crossing/all.yaml': text(configMap('here'), configMap('there', {}, { namespace: elsewhere })),
});

const spec: JsonObject = {
  sourceRepos: [repo.url],
  destinations: [{ server: 'https://kubernetes.default.svc', namespace: target }],
  namespaceResourceBlacklist: [{ group: '', kind: 'Service' }],
};

const project = (name: string, more: JsonObject): JsonObject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name, namespace },
  spec: { ...spec, ...more },
});

before(async () => {
  await kube.create(resources.projects, project('strict', {}));
  await kube.create(resources.projects, project('other-repo', { sourceRepos: ['https://git.example.com/*'] }));
});

const cases: Readonly<Record<string, { readonly wish: Wish; readonly message: RegExp; readonly name: string }>> = {
  'a source that is not allowed': {
    name: 'source',
    wish: { path: 'plain', project: 'other-repo' },
    message: /origin\.git/,
  },
  'a destination that is not allowed': {
    name: 'destination',
    wish: { path: 'plain', project: 'strict', target: elsewhere },
    message: new RegExp(elsewhere),
  },
  'a cluster-wide kind that is not allowed': { name: 'cluster', wish: { project: 'strict' }, message: /ClusterRole/ },
  'a kind that is denied': { name: 'services', wish: { project: 'strict' }, message: /Service/ },
  'an object in another namespace': { name: 'crossing', wish: { project: 'strict' }, message: new RegExp(elsewhere) },
  'a project that does not exist': { name: 'nowhere', wish: { path: 'plain', project: 'nowhere' }, message: /nowhere/ },
};

for (const [reason, { name, wish, message }] of Object.entries(cases)) {
  test(`${reason}: is named, and nothing is written`, async () => {
    const app = await world.declare(name, wish);
    const seen = await app.until('is refused', ({ conditions }) =>
      conditions.some((one) => one.type === 'InvalidSpecError'),
    );
    assert.match(JSON.stringify(seen.conditions), message);
    assert.equal(seen.phase, '', 'no sync was begun');
    await app.sync();
    const asked = await app.until(
      'a sync that is asked for is refused, too',
      ({ phase, requested }) => phase === 'Error' && !requested,
    );
    assert.match(asked.message, message);
    await nothingWritten(app);
  });
}

test('what a project allows again goes on by itself; what it denies stops at once', async () => {
  const [cluster, services] = [world.application('cluster'), world.application('services')];
  await kube.patch(resources.projects, namespace, 'strict', {
    spec: {
      clusterResourceWhitelist: [{ group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' }],
      namespaceResourceBlacklist: [],
    },
  });
  await Promise.all([cluster.converged(repo.head()), services.converged(repo.head())]);
  await kube.patch(resources.projects, namespace, 'strict', { spec: { sourceRepos: [] } });
  await services.until('is refused', ({ conditions }) => conditions.some((one) => one.type === 'InvalidSpecError'));
  await kube.remove(resources.services, target, 'refused');
  const seen = await services.until('sees the loss, and may not heal it', ({ sync }) => sync === 'OutOfSync');
  assert.ok(seen.holds.some((hold) => hold.reason === 'not-permitted'));
  assert.equal(await kube.get(resources.services, target, 'refused'), undefined);
  await kube.remove('rbac.authorization.k8s.io/v1/clusterroles', '', clusterRole);
});

async function nothingWritten(app: TestApplication): Promise<void> {
  const spaces = [target, elsewhere];
  for (const space of spaces) {
    for (const object of await kube.list(resources.configMaps, space)) {
      assert.ok(
        !JSON.stringify(object.metadata).includes(`"${app.name}:`),
        `${app.name} has written ${object.metadata.name}`,
      );
    }
  }
}
