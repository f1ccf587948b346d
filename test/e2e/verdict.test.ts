// The promise: every commit gets a verdict that is told, kept, written back to Git, and can be proven.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type JsonObject, objectAt, stringAt } from '../../src/model/index.ts';
import type { LogLine } from '../harness/engine.ts';
import { resources } from '../harness/kube.ts';
import { startListener } from '../harness/listener.ts';
import { configMap, text } from '../harness/manifests.ts';
import { plumb as plumbIn } from '../harness/plumb.ts';
import { staysSo, waitFor } from '../harness/wait-for.ts';
import { openWorld } from '../harness/world.ts';

const records = 'plumbline.dev/v1alpha1/commitrecords';
const ref = 'refs/heads/plumbline/prod';
const listener = await startListener();
const shop = (colour: string) => ({ 'shop/colours.yaml': text(configMap('colours', { colour })) });
const world = await openWorld({
  files: { ...shop('green'), 'cart/items.yaml': text(configMap('items', { most: '10' })) },
  settings: {
    'plumbline.alerts.webhooks': `[{name: ops, url: "${listener.url}"}]`,
    'plumbline.writeback.notes': 'true',
    'plumbline.writeback.refs': 'true',
    'plumbline.verdict.quietFor': '300ms',
  },
});
const { kube, repo, namespace, target } = world;
const clone = join(repo.folder, 'work');
const plumb = async (...words: readonly string[]) => {
  const { code, stdout: out, stderr: err } = await plumbIn(world, words, clone);
  return { code, out, err };
};
const prod = { 'plumbline.dev/environment': 'prod' };
const wish = { automated: { prune: true, selfHeal: false }, annotations: prod };
const shopApp = await world.declare('shop', wish);
const cartApp = await world.declare('cart', wish);

const branch = (): string => repo.git('ls-remote', 'origin', ref).split('\t')[0] ?? '';
function note(commit: string): string {
  repo.git('fetch', '-q', 'origin', '+refs/notes/*:refs/notes/*');
  return repo.git('notes', '--ref=plumbline/prod', 'show', commit);
}
const kept = async (commit: string, app = shopApp): Promise<JsonObject | undefined> =>
  (await kube.list(records, namespace)).find(
    ({ spec }) =>
      stringAt(spec, 'record', 'application') === app.key && stringAt(spec, 'record', 'revisions', '0') === commit,
  );
const outcome = async (commit: string, app = shopApp): Promise<string> =>
  stringAt(await kept(commit, app), 'spec', 'record', 'outcome') ?? '';
const patient = { show: () => shopApp.show() };

/** The result of `plumb verify` for the shop, and its exit code. */
async function verified(commit: string, app = shopApp): Promise<string> {
  const { code, out, err } = await plumb('verify', commit, '--env', 'prod', '--app', app.name, '-o', 'json');
  if (out === '') return `${code} ${err}`;
  const { applications } = JSON.parse(out) as { applications: readonly JsonObject[] };
  return `${code} ${stringAt(applications[0], 'result')}`;
}

const first = repo.head();
let second = '';

test('a commit is alerted, kept, noted on the commit, and where the environment points', async () => {
  await waitFor('the branch of the environment', () => branch() === first, patient);
  await waitFor('the note', () => note(first).includes('"outcome":"converged"'), patient);
  second = repo.push(shop('blue'));
  const { code, out, err } = await plumb('wait', '--commit', second, '--env', 'prod', '--timeout', '60s');
  assert.equal(code, 0, out + err);
  assert.match(out, /has converged in 2 of 2 applications/);
  await waitFor('the alerts', () => listener.kinds(shopApp.key).at(-1) === 'converged', patient);
  assert.deepEqual(listener.kinds(shopApp.key), ['committed', 'converged', 'committed', 'converged']);
  assert.deepEqual(listener.kinds(cartApp.key), ['committed', 'converged'], 'the commit did not concern the other one');
  assert.ok(stringAt(listener.heard.at(-1), 'data', 'signature', 'value'), 'what is told is signed');
  await waitFor('the branch moves on', () => branch() === second, patient);
  await waitFor('the note of it', () => note(second).includes('"outcome":"converged"'), patient);
  const [line = '', ...more] = note(second).split('\n').filter(Boolean);
  assert.equal(more.length, 0);
  const record = objectAt(JSON.parse(line) as JsonObject, 'record');
  assert.deepEqual(
    [record.application, record.outcome, record.author],
    [shopApp.key, 'converged', 'Ada <ada@example.com>'],
  );
  await waitFor('the record is kept', async () => (await outcome(second)) === 'converged', patient);
  assert.deepEqual((await kept(second))?.spec, JSON.parse(line), 'the same, with the same signature');
  assert.equal(await verified(second), '0 converged');
  assert.equal(await verified(first), '1 superseded');
});

test('what is written back wakes nobody', async () => {
  const passes = () => world.engine.log().filter(({ msg, app }) => msg === 'pass' && app === shopApp.key).length;
  const before = passes();
  const tip = branch();
  await staysSo(
    'nothing is looked at',
    () => passes() === before && branch() === tip,
    3_000,
    () => world.engine.tail(),
  );
});

