// The promise: a pass that finds everything as it should be writes nothing, to no object and to no application.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, service, serviceAccount, text } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld, type World } from '../harness/world.ts';

const files = {
  'calm/all.yaml': text(serviceAccount('calm'), service('calm'), deployment('calm', 1), configMap('calm')),
  // Defaults that the server fills in, values that it rewrites, and a form that it stores otherwise.
  'calm/odd.yaml': `
apiVersion: v1
kind: Secret
metadata: {name: odd}
stringData: {password: not-very-secret}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: odd}
spec:
  replicas: 0
  selector: {matchLabels: {app: odd}}
  template:
    metadata: {labels: {app: odd}}
    spec:
      containers:
        - name: web
          image: registry.local/web:1
          resources: {limits: {cpu: 1000m, memory: 1024Mi}, requests: {cpu: "0.5"}}
          env: [{name: EMPTY, value: ""}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: odd}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata: {name: odd}
spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: odd}, targetCPUUtilizationPercentage: 80}
`,
};

const world = await openWorld({ files });
const kinds = [
  resources.serviceAccounts,
  resources.services,
  resources.deployments,
  resources.configMaps,
  resources.secrets,
  'rbac.authorization.k8s.io/v1/roles',
  'autoscaling/v1/horizontalpodautoscalers',
];

test('looking again, a commit that changes nothing, and a restart write nothing', async () => {
  const app = await world.declare('calm');
  // Without metrics an autoscaler is not healthy, which is not what this test is about.
  await app.until('is synced', (seen) => seen.sync === 'Synced' && seen.phase === 'Succeeded');
  const before = await versions(world);
  assert.equal(Object.keys(before).length, 8);

  await app.refresh();
  await app.patch({ metadata: { annotations: { 'argocd.argoproj.io/refresh': 'hard' } } });
  await app.until(
    'a hard refresh is honoured',
    ({ object }) => JSON.stringify(object.metadata).includes('argocd.argoproj.io/refresh":"') === false,
  );
  assert.deepEqual(await versions(world), before, 'after two refreshes');

  const { history } = await app.see();
  const commit = world.repo.push({ 'elsewhere/README.md': 'nothing for anybody' });
  await app.until('takes note of the commit', (seen) => seen.revision === commit && seen.sync === 'Synced');
  assert.deepEqual(await versions(world), before, 'after a commit that changes nothing of it');
  assert.equal((await app.see()).history.length, history.length, 'nothing was deployed, so the history says nothing');

  const settled = (await app.read())?.metadata.resourceVersion;
  await world.engine.stop();
  await world.engine.start();
  await waitFor('the first pass after the restart', () => passes(world, app.name) > 0);
  assert.deepEqual(await versions(world), before, 'after a restart');
  assert.equal((await app.read())?.metadata.resourceVersion, settled, 'the status says the same, so it is not written');
});

test('the engine asks the server nothing about an application at which nothing has changed', async () => {
  const app = world.application('calm');
  await app.until('is synced', (seen) => seen.sync === 'Synced');
  const settled = (await app.read())?.metadata.resourceVersion;
  const seen = passes(world, app.name);
  await app.refresh();
  await waitFor('a pass', () => passes(world, app.name) > seen);
  const now = (await app.read())?.metadata;
  assert.notEqual(now?.resourceVersion, settled, 'the annotation was set and removed');
});

async function versions({ kube, target }: World): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const resource of kinds) {
    for (const object of await kube.list(resource, target)) {
      const annotations = JSON.stringify(object.metadata.annotations ?? {});
      if (!annotations.includes('tracking-id')) continue;
      // What controllers say about an object is not ours to keep still.
      found[`${resource} ${object.metadata.name}`] = ours(object.metadata.managedFields);
    }
  }
  return found;
}

function ours(managedFields: unknown): unknown {
  const entries = managedFields as { manager: string; time: string; subresource?: string }[];
  return entries.filter(({ manager }) => manager === 'plumbline');
}

function passes({ engine }: World, name: string): number {
  const lines = engine.log();
  const start = lines.length;
  return lines.slice(0, start).filter((line) => line.msg === 'pass' && String(line.app).endsWith(name)).length;
}
