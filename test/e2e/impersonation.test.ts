// The promise: with impersonation an application can do what the service account of its destination may, and no more.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({
  files: { 'app/all.yaml': text(configMap('a')) },
  settings: { 'application.sync.impersonation.enabled': 'true' },
});
const { kube, repo } = world;
const rbac = 'rbac.authorization.k8s.io';

async function project(name: string, target: string, account?: string): Promise<string> {
  const accounts = [{ server: '*', namespace: target, defaultServiceAccount: account ?? '' }];
  await kube.create(resources.projects, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name, namespace: world.namespace },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ server: '*', namespace: '*' }],
      ...(account === undefined ? {} : { destinationServiceAccounts: accounts }),
    },
  });
  return name;
}

async function allow(target: string, account: string): Promise<void> {
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }];
  const common = { apiVersion: `${rbac}/v1`, metadata: { name: account, namespace: target } };
  await kube.create(`${rbac}/v1/roles`, { ...common, kind: 'Role', rules });
  await kube.create(`${rbac}/v1/rolebindings`, {
    ...common,
    kind: 'RoleBinding',
    roleRef: { apiGroup: rbac, kind: 'Role', name: account },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: target }],
  });
}

test('an account without rights is refused; with them the same application converges, prunes and goes', async () => {
  const target = await world.freshTarget();
  const finalizers = ['resources-finalizer.argocd.argoproj.io'];
  const app = await world.declare('app', { target, finalizers, project: await project('team', target, 'deployer') });
  await app.until('is refused', ({ conditions, message }) =>
    /cannot|forbidden/i.test([message, ...conditions.map((one) => one.message)].join()),
  );
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
  await allow(target, 'deployer');
  await app.refresh();
  await app.converged(repo.head(), { within: 60_000 });
  await app.remove();
  await app.gone();
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
});

test('a project that names nobody for a destination may not write there', async () => {
  const target = await world.freshTarget();
  const app = await world.declare('nobody', { path: 'app', target, project: await project('nobody', target) });
  await app.until('says so', ({ conditions }) => conditions.some((one) => /service account/.test(String(one.message))));
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
});