test('the log and the verdict tell who, what and how long', async () => {
  const log = await plumb('log', '--env', 'prod', '-o', 'json');
  const views = JSON.parse(log.out) as readonly { proof: string; record: { revisions: string[] } }[];
  assert.deepEqual(
    views.map(({ proof, record }) => [record.revisions[0], proof]),
    [
      [second, 'valid'],
      [first, 'valid'],
      [first, 'valid'],
    ],
  );
  const verdict = await plumb('verdict', second);
  assert.equal(verdict.code, 0, verdict.out + verdict.err);
  assert.match(verdict.out, /shop.*converged.*signed/);
  assert.equal((await plumb('verdict', second, '--env', 'nowhere')).code, 2);
});

test('a cluster that somebody changed is told from one that is as Git has it', async () => {
  await kube.patch(resources.configMaps, target, 'colours', { data: { colour: 'pink' } });
  await shopApp.until('it differs', ({ sync }) => sync === 'OutOfSync');
  assert.equal(await verified(second), '1 tampered-cluster');
  const { out } = await plumb('verify', second, '--env', 'prod', '--app', shopApp.name);
  assert.match(out, /colour/);
  await shopApp.sync();
  await shopApp.converged(second);
  assert.equal(await verified(second), '0 converged');
});

test('a note that somebody changed is told', async () => {
  const genuine = note(second);
  const forged = genuine.replace('Ada <', 'Eve <');
  assert.notEqual(forged, genuine);
  repo.git('notes', '--ref=plumbline/prod', 'add', '-f', '-m', forged, second);
  repo.git('push', '-q', 'origin', 'refs/notes/plumbline/prod');
  assert.equal(await verified(second), '1 tampered-note');
  repo.git('notes', '--ref=plumbline/prod', 'add', '-f', '-m', genuine, second);
  repo.git('push', '-q', 'origin', 'refs/notes/plumbline/prod');
  assert.equal(await verified(second), '0 converged');
});

test('a commit that cannot converge is stalled, and says what blocks it', async () => {
  const broken = { 'shop/more.yaml': text({ ...configMap('more'), data: { 'not a key!': 'x' } }) };
  const third = repo.push(broken);
  const waited = await plumb('wait', '--commit', third, '--env', 'prod', '--timeout', '60s');
  assert.equal(waited.code, 1, waited.out + waited.err);
  await waitFor('it is kept as stalled', async () => (await outcome(third)) === 'stalled', patient);
  assert.equal(await verified(third), '1 stalled');
  assert.equal(branch(), second, 'the branch stays at what is live');
  assert.equal((await plumb('verdict', third)).code, 1);
  const fourth = repo.push({ 'shop/more.yaml': null, ...shop('red') });
  await shopApp.converged(fourth);
  await waitFor('the branch goes on', () => branch() === fourth, patient);
  assert.equal(await verified(third, cartApp), '0 converged', 'it changed nothing of the other application');
});

test('going back is a rollback; when Git goes back, the branch of the environment does too', async () => {
  const head = repo.head();
  const rolled = await plumb('app', 'rollback', shopApp.name, '--reason', 'red is wrong', '--timeout', '60s');
  assert.equal(rolled.code, 0, rolled.out + rolled.err);
  await waitFor('what was left is rolled back', async () => (await verified(head)) === '1 rolled-back', patient);
  assert.equal((await plumb('app', 'unpin', shopApp.name)).code, 0);
  await waitFor('it is live again', async () => (await verified(head)) === '0 converged', patient);
  repo.git('reset', '-q', '--hard', second);
  repo.git('push', '-q', '--force', 'origin', 'HEAD');
  await waitFor('the branch goes back', () => branch() === second, patient);
  assert.equal(await verified(second), '0 converged');
  assert.equal(await verified(head), '1 rolled-back');
});

test('git revert is a rollback, and whoever waits for it is not told what stalled the commit before', async () => {
  const broken = repo.push({ 'shop/more.yaml': text({ ...configMap('more'), data: { 'not a key!': 'x' } }) });
  assert.equal((await plumb('wait', '--commit', broken, '--env', 'prod', '--timeout', '60s')).code, 1);
  repo.git('revert', '--no-edit', broken);
  repo.git('push', '-q', 'origin', 'HEAD');
  const reverted = repo.head();
  const waited = await plumb('wait', '--commit', reverted, '--env', 'prod', '--timeout', '60s');
  assert.equal(waited.code, 0, waited.out + waited.err);
  await waitFor('it is kept', async () => (await outcome(reverted)) === 'converged', patient);
  const record = objectAt((await kept(reverted))?.spec, 'record');
  assert.equal(record.rollback, true);
  assert.equal(await verified(reverted), '0 converged');
});

