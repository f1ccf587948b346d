// The promise: 409, 429 and 5xx answers, lost answers and broken watches cost time and nothing else.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { objectAt, stringAt } from '../../src/model/index.ts';
import { sharedControlPlane } from '../harness/control-plane.ts';
import { type Fault, FaultProxy } from '../harness/fault-proxy.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, serviceAccount, text, wave } from '../harness/manifests.ts';
import { waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const version = (number: number) => ({
  'app/first.yaml': text(
    ...Array.from({ length: 20 }, (_, i) => configMap(`map-${i}`, { version: `${number}` }, wave(-1))),
  ),
  'app/web.yaml': text(deployment('web', 1, `registry.local/web:${number}`), serviceAccount('web')),
  'app/odd.yaml': text(number % 2 === 1 ? configMap('odd') : configMap('even')),
});

const proxy = new FaultProxy((await sharedControlPlane()).kubeconfig);
const kubeconfigPath = await proxy.start();
after(() => proxy.stop());
const world = await openWorld({ files: version(0), start: false });
const { kube, repo, target, engine } = world;
await engine.start(kubeconfigPath);

const storms: Readonly<Record<string, readonly Fault[]>> = {
  'too many requests': [
    { status: 429, reason: 'TooManyRequests', retryAfter: 1 },
    { status: 429, reason: 'TooManyRequests' },
  ],
  'errors of the server': [500, 502, 503, 504].map((status) => ({ status, reason: 'InternalError' })),
  'conflicts of writes': [{ status: 409, reason: 'Conflict' }],
  'connections that break': ['drop', 'lose'],
};

let number = 0;
for (const [name, faults] of Object.entries(storms)) {
  test(`${name}: half of all requests fail, and it converges all the same`, { timeout: 120_000 }, async () => {
    const app = number === 0 ? await world.declare('app') : world.application('app');
    if (number === 0) await app.converged(repo.head());
    const uids = await identities();
    const random = dice(number + 1);
    proxy.spoil(({ method, watch }) => {
      if (random() > 0.5) return undefined;
      const fault = faults[Math.floor(random() * faults.length)];
      // Reading never conflicts; a watch that breaks off is another matter.
      const conflict = typeof fault === 'object' && fault.status === 409;
      return conflict && (method === 'GET' || watch) ? undefined : fault;
    });
    proxy.cut();
    number += 1;
    const commit = repo.push(version(number));
    await kube.patch(resources.configMaps, target, 'map-3', { data: { version: 'drifted' } });
    // The storm lasts until it has done some damage.
    await waitFor('the storm has raged', () => failures() > 25 * number, { within: 40_000, show: () => app.show() });
    proxy.spoil(() => undefined);
    await app.converged(commit, { within: 60_000 });
    const now = await identities();
    for (const [id, uid] of Object.entries(uids)) assert.equal(now[id], uid, `${id} was made anew`);
    const maps = await kube.list(resources.configMaps, target);
    const versions = new Set(maps.filter(isNumbered).map((map) => stringAt(map, 'data', 'version')));
    assert.deepEqual([...versions], [`${number}`]);
    const odd = maps.some(({ metadata }) => metadata.name === 'odd');
    assert.equal(odd, number % 2 === 1);
  });
}

test('watches that are cut again and again miss nothing', async () => {
  const commit = repo.push({ 'calm/all.yaml': text(configMap('calm')) });
  const calm = await world.declare('calm');
  await calm.converged(commit);
  for (let round = 0; round < 4; round++) {
    proxy.cut();
    await kube.patch(resources.configMaps, target, 'calm', { data: { key: `drift ${round}` } });
    const read = async () => objectAt(await kube.get(resources.configMaps, target, 'calm'), 'data').key;
    await waitFor('heals', async () => (await read()) === 'value', { show: () => calm.show() });
  }
});

function failures(): number {
  return [...proxy.counts].reduce((sum, [name, count]) => sum + (name === 'passed' ? 0 : count), 0);
}

function isNumbered({ metadata }: { readonly metadata: { readonly name?: unknown } }): boolean {
  return String(metadata.name).startsWith('map-');
}

async function identities(): Promise<Record<string, unknown>> {
  const lists = await Promise.all([resources.configMaps, resources.deployments].map((kind) => kube.list(kind, target)));
  const all = lists.flat().filter(({ metadata }) => /^(?:map-|web)/.test(String(metadata.name)));
  return Object.fromEntries(all.map(({ metadata }) => [String(metadata.name), metadata.uid]));
}

function dice(seed: number): () => number {
  let state = seed * 7_919;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
