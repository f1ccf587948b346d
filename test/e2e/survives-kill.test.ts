// The promise: `kill -9` at any moment costs nothing but time: the next process finishes the sync, in its order, and
// deletes nothing that should be there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringAt } from '../../src/model/index.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, serviceAccount, text, wave } from '../harness/manifests.ts';
import { openWorld } from '../harness/world.ts';

const waves = 4;
const perWave = 6;

/** Several waves: each a Deployment that takes time to become healthy, and objects that carry the version. */
function version(number: number): Record<string, string> {
  const files: Record<string, string> = {};
  for (let w = 0; w < waves; w++) {
    const maps = Array.from({ length: perWave }, (_, i) => configMap(`w${w}-${i}`, { version: `${number}` }, wave(w)));
    const web = deployment(`w${w}`, 1 + (number % 2), `registry.local/web:${number}`);
    Object.assign(web.metadata as object, wave(w));
    files[`app/wave-${w}.yaml`] = text(...maps, web);
  }
  // An object that comes and goes with every other version.
  files['app/odd.yaml'] = text(...(number % 2 === 1 ? [serviceAccount('odd', wave(2))] : [configMap('even')]));
  return files;
}

const world = await openWorld({ files: { ...version(0), 'keep/all.yaml': text(configMap('keep')) } });
const { kube, repo, target, engine } = world;

test('killed at random moments of a sync of several waves', { timeout: 180_000 }, async () => {
  const [app, keep] = await Promise.all([world.declare('app'), world.declare('keep')]);
  await Promise.all([app.converged(repo.head()), keep.converged(repo.head())]);
  const uids = await identities();
  let seed = Date.now() % 2_147_483_647;
  const chance = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let round = 1; round <= 6; round++) {
    const commit = repo.push(version(round));
    const kills = 1 + (round % 2);
    for (let kill = 0; kill < kills; kill++) {
      if (!engine.running) await engine.start();
      // From "has not noticed the commit" to "is in the last wave".
      await sleep(200 + chance() * 1_800);
      await engine.kill();
    }
    await engine.start();
    const seen = await app.converged(commit, { within: 60_000 });
    assert.deepEqual(seen.conditions, [], `round ${round}`);
    const now = await identities();
    for (const [name, uid] of Object.entries(uids))
      assert.equal(now[name], uid, `round ${round}: ${name} was made anew`);
    await checkVersion(round);
  }
  await keep.converged(repo.head());
});

// Objects that are in every version.
async function identities(): Promise<Record<string, unknown>> {
  const lists = await Promise.all([resources.configMaps, resources.deployments].map((kind) => kube.list(kind, target)));
  const all = lists.flat().filter(({ metadata }) => /^w\d|^keep/.test(String(metadata.name)));
  return Object.fromEntries(all.map(({ kind, metadata }) => [`${kind ?? ''}${metadata.name}`, metadata.uid]));
}

async function checkVersion(number: number): Promise<void> {
  const maps = await kube.list(resources.configMaps, target);
  const versions = maps
    .filter(({ metadata }) => /^w\d/.test(String(metadata.name)))
    .map((map) => stringAt(map, 'data', 'version'));
  assert.equal(versions.length, waves * perWave);
  assert.deepEqual([...new Set(versions)], [`${number}`]);
  const odd = (await kube.get(resources.serviceAccounts, target, 'odd')) !== undefined;
  const even = (await kube.get(resources.configMaps, target, 'even')) !== undefined;
  assert.deepEqual({ odd, even }, { odd: number % 2 === 1, even: number % 2 === 0 });
}
