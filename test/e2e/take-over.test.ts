// The promise: what a running Argo CD manages is taken over without a single write to it, however Argo CD has applied
// it; drift is healed all the same; and the first real change makes an object ours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, listAt, objectAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, service, text } from '../harness/manifests.ts';
import { plumb } from '../harness/plumb.ts';
import { staysSo, waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({ start: false });
const { kube, repo, target, engine } = world;
const controller = 'argocd-controller';
const copy = 'kubectl.kubernetes.io/last-applied-configuration';
const clusterRoles = 'rbac.authorization.k8s.io/v1/clusterroles';

/** How Argo CD writes an object: as kubectl apply does, or by the server. */
const ways = ['client-side', 'server-side'] as const;
type Way = (typeof ways)[number];

const role = (name: string): JsonObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name },
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
});
const policy = (name: string): JsonObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec: { podSelector: { matchLabels: { app: name } }, ingress: [{ ports: [{ port: 80 }] }] },
});
const web = (name: string): JsonObject => {
  const object = deployment(name, 0);
  const containers = [
    {
      name: 'web',
      image: 'registry.local/web:1',
      ports: [{ containerPort: 80 }],
      env: [{ name: 'COLOUR', value: 'green' }],
      resources: { requests: { cpu: '0.1', memory: '64Mi' } },
    },
  ];
  const template = objectAt(object, 'spec', 'template');
  return { ...object, spec: { ...objectAt(object, 'spec'), template: { ...template, spec: { containers } } } };
};

const objectsOf = (name: string): readonly (readonly [resource: string, object: JsonObject])[] => [
  [resources.configMaps, configMap(name, { colour: 'green', size: 'big' })],
  [resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { password: 'aHVudGVyMg==' } }],
  [resources.services, service(name)],
  [resources.deployments, web(name)],
  ['networking.k8s.io/v1/networkpolicies', policy(name)],
  [clusterRoles, role(world.nameOf(name))],
];

/** The object as Argo CD leaves it in the cluster. */
function marked(app: string, object: JsonObject): JsonObject {
  const [group = '', version] = String(object.apiVersion).includes('/')
    ? String(object.apiVersion).split('/')
    : ['', ''];
  const id = `${app}:${version === '' ? '' : group}/${object.kind}:${target}/${stringAt(object, 'metadata', 'name')}`;
  const namespace = object.kind === 'ClusterRole' ? {} : { namespace: target };
  const annotations = { 'argocd.argoproj.io/tracking-id': id };
  return { ...object, metadata: { ...objectAt(object, 'metadata'), ...namespace, annotations } };
}

async function applyAsArgoCd(way: Way, resource: string, object: JsonObject): Promise<void> {
  if (way === 'server-side') return void (await kube.apply(resource, object, controller));
  const metadata = objectAt(object, 'metadata');
  const annotations = { ...objectAt(metadata, 'annotations'), [copy]: `${JSON.stringify(object)}\n` };
  const [plural = '', version = '', group = ''] = resource.split('/').reverse();
  const place = metadata.namespace === undefined ? '' : `/namespaces/${target}`;
  const path = `${group === '' ? '/api' : `/apis/${group}`}/${version}${place}/${plural}?fieldManager=${controller}`;
  await kube.api.request('POST', path, { body: { ...object, metadata: { ...metadata, annotations } } });
}

const placeOf = (resource: string) => (resource === clusterRoles ? '' : target);
const nameIn = (object: JsonObject) => stringAt(object, 'metadata', 'name') ?? '';
const versionsOf = async (name: string) =>
  Promise.all(
    objectsOf(name).map(async ([resource, object]) => {
      const live = await kube.get(resource, placeOf(resource), nameIn(object));
      const managers = listAt(live?.metadata ?? {}, 'managedFields').map((entry) => stringAt(entry, 'manager'));
      assert.ok(!managers.includes('plumbline'), `${resource} has been written`);
      // The deployment controller writes the status of its objects when it likes.
      const version = resource === resources.deployments ? 'generation' : 'resourceVersion';
      return `${resource} ${String(live?.metadata[version])}`;
    }),
  );

test('every object that equals its manifest keeps its resourceVersion', async () => {
  const files: Record<string, string> = {};
  for (const way of ways) {
    for (const [resource, object] of objectsOf(way))
      await applyAsArgoCd(way, resource, marked(world.nameOf(way), object));
    files[`${way}/all.yaml`] = text(...objectsOf(way).map(([, object]) => object));
  }
  const commit = repo.push(files);
  const settled = await Promise.all(ways.map((way) => versionsOf(way)));
  await engine.start();
  const apps = await Promise.all(ways.map((way) => world.declare(way)));
  for (const [i, app] of apps.entries()) {
    const seen = await app.converged(commit);
    assert.equal(seen.phase, '', 'there was nothing to sync');
    assert.deepEqual(await versionsOf(ways[i] ?? ''), settled[i]);
  }
  await engine.stop();
  await engine.start();
  for (const [i, app] of apps.entries()) {
    await app.refresh();
    assert.deepEqual(await versionsOf(ways[i] ?? ''), settled[i], 'after a restart too');
  }
});

