// The promise: a repository or a path that is suddenly empty deletes nothing, unless the application allows it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, text } from '../harness/manifests.ts';
import { staysSo } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({
  files: {
    'safe/all.yaml': text(configMap('safe-a'), configMap('safe-b'), deployment('safe', 1)),
    'bold/all.yaml': text(configMap('bold-a'), configMap('bold-b')),
    'vanishing/all.yaml': text(configMap('vanishing')),
    'safe/README.md': 'keeps the folder alive',
    'bold/README.md': 'keeps the folder alive',
  },
});
const { kube, repo, target } = world;
const names = async () => (await kube.list(resources.configMaps, target)).map(({ metadata }) => String(metadata.name));

test('emptied: nothing goes without allowEmpty, everything with it', async () => {
  const safe = await world.declare('safe');
  const bold = await world.declare('bold', { automated: { prune: true, selfHeal: true, allowEmpty: true } });
  const vanishing = await world.declare('vanishing');
  await Promise.all([safe, bold, vanishing].map((app) => app.converged(repo.head())));

  const empty = repo.push({ 'safe/all.yaml': null, 'bold/all.yaml': null, 'vanishing/all.yaml': null });
  await bold.until('is emptied', ({ sync, revision }) => sync === 'Synced' && revision === empty);
  assert.ok(!(await names()).some((name) => name.startsWith('bold')));

  const held = await safe.until('is held', ({ holds }) => holds.some((hold) => hold.reason === 'empty-not-allowed'));
  assert.equal(held.sync, 'OutOfSync');
  assert.ok(held.conditions.length > 0, 'and a condition says so');
  // A path that is not there any more is an error, not an empty application.
  const lost = await vanishing.until('says that its path is gone', ({ conditions }) => conditions.length > 0);
  assert.match(JSON.stringify(lost.conditions), /vanishing/);

  const all = async () => {
    const left = await names();
    return ['safe-a', 'safe-b', 'vanishing'].every((name) => left.includes(name));
  };
  await staysSo('everything is still there', all, 1_500);
  assert.ok(await kube.get(resources.deployments, target, 'safe'));

  // Self-heal goes on for what is there... once Git says again what should be.
  const back = repo.push({
    'safe/all.yaml': text(configMap('safe-a')),
    'vanishing/all.yaml': text(configMap('vanishing')),
  });
  await safe.converged(back);
  const again = await vanishing.converged(back);
  assert.deepEqual(again.conditions, []);
  assert.ok(!(await names()).includes('safe-b'), 'what is not empty prunes as ever');
});

test('a repository without any commit is an error, and deletes nothing', async () => {
  const app = world.application('safe');
  repo.git('push', '-q', 'origin', '--delete', 'main');
  const seen = await app.until('says so', ({ conditions }) => conditions.length > 0);
  assert.ok((await names()).includes('safe-a'), JSON.stringify(seen.conditions));
  repo.git('push', '-q', 'origin', 'main');
  await app.converged(repo.head());
});
