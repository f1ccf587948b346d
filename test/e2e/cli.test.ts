// The promise: a person needs nothing but `plumb` to see, compare, sync, wait, roll back and delete.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, service, text } from '../harness/manifests.ts';
import { openWorld } from '../harness/world.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const shop = (replicas: number, colour: string) => ({
  'shop/web.yaml': text(deployment('web', replicas), service('web')),
  'shop/colours.yaml': text(configMap('colours', { colour })),
});

const world = await openWorld({ files: shop(2, 'green') });
const { kube, repo, target, namespace } = world;
const name = world.nameOf('shop');
const work = join(repo.folder, 'work');

type Answer = { readonly code: number; readonly out: string; readonly err: string };

/** Runs one command line as a person does, in the clone. */
function plumb(...words: readonly string[]): Promise<Answer> {
  const globals = ['--kubeconfig', world.kubeconfigPath, '--namespace', namespace];
  const env = {
    ...process.env,
    PLUMBLINE_CACHE: world.engine.cache,
    NODE_COMPILE_CACHE: join(world.engine.cache, 'node'),
    NO_COLOR: '1',
    USER: 'ada',
  };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...words, ...globals],
      { cwd: work, env, timeout: 120_000 },
      (error, out, err) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 99;
        resolve({ code, out, err });
      },
    );
  });
}

/** The same, and it has to go well. */
async function fine(...words: readonly string[]): Promise<string> {
  const { code, out, err } = await plumb(...words);
  assert.equal(code, 0, `plumb ${words.join(' ')}: ${code}\n${out}${err}`);
  return out;
}

test('an application is created, synced when asked, and waited for', async () => {
  const made = ['--repo', repo.url, '--path', 'shop', '--revision', 'main', '--dest-namespace', target];
  assert.equal(await fine('app', 'create', name, ...made, '--label', 'team=web'), `${namespace}/${name}: created\n`);
  const again = await plumb('app', 'create', name, ...made);
  assert.deepEqual([again.code, again.err.startsWith('error [already-exists]')], [2, true]);
  await fine('app', 'refresh', name);
  const before = await plumb('app', 'diff', name);
  assert.equal(before.code, 1);
  assert.match(before.out, /3 objects differ: 3 to create/);
  assert.match(await fine('app', 'get', name), /manual-sync: /, 'every object says what it waits for');
  const held = await plumb('wait', '--timeout', '30s');
  assert.deepEqual([held.code, /held/.test(held.out)], [1, true], held.out);
  assert.match(await fine('app', 'sync', name, '--timeout', '60s'), /synced to [0-9a-f]{7} in/);
  assert.match(await fine('app', 'wait', name, '--timeout', '60s'), /1 application converged/);
  assert.match(await fine('app', 'diff', name), /^No differences: 3 objects the same/);
  assert.equal(await fine('app', 'list', '-l', 'team=web', '-o', 'name'), `${namespace}/${name}\n`);
  const listed = JSON.parse(await fine('app', 'list', '-o', 'json')) as { status: { sync: { status: string } } }[];
  assert.deepEqual(
    listed.map((one) => one.status.sync.status),
    ['Synced'],
    'resources, as scripts for Argo CD read them',
  );
});

test('what a working tree would change is seen before it is pushed', async () => {
  assert.equal((await plumb('diff')).code, 0);
  const head = repo.head();
  const second = repo.push(shop(3, 'blue'), 'second');
  const pushed = await plumb('diff');
  assert.equal(pushed.code, 1);
  assert.match(pushed.out, /spec\.replicas +2 → 3/);
  assert.match(pushed.out, /data\.colour +"green" → "blue"/);
  const revisions = await plumb('diff', 'shop', '--revision', second, '--against', head);
  assert.equal(revisions.code, 1);
  assert.match(revisions.out, /2 objects differ: 2 to update/);
  assert.match((await plumb('app', 'diff', name, '--revision', head)).out, /^No differences/);
  assert.match(await fine('render', 'shop'), /colour: blue/);
  assert.match(await fine('render', 'shop', '--revision', head), /colour: green/);
});

test('objects, tree and manifests are shown', async () => {
  await fine('app', 'sync', name, '--timeout', '60s');
  await fine('app', 'wait', name, '--timeout', '60s');
  assert.equal(
    await fine('app', 'resources', name, '-o', 'name'),
    [`ConfigMap/${target}/colours`, `Deployment.apps/${target}/web`, `Service/${target}/web`, ''].join('\n'),
  );
  const tree = await fine('app', 'tree', name);
  assert.match(tree, /Deployment .*web[\s\S]*└─ ReplicaSet [\s\S]*Pod /);
  assert.match(await fine('app', 'manifests', name), /colour: blue/);
  const live = await fine('app', 'manifests', name, '--source', 'live');
  assert.match(live, new RegExp(`namespace: ${target}`));
  assert.match(await fine('project', 'list'), /^NAME +APPLICATIONS[\s\S]*default +[1-9]/);
});

test('a commit is waited for, and a rollback is a pin that can be lifted', async () => {
  await kube.patch(resources.applications, namespace, name, {
    spec: { syncPolicy: { automated: { prune: true, selfHeal: true } } },
  });
  const third = repo.push(shop(1, 'red'), 'third');
  const waited = await fine('wait', '--timeout', '60s', '-o', 'json');
  const { applications } = JSON.parse(waited) as { applications: { verdict: string; commit: string }[] };
  assert.deepEqual(
    applications.map((one) => [one.verdict, one.commit]),
    [['converged', third]],
  );
  const back = await fine('app', 'rollback', name, '--reason', 'too red', '--timeout', '60s');
  assert.match(back, /Pinned: holds until Git moves/);
  const colours = async () => (await kube.get(resources.configMaps, target, 'colours'))?.data;
  assert.deepEqual(await colours(), { colour: 'blue' });
  assert.match(await fine('app', 'get', name), /Pinned +.*by ada: too red/);
  const held = await plumb('wait', '--timeout', '20s');
  assert.equal(held.code, 1, held.out);
  assert.match(held.out, /held .*rolled back by ada: too red/);
  await fine('app', 'unpin', name);
  await fine('wait', '--timeout', '60s');
  assert.deepEqual(await colours(), { colour: 'red' });
  const history = JSON.parse(await fine('app', 'history', name, '-o', 'json')) as { revisions: string[] }[];
  assert.equal(history[0]?.revisions[0], third, 'newest first');
});

test('a wait that takes too long, and an application that does not exist', async () => {
  const late = await plumb('app', 'wait', name, '--for', 'degraded', '--timeout', '1s');
  assert.deepEqual([late.code, /timed out after/.test(late.out)], [3, true]);
  const none = await plumb('app', 'get', 'nothing');
  assert.deepEqual([none.code, none.out], [2, '']);
  assert.match(none.err, /^error \[not-found\]: no such application: /);
});

test('deletion takes the objects along, and is waited for', async () => {
  assert.match(await fine('app', 'delete', name, '-y', '--timeout', '60s'), /: deleted\n$/);
  assert.equal(await kube.get(resources.configMaps, target, 'colours'), undefined);
  assert.equal((await plumb('app', 'get', name)).code, 2);
});
