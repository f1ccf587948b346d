// The promise: what people say does not count does not count: by pointer, by jq, by manager, for one application and for
// all; it is left alone where they ask for that; and kinds that are excluded are not touched at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, listAt, numberAt, objectAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, service, text } from '../harness/manifests.ts';
import { staysSo, waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const sidecar = { name: 'sidecar', image: 'registry.local/side:1' };

const world = await openWorld({
  files: {
    'scaled/web.yaml': text(deployment('scaled', 1)),
    'lenient/web.yaml': text(deployment('lenient', 1)),
    'jq/web.yaml': text(withSidecar(deployment('jq', 1))),
    'all/settings.yaml': text(configMap('all', { key: 'value', generated: 'by git' })),
    'excluded/objects.yaml': text(configMap('excluded'), { ...configMap('left-alone'), kind: 'Endpoints' }),
    'broken/settings.yaml': text(configMap('broken')),
  },
  settings: {
    'resource.customizations.ignoreDifferences.ConfigMap': "jqPathExpressions: ['.data.generated']",
    'resource.exclusions': '- apiGroups: [""]\n  kinds: [Endpoints]\n  clusters: ["*"]\n',
  },
});
const { kube, repo, target } = world;

function withSidecar(object: JsonObject): JsonObject {
  const spec = objectAt(object, 'spec');
  const template = objectAt(spec, 'template');
  const containers = [...listAt(template, 'spec', 'containers'), sidecar];
  return { ...object, spec: { ...spec, template: { ...template, spec: { containers } } } };
}

const read = (name: string) => kube.get(resources.deployments, target, name);
const replicas = async (name: string) => numberAt(await read(name), 'spec', 'replicas');
const imageOf = async (name: string, container: string) => {
  const containers = listAt(await read(name), 'spec', 'template', 'spec', 'containers');
  return stringAt(
    containers.find((one) => stringAt(one, 'name') === container),
    'image',
  );
};
const ignoring = (rule: JsonObject) => ({
  spec: { ignoreDifferences: [{ group: 'apps', kind: 'Deployment', ...rule }] },
});

test('a field ignored by pointer may differ, and with RespectIgnoreDifferences a sync leaves it alone', async () => {
  const app = await world.declare('scaled', {
    ...ignoring({ jsonPointers: ['/spec/replicas'] }),
    options: ['RespectIgnoreDifferences=true'],
  });
  await app.converged(repo.head());
  await kube.patch(resources.deployments, target, 'scaled', { spec: { replicas: 3 } }, 'by-hand');
  await app.refresh();
  await staysSo('nobody scales back', async () => (await replicas('scaled')) === 3, 1_000);
  assert.equal((await app.see()).sync, 'Synced');
  const commit = repo.push({ 'scaled/web.yaml': text(deployment('scaled', 1, 'registry.local/web:2')) });
  await app.converged(commit);
  assert.equal(await replicas('scaled'), 3, 'the new image came at their scale');
  assert.equal(await imageOf('scaled', 'web'), 'registry.local/web:2');
});

test('what a manager owns is ignored; without RespectIgnoreDifferences a sync writes everything', async () => {
  const app = await world.declare('lenient', ignoring({ managedFieldsManagers: ['autoscaler'] }));
  await app.converged(repo.head());
  await kube.patch(resources.deployments, target, 'lenient', { spec: { replicas: 3 } }, 'autoscaler');
  await app.refresh();
  await staysSo('nobody scales back', async () => (await replicas('lenient')) === 3, 1_000);
  assert.equal((await app.see()).sync, 'Synced');
  await app.converged(repo.push({ 'lenient/web.yaml': text(deployment('lenient', 1, 'registry.local/web:2')) }));
  assert.equal(await replicas('lenient'), 1, 'as in Argo CD');
});

test('jq chooses among the items of a list, and only those', async () => {
  const app = await world.declare(
    'jq',
    ignoring({ jqPathExpressions: ['.spec.template.spec.containers[] | select(.name == "sidecar") | .image'] }),
  );
  await app.converged(repo.head());
  const containers = [
    { name: 'web', image: 'registry.local/web:1' },
    { ...sidecar, image: 'registry.local/side:9' },
  ];
  await kube.patch(resources.deployments, target, 'jq', { spec: { template: { spec: { containers } } } }, 'by-hand');
  await app.refresh();
  assert.equal((await app.see()).sync, 'Synced');
  assert.equal(await imageOf('jq', 'sidecar'), 'registry.local/side:9');
  containers[0] = { name: 'web', image: 'registry.local/web:9' };
  await kube.patch(resources.deployments, target, 'jq', { spec: { template: { spec: { containers } } } }, 'by-hand');
  await waitFor('the other container is healed', async () => (await imageOf('jq', 'web')) === 'registry.local/web:1');
});

test('a rule of the whole system', async () => {
  const app = await world.declare('all');
  await app.converged(repo.head());
  await kube.patch(resources.configMaps, target, 'all', { data: { generated: 'by somebody' } }, 'by-hand');
  await app.refresh();
  const data = async () => objectAt(await kube.get(resources.configMaps, target, 'all'), 'data');
  await staysSo('it is left alone', async () => (await data()).generated === 'by somebody', 1_000);
  assert.equal((await app.see()).sync, 'Synced');
  await kube.patch(resources.configMaps, target, 'all', { data: { key: 'changed' } }, 'by-hand');
  await waitFor('the rest is healed', async () => (await data()).key === 'value');
});

test('an expression that cannot be read is told, and stops nothing', async () => {
  const app = await world.declare('broken', {
    spec: { ignoreDifferences: [{ group: '', kind: 'ConfigMap', jqPathExpressions: ['.data |'] }] },
  });
  const seen = await app.converged(repo.head());
  assert.ok(
    seen.conditions.some(({ type, message }) => type === 'ComparisonWarning' && String(message).includes('.data |')),
    await app.show(),
  );
});

test('a kind that is excluded is neither applied nor compared nor pruned, and the application says so', async () => {
  const app = await world.declare('excluded');
  const seen = await app.converged(repo.head());
  assert.ok(
    seen.conditions.some(({ type }) => type === 'ExcludedResourceWarning'),
    await app.show(),
  );
  assert.equal(await kube.get('v1/endpoints', target, 'left-alone'), undefined);
  assert.ok(await kube.get(resources.configMaps, target, 'excluded'));
  // A kind that is excluded later is left where it is, also when Git lets go of it.
  await app.converged(repo.push({ 'excluded/objects.yaml': text(configMap('excluded'), service('stays')) }));
  const exclusions = '- kinds: [Endpoints, Service]\n  apiGroups: [""]\n';
  await kube.patch(resources.configMaps, world.namespace, 'argocd-cm', { data: { 'resource.exclusions': exclusions } });
  await app.until('tells of the Service', ({ conditions }) =>
    conditions.some(({ message }) => String(message).includes('Service')),
  );
  await app.converged(repo.push({ 'excluded/objects.yaml': text(configMap('excluded')) }));
  assert.ok(await kube.get(resources.services, target, 'stays'), 'nobody prunes what is excluded');
});
