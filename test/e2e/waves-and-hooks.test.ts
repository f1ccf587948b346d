// The promise: waves come one after another, each when the one before is healthy; hooks run before, after, and when a
// sync has failed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, type KubeObject, listAt, objectAt, stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, job, text, wave } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld();
const { kube, repo, target } = world;

const slow = (name: string, at: number, image: string): JsonObject => {
  const made = deployment(name, 1, image);
  // Available only after it has been ready for two seconds.
  return { ...made, metadata: { name, ...wave(at) }, spec: { ...objectAt(made, 'spec'), minReadySeconds: 2 } };
};

const version = (number: number) => {
  const image = `registry.local/web:${number}`;
  const data = { version: `${number}` };
  return {
    'app/all.yaml': text(
      configMap('late', data, wave(3)),
      slow('middle', 2, image),
      configMap('early', data, wave(-1)),
      slow('first', 1, image),
    ),
    'app/hooks.yaml': text(
      job('before', 'PreSync', { 'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation' }),
      job('after', 'PostSync', { 'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded' }),
      job('on-failure', 'SyncFail'),
    ),
  };
};

test('a first sync, and one that changes everything, go wave by wave between their hooks', async () => {
  const app = await world.declare('app', { options: ['PrunePropagationPolicy=background'] });
  for (const number of [1, 2]) {
    const commit = repo.push(version(number));
    const begun = Date.now();
    // The PostSync hook goes when it has succeeded: it is watched while it lives.
    const after = waitFor('the PostSync hook', () => kube.get(resources.jobs, target, 'after'), {
      show: () => app.show(),
    });
    const seen = await app.converged(commit, { within: 60_000 });
    const [before, early, first, middle, late] = await Promise.all([
      jobDone('before'),
      written(resources.configMaps, 'early'),
      written(resources.deployments, 'first'),
      written(resources.deployments, 'middle'),
      written(resources.configMaps, 'late'),
    ]);
    const hook = Date.parse(stringAt((await after).metadata, 'creationTimestamp') ?? '');
    const order = [begun - 1_000, before, early, first, middle, late, hook];
    const sorted = order.toSorted((a, b) => a - b);
    assert.deepEqual(order, sorted, `version ${number}: ${order.map((time) => time - begun).join(', ')}`);
    assert.ok(middle - first >= 2_000, 'the second Deployment waits until the first is available');
    assert.ok(late - middle >= 2_000);
    const results = listAt(seen.status, 'operationState', 'syncResult', 'resources') as unknown as JsonObject[];
    const hooks = results.filter(({ hookType }) => hookType !== undefined);
    assert.deepEqual(
      hooks.map(({ name, hookType, hookPhase, syncPhase }) => ({ name, hookType, hookPhase, syncPhase })),
      [
        { name: 'before', hookType: 'PreSync', hookPhase: 'Succeeded', syncPhase: 'PreSync' },
        { name: 'after', hookType: 'PostSync', hookPhase: 'Succeeded', syncPhase: 'PostSync' },
      ],
    );
    await waitFor(
      'the PostSync hook is gone',
      async () => (await kube.get(resources.jobs, target, 'after')) === undefined,
    );
    assert.equal(await kube.get(resources.jobs, target, 'on-failure'), undefined);
  }
});

test('a wave that is Degraded stops the sync, by name, and the SyncFail hook runs', async () => {
  const made = deployment('broken', 1);
  const broken = {
    ...made,
    metadata: { name: 'broken', ...wave(1) },
    spec: { ...objectAt(made, 'spec'), progressDeadlineSeconds: 1, minReadySeconds: 600 },
  };
  // A minimum that is not below the deadline is refused: the deadline comes first.
  (broken.spec as Record<string, unknown>).minReadySeconds = 0;
  const template = objectAt(made, 'spec', 'template');
  const impossible = { ...template, spec: { ...objectAt(template, 'spec'), nodeSelector: { 'no-such': 'node' } } };
  (broken.spec as Record<string, unknown>).template = impossible;
  repo.push({
    'degraded/all.yaml': text(broken, configMap('never', {}, wave(2))),
    'degraded/hook.yaml': text(job('clean-up', 'SyncFail')),
  });
  const app = await world.declare('degraded', { retry: { limit: 0 } });
  const seen = await app.until('has failed', ({ phase }) => phase === 'Failed', { within: 60_000 });
  assert.match(seen.message, /broken/, 'the message names what is not well');
  assert.equal(await kube.get(resources.configMaps, target, 'never'), undefined, 'the next wave was not begun');
  assert.ok(Number.isFinite(await jobDone('clean-up')));
});

test('a hook that fails stops the sync before its first object', async () => {
  const failing = {
    ...job('failing', 'PreSync'),
    metadata: { name: 'failing', annotations: { 'argocd.argoproj.io/hook': 'PreSync' } },
  };
  (objectAt(failing, 'spec') as Record<string, unknown>).activeDeadlineSeconds = 1;
  const template = objectAt(failing, 'spec', 'template') as Record<string, unknown>;
  template.spec = { ...objectAt(template as JsonObject, 'spec'), nodeSelector: { 'no-such': 'node' } };
  repo.push({ 'failing/all.yaml': text(configMap('not-yet'), failing) });
  const app = await world.declare('failing', { retry: { limit: 0 } });
  const seen = await app.until('has failed', ({ phase }) => phase === 'Failed', { within: 60_000 });
  assert.match(seen.message, /failing/);
  assert.equal(await kube.get(resources.configMaps, target, 'not-yet'), undefined);
});

/** When the engine last wrote an object, ms since the epoch (whole seconds). */
async function written(resource: string, name: string): Promise<number> {
  const live = await kube.get(resource, target, name);
  const entries = listAt(live?.metadata ?? {}, 'managedFields') as unknown as JsonObject[];
  return Date.parse(stringAt(entries.find(({ manager }) => manager === 'plumbline') ?? {}, 'time') ?? '');
}

async function jobDone(name: string): Promise<number> {
  const live: KubeObject | undefined = await kube.get(resources.jobs, target, name);
  return Date.parse(stringAt(live, 'status', 'completionTime') ?? '');
}