for (const way of ways)
  test(`drift of what Argo CD applied ${way} is healed`, async () => {
    await kube.patch(resources.configMaps, target, way, { data: { colour: 'red' } }, 'by-hand');
    const live = () => kube.get(resources.configMaps, target, way);
    await waitFor('green again', async () => objectAt(await live(), 'data').colour === 'green');
    await kube.patch(resources.services, target, way, { spec: { selector: { app: 'other' } } }, 'by-hand');
    await waitFor('the old selector', async () => {
      const found = await kube.get(resources.services, target, way);
      return stringAt(found, 'spec', 'selector', 'app') === way;
    });
    await kube.remove(resources.configMaps, target, way);
    await waitFor('made again', async () => (await live()) !== undefined);
  });

for (const way of ways)
  test(`what leaves Git leaves an object that Argo CD applied ${way}`, async () => {
    const app = world.application(way);
    const leaner = web(way);
    const containers = [{ name: 'web', image: 'registry.local/web:2', ports: [{ containerPort: 80 }] }];
    const spec = {
      ...objectAt(leaner, 'spec'),
      template: { ...objectAt(leaner, 'spec', 'template'), spec: { containers } },
    };
    const others = objectsOf(way).flatMap(([resource, object]) => (resource === resources.deployments ? [] : [object]));
    const commit = repo.push({ [`${way}/all.yaml`]: text(...others, { ...leaner, spec }) });
    await app.converged(commit);
    const [container] = listAt(
      await kube.get(resources.deployments, target, way),
      'spec',
      'template',
      'spec',
      'containers',
    );
    assert.deepEqual([stringAt(container, 'image'), listAt(container, 'env')], ['registry.local/web:2', []]);
    assert.deepEqual(objectAt(container ?? {}, 'resources'), {});
  });

for (const way of ways)
  test(`a field that left Git before the take-over is no match (${way})`, async () => {
    const name = `late-${way}`;
    const app = world.nameOf(name);
    await applyAsArgoCd(way, resources.configMaps, marked(app, configMap(name, { colour: 'green', old: 'goes' })));
    const commit = repo.push({ [`${name}/all.yaml`]: text(configMap(name, { colour: 'green' })) });
    await (await world.declare(name)).converged(commit);
    const live = await kube.get(resources.configMaps, target, name);
    assert.deepEqual(live?.data, { colour: 'green' });
  });

test('an object of an application that is held is not written either', async () => {
  const name = 'held';
  await applyAsArgoCd('client-side', resources.configMaps, marked(world.nameOf(name), configMap(name)));
  const before = await kube.get(resources.configMaps, target, name);
  repo.push({ [`${name}/all.yaml`]: text(configMap(name, { key: 'other' })) });
  const app = await world.declare(name, { automated: false });
  await app.until('is OutOfSync', ({ sync }) => sync === 'OutOfSync');
  await staysSo(
    'nobody writes it',
    async () => {
      const live = await kube.get(resources.configMaps, target, name);
      return live?.metadata.resourceVersion === before?.metadata.resourceVersion;
    },
    800,
  );
});

test('plumb admin import says what would happen, stops Argo CD and starts it again', async () => {
  const name = 'application-controller';
  const labels = { 'app.kubernetes.io/part-of': 'argocd', 'app.kubernetes.io/component': name };
  const sets = 'apps/v1/statefulsets';
  const template = {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name, image: 'quay.io/argoproj/argocd:v3.4.0' }] },
  };
  await kube.create(sets, {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: `argocd-${name}`, namespace: world.namespace, labels },
    spec: { replicas: 2, serviceName: name, selector: { matchLabels: { app: name } }, template },
  });
  const report = await plumb(world, ['admin', 'import', '-o', 'json']);
  assert.equal(report.code, 1, report.stderr);
  const { components, applications, advice } = JSON.parse(report.stdout) as {
    components: JsonObject[];
    applications: { key: string; objects: JsonObject }[];
    advice: string[];
  };
  assert.deepEqual(
    components.map((one) => [one.name, one.replicas, one.writes]),
    [[`argocd-${name}`, 2, true]],
  );
  const of = (app: string) =>
    applications.find(({ key }) => key === `${world.namespace}/${world.nameOf(app)}`)?.objects;
  const tally = { update: 0, create: 0, prune: 0, hindered: 0, onlyTracking: 0 };
  assert.deepEqual(of('client-side'), { ...tally, same: 6 });
  assert.deepEqual(of('held'), { ...tally, same: 0, update: 1 });
  assert.match(advice.join(' '), /still runs/);
  assert.match((await plumb(world, ['admin', 'import'])).stdout, /held\S* +manual +1\n[\s\S]*taken over as they are/);

  const replicas = async () => objectAt(await kube.get(sets, world.namespace, `argocd-${name}`), 'spec').replicas;
  assert.equal((await plumb(world, ['admin', 'import', '--take-over'])).code, 0);
  assert.equal(await replicas(), 0);
  assert.equal((await plumb(world, ['admin', 'import', '--give-back'])).code, 0);
  assert.equal(await replicas(), 2);
});
