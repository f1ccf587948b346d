import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { FilesChange } from '../ports/index.ts';
import type { createSources } from './sources.ts';
import { codeOf, makeRoom } from './testing/room.ts';
import { testDirectory, WorkRepository } from './testing/work-repository.ts';

/** A bare repository with one commit, a clone of it, and a room that writes to it. */
function scene(t: Parameters<typeof testDirectory>[0] & Parameters<typeof makeRoom>[0]) {
  const dir = testDirectory(t);
  const work = new WorkRepository(`${dir}/work`);
  const first = work.commit({
    'app/a.yaml': 'image: a:1 # kept\n',
    'run.sh': '#!/bin/sh\n',
    'link.yaml': 'link:app/a.yaml',
  });
  work.git('update-index', '--chmod=+x', 'run.sh');
  work.git('commit', '-q', '--amend', '--no-edit');
  execFileSync('git', ['clone', '-q', '--bare', work.dir, `${dir}/bare.git`], { stdio: 'pipe' });
  work.git('remote', 'add', 'origin', `${dir}/bare.git`);
  const bare = (...args: readonly string[]) =>
    execFileSync('git', ['--git-dir', `${dir}/bare.git`, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  // Pauses between attempts pass at once.
  const after = (ms: number, run: () => void) => {
    if (ms < 10_000) setImmediate(run);
    return () => undefined;
  };
  const room = makeRoom(t, dir, { clock: { now: () => Date.now(), after } });
  const { files } = room.sources as ReturnType<typeof createSources>;
  return { work, bare, files, first, repository: { repoURL: `file://${dir}/bare.git`, project: 'default' } };
}

const change = (file: string, text: string, more: Partial<FilesChange> = {}): FilesChange => ({
  base: '',
  edit: async () => ({ message: `change ${file}\n\nwhy: "because"\n`, files: new Map([[file, text]]) }),
  ...more,
});

test('a commit goes onto the default branch, and changes nothing else', async (t) => {
  const { bare, files, repository } = scene(t);
  const made = await files.commit(repository, change('run.sh', '#!/bin/sh\ntrue\n'));
  assert.deepEqual([made?.branch, made?.pushed, made?.commit], ['main', true, bare('rev-parse', 'main')]);
  assert.equal(bare('diff', '--name-status', 'main~1', 'main'), 'M\trun.sh');
  assert.match(bare('ls-tree', 'main', 'run.sh'), /^100755 /, 'what could be run still can');
  assert.equal(bare('log', '-1', '--format=%B', 'main'), 'change run.sh\n\nwhy: "because"');
});

test('no change is no commit', async (t) => {
  const { bare, files, repository } = scene(t);
  const before = bare('rev-parse', 'main');
  const none = await files.commit(repository, { base: 'main', edit: async () => ({ message: 'x', files: new Map() }) });
  assert.equal(none, undefined);
  assert.equal(bare('rev-parse', 'main'), before);
});

test('a branch for review is made anew on the newest commit, and not pushed twice', async (t) => {
  const { work, bare, files, repository } = scene(t);
  const review = { review: 'plumbline/images' };
  const one = await files.commit(repository, change('app/a.yaml', 'image: a:2 # kept\n', review));
  assert.deepEqual([one?.branch, one?.pushed], ['plumbline/images', true]);
  const again = await files.commit(repository, change('app/a.yaml', 'image: a:2 # kept\n', review));
  assert.deepEqual([again?.commit, again?.pushed], [one?.commit, false]);
  assert.equal(bare('show', 'main:app/a.yaml'), 'image: a:1 # kept');
  work.commit({ 'other.yaml': 'x' });
  work.git('push', '-q', 'origin', 'main');
  const rebased = await files.commit(repository, change('app/a.yaml', 'image: a:2 # kept\n', review));
  assert.equal(rebased?.pushed, true);
  assert.equal(bare('rev-parse', 'plumbline/images~1'), bare('rev-parse', 'main'));
});

test('a commit that came in between is kept', async (t) => {
  const { work, bare, files, repository } = scene(t);
  let races = 0;
  const made = await files.commit(repository, {
    base: 'main',
    edit: async (tree) => {
      if (races++ === 0) {
        work.commit({ 'theirs.yaml': 'theirs' });
        work.git('push', '-q', 'origin', 'main');
      }
      const text = String(await tree.read('app/a.yaml')).replace(':1', ':2');
      return { message: 'mine', files: new Map([['app/a.yaml', text]]) };
    },
  });
  assert.equal(races, 2, 'what is written is made of what is there');
  assert.equal(bare('rev-parse', 'main'), made?.commit);
  assert.equal(bare('show', 'main:theirs.yaml'), 'theirs');
});

test('what cannot be written says why', async (t) => {
  const { work, bare, files, repository, first } = scene(t);
  work.git('tag', 'v1');
  work.git('push', '-q', 'origin', 'v1');
  const table: readonly [reason: string, change: FilesChange, code: string][] = [
    ['a tag', change('app/a.yaml', 'x', { base: 'v1' }), 'revision-not-found'],
    ['a commit', change('app/a.yaml', 'x', { base: first }), 'revision-not-found'],
    ['a link', change('link.yaml', 'x'), 'path-not-found'],
    ['a file that is not there', change('none.yaml', 'x'), 'path-not-found'],
    ['a name that is no branch', change('app/a.yaml', 'x', { review: '../x' }), 'repo-config'],
    ['a name that is an option', change('app/a.yaml', 'x', { review: '--force' }), 'repo-config'],
  ];
  for (const [reason, one, code] of table)
    assert.equal(await codeOf(() => files.commit(repository, one)), code, reason);
  bare('config', 'transfer.hideRefs', 'refs/heads/closed');
  const closed = change('app/a.yaml', 'x', { review: 'closed/x' });
  assert.equal(await codeOf(() => files.commit(repository, closed)), 'repo-denied', 'the server refuses');
});
