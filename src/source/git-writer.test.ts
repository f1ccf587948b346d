import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startGitServer } from './testing/git-server.ts';
import { systemClock, systemRandom } from './testing/real-time.ts';
import { codeOf, credentialOf, makeRoom } from './testing/room.ts';
import { testDirectory, WorkRepository } from './testing/work-repository.ts';

const notes = 'refs/notes/plumbline/prod';
const branch = 'refs/heads/plumbline/prod';

function setUp(t: TestContext) {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'repos', 'work.git'));
  const first = work.commit({ a: '1' });
  const second = work.commit({ a: '2' });
  const room = (name: string, more: Parameters<typeof makeRoom>[2] = {}) =>
    makeRoom(t, join(dir, name), { clock: systemClock, random: systemRandom, ...more });
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', work.dir, ...words], { encoding: 'utf8', stdio: 'pipe' }).trim();
  return { dir, work, first, second, room, git, repository: { repoURL: `file://${work.dir}`, project: 'default' } };
}

/** Adds a line, keeping those that are there: what a writer of records does. */
const add = (line: string) => (before: string) =>
  [...new Set([...before.split('\n').filter(Boolean), line])]
    .sort()
    .map((one) => `${one}\n`)
    .join('');

const noted = (ref: string, commit: string, line: string) => ({
  notes: [{ ref, texts: new Map([[commit, add(line)]]) }],
  branches: [],
});
const moving = (to: string, back = false) => ({ notes: [], branches: [{ ref: branch, to, back }] });

test('notes that many write at once are all there', async (t) => {
  const { first, second, room, git, repository } = setUp(t);
  const writers = ['one', 'two', 'three'].map((name) => room(name).writer);
  await Promise.all(
    writers.flatMap((writer, i) => [
      writer.write(repository, noted(notes, first, `writer ${i} on the first`)),
      writer.write(repository, noted(notes, second, `writer ${i} on the second`)),
    ]),
  );
  const lines = (commit: string) => git('notes', `--ref=${notes}`, 'show', commit).split('\n').filter(Boolean);
  assert.deepEqual(
    lines(first),
    [0, 1, 2].map((i) => `writer ${i} on the first`),
  );
  assert.deepEqual(
    lines(second),
    [0, 1, 2].map((i) => `writer ${i} on the second`),
  );
  const [writer] = writers;
  assert.match((await writer?.note(repository, notes, first)) ?? '', /writer 0/);
  assert.equal(await writer?.note(repository, notes, '0'.repeat(40)), undefined);
  const all = (await writer?.notes(repository, notes)) ?? [];
  assert.deepEqual(all.toSorted(), [lines(first), lines(second)].map((some) => `${some.join('\n')}\n`).toSorted());
  assert.deepEqual(await writer?.notes(repository, 'refs/notes/plumbline/other'), []);
  assert.equal(await writer?.note(repository, 'refs/notes/plumbline/other', first), undefined);
});

test('what is there already is not written again', async (t) => {
  const { first, room, git, repository } = setUp(t);
  const { writer } = room('one');
  assert.deepEqual((await writer.write(repository, noted(notes, first, 'a'))).moved, [notes]);
  const tip = git('rev-parse', notes);
  assert.deepEqual((await writer.write(repository, noted(notes, first, 'a'))).moved, []);
  assert.deepEqual((await writer.write(repository, noted(notes, '0'.repeat(40), 'nowhere'))).moved, []);
  assert.equal(git('rev-parse', notes), tip);
});

test('a branch goes forward, and back only on purpose', async (t) => {
  const { work, first, second, room, git, repository } = setUp(t);
  const { writer } = room('one');
  await writer.write(repository, moving(first));
  await writer.write(repository, moving(second));
  assert.equal(git('rev-parse', branch), second);
  await writer.write(repository, moving(first));
  assert.equal(git('rev-parse', branch), second, 'a straggler does not move it back');
  await writer.write(repository, moving(first, true));
  assert.equal(git('rev-parse', branch), first, 'a rollback does');
  git('checkout', '-q', '--orphan', 'other');
  const other = work.commit({ b: '1' });
  await writer.write(repository, moving(other));
  assert.equal(git('rev-parse', branch), other, 'another history takes over');
});

test('over ssh too', async (t) => {
  const { dir, work, first, room, git } = setUp(t);
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  // An ssh that runs the command here.
  writeFileSync(join(bin, 'ssh'), '#!/bin/sh\nwhile [ $# -gt 1 ]; do shift; done\neval "$1"\n', { mode: 0o755 });
  const repoURL = `ssh://git@forge.example${work.dir}`;
  const { writer } = room('one', { env: { PATH: `${bin}:${process.env.PATH}` } });
  const { moved } = await writer.write(
    { repoURL, project: 'default' },
    { ...noted(notes, first, 'a'), ...{ branches: moving(first).branches } },
  );
  assert.deepEqual([...moved].sort(), [branch, notes].sort());
  assert.equal(git('rev-parse', branch), first);
});

test('credentials that write come first, and without any the refusal is final', async (t) => {
  const { dir, first, room, work } = setUp(t);
  execFileSync('git', ['-C', work.dir, 'config', 'http.receivepack', 'true']);
  const server = await startGitServer(t, {
    root: join(dir, 'repos'),
    before: (request, response) => {
      const may = request.headers.authorization === `Basic ${Buffer.from('writer:w-secret').toString('base64')}`;
      const writes = (request.url ?? '').includes('receive-pack');
      if (writes && !may) response.writeHead(403).end();
      return writes && !may;
    },
  });
  const repoURL = `${server.url}/work.git/.git`;
  const repository = { repoURL, project: 'default' };
  const reader = room('reader');
  reader.credentials = [credentialOf(repoURL, { username: 'reader', password: 'r-secret' })];
  assert.equal(await codeOf(() => reader.writer.write(repository, noted(notes, first, 'a'))), 'repo-denied');
  const writers = [credentialOf(repoURL, { username: 'writer', password: 'w-secret' })];
  const writing = room('writing', { writers: () => writers });
  writing.credentials = reader.credentials;
  assert.deepEqual((await writing.writer.write(repository, noted(notes, first, 'a'))).moved, [notes]);
});