test('a commit that gives way before it has converged is superseded', async () => {
  await shopApp.patch({ metadata: { annotations: { 'plumbline.dev/quiet-for': '1h' } } });
  const early = repo.push(shop('white'));
  await shopApp.until(
    'it is seen',
    ({ status }) => stringAt(status, 'plumbline', 'verdict', 'record', 'revisions', '0') === early,
  );
  await shopApp.patch({ metadata: { annotations: { 'plumbline.dev/quiet-for': null } } });
  const late = repo.push(shop('black'));
  await waitFor(
    'it is kept as superseded',
    async () => ['superseded', 'converged'].includes(await outcome(early)),
    patient,
  );
  if ((await outcome(early)) === 'superseded') assert.equal(await verified(early), '1 superseded');
  await waitFor('the later one converges', async () => (await verified(late)) === '0 converged', patient);
});

test('an engine that dies at any moment loses no record and no note', async () => {
  for (const pause of [0, 1, 2]) {
    const commit = repo.push(shop(`shade-${pause}`));
    const reached = ['seen', 'applied', 'healthy'][pause] ?? '';
    await shopApp.until(
      `it is ${reached}`,
      ({ status, revision }) =>
        revision === commit && stringAt(status, 'plumbline', 'verdict', 'record', 'stages', reached) !== undefined,
    );
    await world.engine.kill();
    await world.engine.start();
    await waitFor('the record', async () => (await outcome(commit)) === 'converged', patient);
    await waitFor('the note', () => note(commit).includes(shopApp.key), patient);
    await waitFor('the branch', () => branch() === commit, patient);
    const mine = (await kube.list(records, namespace)).filter(
      ({ spec }) => stringAt(spec, 'record', 'revisions', '0') === commit,
    );
    assert.equal(mine.length, 1, 'once');
  }
});

test('what the cluster keeps no more is read from the notes, and is as genuine', async () => {
  const shown = async (...more: readonly string[]) => {
    const { out } = await plumb('log', '--env', 'prod', '--app', shopApp.name, '--limit', '0', '-o', 'json', ...more);
    const views = JSON.parse(out) as readonly { proof: string; record: { revisions: string[] } }[];
    return views.map(({ proof, record }) => `${record.revisions[0]} ${proof}`);
  };
  const before = await shown();
  const lost = (await kube.list(records, namespace)).filter(
    ({ spec }) => stringAt(spec, 'record', 'revisions', '0') === first,
  );
  assert.notEqual(lost.length, 0);
  for (const { metadata } of lost) await kube.remove(records, namespace, stringAt(metadata, 'name') ?? '');
  assert.ok(!(await shown()).includes(`${first} valid`));
  assert.deepEqual(await shown('--git'), before);
});

test('what has converged in one environment can be followed by another: nothing loops', async () => {
  const next = { 'plumbline.dev/environment': 'next' };
  const follower = await world.declare('next', {
    path: 'shop',
    revision: 'plumbline/prod',
    annotations: next,
    target: await world.freshTarget(),
  });
  await follower.converged(branch());
  const commit = repo.push(shop('teal'));
  await follower.converged(commit);
  const tip = () => repo.git('ls-remote', 'origin', 'refs/heads/plumbline/next').split('\t')[0];
  await waitFor('its own branch follows', () => tip() === commit, { show: () => follower.show() });
  assert.equal(branch(), commit, 'it was live in production first');
  await waitFor('it has said so', () => saidAfterPass('refs/heads/plumbline/next', follower.key, commit), patient);
  const passes = () => world.engine.log().filter(({ msg }) => msg === 'pass').length;
  const before = passes();
  await staysSo(
    'it comes to rest',
    () => passes() === before,
    2_500,
    () => world.engine.tail(),
  );
});

/** Whether the log tells that this ref was written after a pass of this application at this commit. */
function saidAfterPass(written: string, key: string, commit: string): boolean {
  const log = world.engine.log();
  const pass = log.findIndex(
    ({ msg, app, revision }) => msg === 'pass' && app === key && revision === commit.slice(0, 7),
  );
  const tells = ({ msg, refs }: LogLine) => msg === 'written back' && Array.isArray(refs) && refs.includes(written);
  return pass >= 0 && log.slice(pass).some(tells);
}

test('without the right to write, everything else goes on, and it is said once', async () => {
  const before = branch();
  repo.git('--git-dir', `${repo.url.slice('file://'.length)}`, 'config', '--add', 'receive.hideRefs', 'refs/notes');
  repo.git(
    '--git-dir',
    `${repo.url.slice('file://'.length)}`,
    'config',
    '--add',
    'receive.hideRefs',
    'refs/heads/plumbline',
  );
  const commit = repo.push(shop('grey'));
  await waitFor('the record', async () => (await outcome(commit)) === 'converged', patient);
  await waitFor(
    'the alert',
    () => stringAt(listener.heard.at(-1), 'data', 'record', 'revisions', '0') === commit,
    patient,
  );
  assert.equal(branch(), before);
  const said = () => world.engine.log().filter(({ msg }) => msg === 'nothing can be written back').length;
  await waitFor('it is said', () => said() > 0, patient);
  assert.equal(said(), 1);
  assert.deepEqual((await shopApp.see()).conditions, []);
});
