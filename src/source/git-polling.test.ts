import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RepositoryEvent } from '../ports/index.ts';
import { codeOf, eventually, makeRoom, sourceOf } from './testing/room.ts';
import { testDirectory, WorkRepository } from './testing/work-repository.ts';

const project = 'default';
const zeros = '0'.repeat(40);

function pushOf(url: string, after: string, more: Partial<RepositoryEvent> = {}): RepositoryEvent {
  return { provider: 'test', urls: [url], ref: 'refs/heads/main', before: '', after, ...more };
}

test('one poll serves every application of a repository', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  work.commit({ a: '1' });
  work.git('branch', 'dev');
  const { sources, clock, metrics, changes } = makeRoom(t, dir);
  const spellings = [work.dir, `file://${work.dir}`, `${work.dir}/`];
  const wanted = Array.from({ length: 1000 }, (_, i) => sourceOf(spellings[i % 3] ?? '', i % 2 === 0 ? 'main' : 'dev'));
  sources.watchOnly(wanted.map((source) => ({ source, project })));
  await Promise.all(wanted.map((source) => sources.resolve(source, project)));
  assert.equal(metrics.of('ls-remote'), 1);
  clock.advance(100_000);
  await Promise.all(wanted.map((source) => sources.resolve(source, project)));
  assert.equal(metrics.of('ls-remote'), 1, 'from memory');
  const moved = work.commit({ a: '2' });
  changes.length = 0;
  clock.advance(60_000);
  await eventually(() => changes.length > 0, 'the poll sees the push');
  assert.deepEqual(changes, [{ repo: sources.normalize(work.dir), refs: ['HEAD', 'refs/heads/main'] }]);
  assert.equal(metrics.of('ls-remote'), 2);
  assert.equal((await sources.resolve(sourceOf(work.dir, 'main'), project)).revision, moved);
  sources.watchOnly([]);
  await eventually(() => Promise.resolve(true), 'settles');
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(1_000_000);
  assert.equal(metrics.of('ls-remote'), 2, 'what nobody uses is not polled');
});

test('a repository that vanishes keeps its last state, says since when, over a restart too', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  const commit = work.commit({ a: 'kept' });
  const source = sourceOf(work.dir, 'main');
  const before = makeRoom(t, dir);
  before.sources.watchOnly([{ source, project }]);
  await before.sources.resolve(source, project);
  await before.sources.open(source, commit, project);
  renameSync(work.dir, `${work.dir}-gone`);
  before.clock.advance(170_000);
  const stale = async () => (await before.sources.resolve(source, project)).stale;
  await eventually(async () => (await stale()) !== undefined, 'it notices');
  const first = await stale();
  assert.match(first?.since ?? '', /^2026-01-01T00:02:\d\dZ$/);
  assert.ok(first?.message.includes('does not appear to be a git repository'));
  for (let i = 0; i < 5; i++) {
    before.clock.advance(200_000);
    await before.sources.resolve(source, project, { fresh: true });
  }
  assert.deepEqual(await stale(), first, 'the message does not flap');
  assert.ok(
    before.changes.some((change) => change.refs.length === 0),
    'falling silent is told',
  );
  await before.sources.stop();

  const after = makeRoom(t, dir);
  const again = await after.sources.resolve(source, project);
  assert.deepEqual([again.revision, again.stale], [commit, first], 'as before the restart');
  const tree = await after.sources.open(source, commit, project);
  assert.equal(String(await tree.read('a')), 'kept', 'its files are still there');
  renameSync(`${work.dir}-gone`, work.dir);
  const back = await after.sources.resolve(source, project, { fresh: true });
  assert.deepEqual(back, { revision: commit, found: 'main' }, 'and it is well again');
});

