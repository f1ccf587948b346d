// The promise: the command line can do all of it, says it to people in tables and to machines in JSON, and ends with a
// code that scripts can rely on: 0 done, 1 differs, 2 error, 3 timed out.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type JsonObject, listAt, objectAt, stringAt } from '../../src/model/index.ts';
import type { TestApplication } from '../harness/application.ts';
import { resources } from '../harness/kube.ts';
import { configMap, deployment, text } from '../harness/manifests.ts';
import { plumb, type Said } from '../harness/plumb.ts';
import { openWorld } from '../harness/world.ts';

const world = await openWorld({
  files: {
    'app/all.yaml': text(configMap('a', { at: '1' }), deployment('web', 1)),
    'bad/all.yaml': text(configMap('Not_A_Name')),
  },
});
const { kube, repo, target } = world;
const first = repo.head();
let app: TestApplication;

const run = async (...words: readonly string[]): Promise<Said> => plumb(world, words, `${repo.folder}/work`);
const json = async <T = JsonObject>(...words: readonly string[]): Promise<T> => {
  const { code, stdout, stderr } = await run(...words, '-o', 'json');
  assert.ok(code === 0 || code === 1, `${words.join(' ')}: ${code} ${stderr}`);
  return JSON.parse(stdout) as T;
};

before(async () => {
  app = await world.declare('app', { automated: false, labels: { team: 'web' } });
  await app.until('has been looked at', ({ sync }) => sync === 'OutOfSync');
});

test('app list and get: tables, names, and the resources themselves', async () => {
  const [table, names, none, list, got, shown, nobody, nothing] = await Promise.all([
    run('app', 'list'),
    run('app', 'list', '-o', 'name'),
    run('app', 'list', '-l', 'team=db', '-o', 'name'),
    json<JsonObject[] | JsonObject>('app', 'list'),
    json('app', 'get', app.name),
    run('app', 'get', app.name),
    run('app', 'get', 'nobody'),
    run('app', 'git', app.name),
  ]);
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, new RegExp(`${app.name}.*OutOfSync.*Missing`));
  assert.equal(names.stdout.trim(), app.key);
  assert.equal(none.stdout.trim(), '');
  assert.equal(
    stringAt((Array.isArray(list) ? list[0] : listAt(list, 'items')[0]) ?? {}, 'metadata', 'name'),
    app.name,
  );
  assert.equal(stringAt(got, 'status', 'sync', 'status'), 'OutOfSync');
  assert.match(shown.stdout, /automated sync is off/, 'the hold is named');
  assert.equal(nobody.code, 2);
  assert.equal(nothing.code, 2, 'a command that there is not');
});

test('app diff: 1 and the fields while it differs, 0 when it does not', async () => {
  const absent = await run('app', 'diff', app.name);
  assert.equal(absent.code, 1, absent.stderr);
  const dry = await run('app', 'sync', app.name, '--dry-run');
  assert.equal(dry.code, 0, dry.stderr + dry.stdout);
  assert.equal(await kube.get(resources.configMaps, target, 'a'), undefined);
  const synced = await run('app', 'sync', app.name, '--timeout', '60s');
  assert.equal(synced.code, 0, synced.stderr + synced.stdout);
  await app.converged(first);
  assert.equal((await run('app', 'diff', app.name)).code, 0);
  await kube.patch(resources.configMaps, target, 'a', { data: { at: 'drifted' } }, 'kubectl-edit');
  const diff = await json('app', 'diff', app.name);
  const changed = (listAt(diff, 'changes') as unknown as JsonObject[]).filter(({ kind }) => kind !== 'same');
  const [field] = listAt(changed[0] ?? {}, 'fields') as unknown as JsonObject[];
  assert.deepEqual(
    [field?.path, field?.live, field?.desired, field?.owner],
    ['/data/at', '"drifted"', '"1"', 'kubectl-edit'],
  );
  assert.match((await run('app', 'diff', app.name)).stdout, /drifted/);
});

test('plumb diff: what a push of this working tree would change', async () => {
  repo.git('checkout', '-q', '-b', 'try');
  const commit = repo.push({ 'app/all.yaml': text(configMap('a', { at: '2' }), deployment('web', 2)) });
  const [live, against, same, unknown] = await Promise.all([
    run('diff', '--app', app.name),
    run('diff', 'app', '--against', 'main'),
    run('diff', 'app', '--revision', commit, '--against', commit),
    run('diff', 'app', '--against', 'no-such-revision'),
  ]);
  assert.equal(live.code, 1, live.stderr);
  assert.match(live.stdout, /replicas/);
  assert.equal(against.code, 1, against.stderr);
  assert.match(against.stdout, /replicas/);
  assert.equal(same.code, 0, same.stderr);
  assert.equal(unknown.code, 2);
  repo.git('checkout', '-q', 'main');
});

