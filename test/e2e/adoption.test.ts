// The promise: what kubectl, Helm or another engine has made is taken over as it is, without being made anew, and with
// everything that follows: what leaves Git leaves the object.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, listAt, objectAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld();
const { kube, repo, target } = world;
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

const made = (name: string, metadata: JsonObject = {}): JsonObject => ({
  ...configMap(name, { colour: 'green', old: 'goes' }),
  metadata: { name, namespace: target, ...metadata },
});

/** Makes an object as another tool does. */
const makers: Readonly<Record<string, (name: string) => Promise<unknown>>> = {
  'kubectl apply': (name) => {
    const annotations = { [lastApplied]: JSON.stringify(made(name)) };
    return createAs('kubectl-client-side-apply', made(name, { annotations }));
  },
  'kubectl apply --server-side': (name) => kube.apply(resources.configMaps, made(name), 'kubectl'),
  'Argo CD, server-side': (name) => kube.apply(resources.configMaps, made(name), 'argocd-controller'),
  'Argo CD, client-side': (name) => {
    const annotations = { [lastApplied]: JSON.stringify(made(name)) };
    return createAs('argocd-controller', made(name, { annotations }));
  },
  Helm: (name) =>
    createAs(
      'helm',
      made(name, {
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'r' },
      }),
    ),
  'Flux (kustomize-controller)': (name) => kube.apply(resources.configMaps, made(name), 'kustomize-controller'),
};

function createAs(manager: string, object: JsonObject): Promise<unknown> {
  return kube.api.request('POST', `/api/v1/namespaces/${target}/configmaps?fieldManager=${manager}`, { body: object });
}

test('objects of other tools become ours, the same as they are, and all of them', async () => {
  const names = Object.keys(makers).map((_, i) => `made-${i}`);
  await Promise.all(Object.values(makers).map((make, i) => make(names[i] ?? '')));
  const before = await Promise.all(names.map((name) => kube.get(resources.configMaps, target, name)));
  const all = (data: JsonObject) => ({ 'app/all.yaml': text(...names.map((name) => configMap(name, data))) });
  repo.push(all({ colour: 'green', old: 'goes' }));
  const app = await world.declare('app');
  await app.converged(repo.head());
  const adopted = await Promise.all(names.map((name) => kube.get(resources.configMaps, target, name)));
  for (const [i, tool] of Object.keys(makers).entries()) {
    assert.equal(adopted[i]?.metadata.uid, before[i]?.metadata.uid, tool);
    const id = stringAt(adopted[i]?.metadata, 'annotations', 'argocd.argoproj.io/tracking-id');
    assert.equal(id, `${app.name}:/ConfigMap:${target}/${names[i]}`, tool);
  }

  // A field that leaves Git leaves the object, whoever has written it first.
  const commit = repo.push(all({ colour: 'blue' }));
  await app.converged(commit);
  for (const [i, tool] of Object.keys(makers).entries()) {
    const live = await kube.get(resources.configMaps, target, names[i] ?? '');
    assert.deepEqual(live?.data, { colour: 'blue' }, tool);
    const managers = (listAt(live?.metadata ?? {}, 'managedFields') as unknown as JsonObject[]).filter((entry) => {
      return JSON.stringify(objectAt(entry, 'fieldsV1')).includes('f:data');
    });
    assert.deepEqual(
      managers.map(({ manager }) => manager),
      ['plumbline'],
      tool,
    );
  }

  // And the object itself can go.
  const gone = repo.push({ 'app/all.yaml': text(configMap(names[0] ?? '')) });
  await app.converged(gone);
  const left = await Promise.all(names.slice(1).map((name) => kube.get(resources.configMaps, target, name)));
  assert.deepEqual(left.filter(Boolean), []);
});

test('an object that is tracked for an application that does not exist is taken over', async () => {
  const annotations = { 'argocd.argoproj.io/tracking-id': `long-gone:/ConfigMap:${target}/widow` };
  await kube.create(resources.configMaps, made('widow', { annotations }));
  const commit = repo.push({ 'heir/all.yaml': text(configMap('widow')) });
  const heir = await world.declare('heir');
  const seen = await heir.converged(commit);
  assert.deepEqual(seen.conditions, []);
});