test('a webhook brings the commit in one request, within 100 ms', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  work.commit({ a: '0' });
  const source = sourceOf(work.dir, 'HEAD');
  const { sources, metrics, changes } = makeRoom(t, dir);
  const { revision } = await sources.resolve(source, project);
  await sources.open(source, revision, project);
  const listed = metrics.of('ls-remote');
  const times: number[] = [];
  for (let i = 1; i <= 7; i++) {
    const after = work.commit({ a: String(i) });
    changes.length = 0;
    const start = performance.now();
    assert.deepEqual(await sources.wake(pushOf(`file://${work.dir}`, after)), [sources.normalize(work.dir)]);
    const resolved = await sources.resolve(source, project);
    times.push(performance.now() - start);
    assert.equal(resolved.revision, after);
    const fetched = metrics.of('fetch');
    const tree = await sources.open(source, after, project);
    assert.equal(String(await tree.read('a')), String(i));
    assert.equal(metrics.of('fetch'), fetched, 'the commit came with it');
    assert.deepEqual(
      changes.map((change) => change.refs),
      [['HEAD', 'refs/heads/main']],
    );
    await sources.wake(pushOf(work.dir, after));
    assert.equal(metrics.of('fetch'), fetched, 'the same news twice is no request');
  }
  assert.equal(metrics.of('ls-remote'), listed, 'and no poll');
  const median = times.sort((a, b) => a - b)[3] ?? 0;
  // On a machine that is busy with other things, git itself may need longer: then it is the measure.
  const bare = new WorkRepository(join(dir, 'bare'));
  const floor: number[] = [];
  for (let i = 0; i < 5; i++) {
    work.commit({ a: `floor ${i}` });
    const start = performance.now();
    bare.git('fetch', '-q', work.dir, '+refs/heads/main:refs/heads/x');
    floor.push(performance.now() - start);
  }
  const limit = Math.max(100, 3 * (floor.sort((a, b) => a - b)[2] ?? 0));
  assert.ok(
    median < limit,
    `median ${median.toFixed(0)} ms of ${times.map((time) => time.toFixed(0))}, limit ${limit}`,
  );
});

test('what a webhook says is only a reason to look', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  const commit = work.commit({ a: '0' });
  work.git('branch', 'dev');
  work.git('checkout', '-q', '-b', 'aside');
  const aside = work.commit({ a: 'never on main' });
  work.git('checkout', '-q', 'main');
  const source = sourceOf(work.dir, 'main');
  const { sources, metrics, changes } = makeRoom(t, dir);
  await sources.resolve(source, project);
  const now = async () => (await sources.resolve(source, project)).revision;

  await sources.wake(pushOf(work.dir, aside));
  assert.equal(await now(), commit, 'a commit of the repository that is not on the branch');
  await sources.wake(pushOf(work.dir, 'e'.repeat(40)));
  assert.equal(await now(), commit, 'a commit that does not exist');
  for (const ref of ['refs/heads/*', '--upload-pack=x', 'refs/heads/main:refs/heads/dev', 'refs/heads/nope', '']) {
    await sources.wake(pushOf(work.dir, aside, { ref }));
    assert.equal(await now(), commit, `a ref that is none: ${ref}`);
  }
  changes.length = 0;
  const requests = metrics.of('ls-remote') + metrics.of('fetch');
  assert.deepEqual(await sources.wake(pushOf('https://forge.example/o/r', aside)), [], 'a repository that nobody uses');
  assert.equal(metrics.of('ls-remote') + metrics.of('fetch'), requests);

  const tagged = work.commit({ a: '1' });
  work.git('tag', '-a', 'v1.0.0', '-m', 'x');
  await sources.wake(pushOf(work.dir, work.git('rev-parse', 'v1.0.0'), { ref: 'refs/tags/v1.0.0' }));
  assert.equal((await sources.resolve(sourceOf(work.dir, '1.x'), project)).revision, tagged, 'a new tag, by a poll');
  work.git('branch', '-q', '-D', 'dev');
  await sources.wake(pushOf(work.dir, zeros, { ref: 'refs/heads/dev' }));
  assert.ok(
    changes.some((change) => change.refs.includes('refs/heads/dev')),
    'a branch that was deleted',
  );
  assert.equal(await codeOf(() => sources.resolve(sourceOf(work.dir, 'dev'), project)), 'revision-not-found');
});

test('a forced push is followed, an emptied repository is an error, and old commits stay', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  const base = work.commit({ a: 'base' });
  const lost = work.commit({ a: 'lost' });
  const source = sourceOf(work.dir, 'main');
  const { sources } = makeRoom(t, dir);
  await sources.open(source, (await sources.resolve(source, project)).revision, project);
  work.git('reset', '-q', '--hard', base);
  const forced = work.commit({ a: 'forced' });
  await sources.wake(pushOf(work.dir, forced));
  assert.equal((await sources.resolve(source, project)).revision, forced);
  assert.equal(String(await (await sources.open(source, lost, project)).read('a')), 'lost', 'for a rollback');
  work.git('update-ref', '-d', 'refs/heads/main');
  assert.equal(await codeOf(() => sources.resolve(source, project, { fresh: true })), 'revision-not-found');
});

test('wakes and polls at the same time end with the newest', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  work.commit({ a: '0' });
  const source = sourceOf(work.dir, 'main');
  const { sources } = makeRoom(t, dir);
  await sources.resolve(source, project);
  let last = '';
  const running: Promise<unknown>[] = [];
  for (let i = 0; i < 12; i++) {
    last = work.commit({ a: String(i + 1) });
    running.push(sources.wake(pushOf(work.dir, last)), sources.resolve(source, project, { fresh: i % 3 === 0 }));
  }
  await Promise.all(running);
  assert.equal((await sources.resolve(source, project)).revision, last);
});
