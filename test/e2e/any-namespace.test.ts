// The promise: applications may lie where the settings say, and use the projects that let them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringAt } from '../../src/model/index.ts';
import { TestApplication } from '../harness/application.ts';
import { resources } from '../harness/kube.ts';
import { configMap, text } from '../harness/manifests.ts';
import { staysSo } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({ files: { 'app/all.yaml': text(configMap('a')) } });
const { kube, repo } = world;

async function declareIn(namespace: string, name: string, project: string): Promise<TestApplication> {
  const target = await world.freshTarget();
  const made = world.resourceOf(name, { path: 'app', target, project });
  await kube.create(resources.applications, { ...made, metadata: { ...made.metadata, namespace } });
  return new TestApplication(kube, () => world.engine, { namespace, name: world.nameOf(name), target });
}

test('an application beside the control namespace is taken when the setting names it, and its project lets it', async () => {
  const team = await world.freshTarget();
  const metadata = { name: 'teams', namespace: world.namespace };
  await kube.create(resources.projects, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata,
    spec: { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }], sourceNamespaces: ['target-*'] },
  });
  const app = await declareIn(team, 'app', 'teams');
  await staysSo('nobody looks at it', async () => (await app.see()).sync === '', 1_000);
  await kube.create(resources.configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'argocd-cmd-params-cm',
      namespace: world.namespace,
      labels: { 'app.kubernetes.io/part-of': 'argocd' },
    },
    data: { 'application.namespaces': `${team}, nobody-*` },
  });
  await app.converged(repo.head());
  const live = await kube.get(resources.configMaps, app.target, 'a');
  const tracking = stringAt(live?.metadata, 'annotations', 'argocd.argoproj.io/tracking-id') ?? '';
  assert.ok(tracking.startsWith(`${team}_${app.name}:`), tracking);
  const other = await declareIn(team, 'other', 'default');
  await other.until('may not use a project that does not know its namespace', ({ holds }) =>
    holds.some(({ reason }) => reason === 'not-permitted'),
  );
  assert.equal(await kube.get(resources.configMaps, other.target, 'a'), undefined);
});