test('app sync, wait, history, rollback', async () => {
  const second = repo.push({ 'app/all.yaml': text(configMap('a', { at: '2' }), deployment('web', 2)) });
  assert.equal(
    (await run('app', 'wait', app.name, '--for', 'synced', '--timeout', '1s')).code,
    3,
    'it does not come true',
  );
  await app.until('has seen the commit', ({ revision }) => revision === second);
  const part = await run('app', 'sync', app.name, '--resource', `:ConfigMap:${target}/a`);
  assert.ok([0, 1].includes(part.code ?? -1), `${part.code}: ${part.stderr}${part.stdout}`);
  assert.equal(stringAt(await kube.get(resources.configMaps, target, 'a'), 'data', 'at'), '2');
  assert.equal((await run('app', 'sync', app.name)).code, 0);
  assert.equal((await run('app', 'wait', app.name, '--timeout', '60s')).code, 0);
  const history = await json<JsonObject[]>('app', 'history', app.name);
  assert.equal(history.length, 2);
  const back = await run('app', 'rollback', app.name, '--reason', 'to see');
  assert.equal(back.code, 0, back.stderr);
  await app.until(
    'is back',
    ({ phase, requested, sync }) => phase === 'Succeeded' && !requested && sync === 'OutOfSync',
  );
  assert.equal(stringAt(await kube.get(resources.configMaps, target, 'a'), 'data', 'at'), '1');
});

test('app tree, resources, manifests, refresh', async () => {
  const [tree, rows, manifests, live, refreshed] = await Promise.all([
    run('app', 'tree', app.name),
    json<JsonObject[]>('app', 'resources', app.name),
    run('app', 'manifests', app.name),
    run('app', 'manifests', app.name, '--source', 'live'),
    run('app', 'refresh', app.name),
  ]);
  assert.equal(tree.code, 0, tree.stderr);
  assert.match(tree.stdout, /Deployment.*web[\s\S]*ReplicaSet.*web-[\s\S]*Pod.*web-/);
  assert.deepEqual(rows.map((row) => stringAt(row, 'ref', 'name') ?? row.name).toSorted(), ['a', 'web']);
  assert.match(manifests.stdout, /kind: Deployment/);
  assert.equal(live.code, 0, live.stderr);
  assert.match(live.stdout, /readyReplicas/);
  assert.equal(refreshed.code, 0, refreshed.stderr);
});

test('wait --commit: 0 converged, 1 stalled, 3 too late', async () => {
  await app.patch({ spec: { syncPolicy: { automated: { prune: true, selfHeal: true } } } });
  const commit = repo.push({ 'app/all.yaml': text(configMap('a', { at: '3' }), deployment('web', 1)) });
  const good = await run('wait', '--commit', commit, '--app', app.name, '--timeout', '60s');
  assert.equal(good.code, 0, good.stdout + good.stderr);
  const state = await json('wait', '--commit', commit, '--app', app.name, '--timeout', '60s');
  assert.deepEqual(
    (listAt(state, 'applications') as unknown as JsonObject[]).map(({ key, verdict }) => ({ key, verdict })),
    [{ key: app.key, verdict: 'converged' }],
  );
  const bad = await world.declare('bad', { retry: { limit: 0 } });
  await bad.until('has failed', ({ phase }) => phase === 'Failed');
  const stalled = await run('wait', '--commit', commit, '--app', bad.name, '--timeout', '30s');
  assert.equal(stalled.code, 1, stalled.stdout + stalled.stderr);
  const late = await run(
    'wait',
    '--commit',
    '0123456789012345678901234567890123456789',
    '--app',
    app.name,
    '--timeout',
    '2s',
  );
  assert.equal(late.code, 3, late.stdout + late.stderr);
});

test('app create, delete, project; what cannot be reached is an error', async () => {
  const words = [
    'app',
    'create',
    world.nameOf('made'),
    '--repo',
    repo.url,
    '--path',
    'app',
    '--dest-namespace',
    await world.freshTarget(),
  ];
  const created = await run(...words);
  assert.equal(created.code, 0, created.stderr);
  const made = world.application('made');
  await made.until('has been looked at', ({ sync }) => sync !== '');
  assert.equal((await run(...words)).code, 2, 'there is one of that name');
  const deleted = await run('app', 'delete', made.name, '--yes');
  assert.equal(deleted.code, 0, deleted.stderr);
  await made.gone();
  assert.equal((await run('project', 'list')).code, 0);
  const nowhere = await plumb({ ...world, kubeconfigPath: '/nowhere' } as typeof world, ['app', 'list']);
  assert.equal(nowhere.code, 2);
  assert.ok(objectAt(await app.read(), 'spec'), 'nothing else has changed');
});
