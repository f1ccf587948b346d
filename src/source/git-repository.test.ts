import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeOf, credentialOf, makeRoom, sourceOf } from './testing/room.ts';
import { testDirectory, WorkRepository } from './testing/work-repository.ts';

const project = 'default';

test('target revisions of a real repository', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  const first = work.commit({ 'a.yaml': 'one' });
  work.git('tag', 'v1.0.0');
  const second = work.commit({ 'a.yaml': 'two' });
  work.git('tag', '-a', 'v1.1.0', '-m', 'annotated');
  work.git('branch', 'release');
  const third = work.commit({ 'a.yaml': 'three' });
  const { sources } = makeRoom(t, dir);
  const table: readonly [target: string, revision: string, found: string][] = [
    ['', third, 'main'],
    ['HEAD', third, 'main'],
    ['main', third, 'main'],
    ['release', second, 'release'],
    ['refs/heads/release', second, 'release'],
    ['v1.1.0', second, 'v1.1.0'],
    ['1.0.*', first, 'v1.0.0'],
    ['^1', second, 'v1.1.0'],
    [first, first, ''],
    [first.slice(0, 8), first, ''],
    [first.toUpperCase(), first, ''],
  ];
  for (const [target, revision, found] of table) {
    assert.deepEqual(await sources.resolve(sourceOf(work.dir, target), project), { revision, found }, target);
    const tree = await sources.open(sourceOf(work.dir, target), revision, project);
    assert.ok((await tree.read('a.yaml')) !== undefined, `${target}: its files`);
  }
  const missing = ['nope', '7.*', 'f'.repeat(40), 'f'.repeat(9)];
  for (const target of missing) {
    const ask = async () => {
      const { revision } = await sources.resolve(sourceOf(work.dir, target), project);
      await sources.open(sourceOf(work.dir, target), revision, project);
    };
    assert.equal(await codeOf(ask), 'revision-not-found', target);
  }
  assert.equal(await codeOf(() => sources.resolve(sourceOf(join(dir, 'gone')), project)), 'repo-not-found');
  assert.equal(await codeOf(() => sources.resolve(sourceOf(join(dir, 'cache', 'git')), project)), 'repo-config');
});

test('who made a revision, and what it descends from', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  const first = work.commit({ a: '1' }, 'begin\n\nbody');
  work.git('tag', '-a', 'v1', '-m', 'x');
  work.git('checkout', '-q', '-b', 'side');
  const side = work.commit({ b: '1' });
  work.git('checkout', '-q', 'main');
  const { sources } = makeRoom(t, dir);
  const source = sourceOf(work.dir);
  await sources.resolve(source, project);
  const info = await sources.info(source, first, project);
  assert.deepEqual(
    { author: info?.author, message: info?.message, tags: info?.tags, parents: info?.parents },
    { author: 'Ada <ada@example.com>', message: 'begin\n\nbody', tags: ['v1'], parents: [] },
  );
  assert.ok(!Number.isNaN(Date.parse(info?.date ?? '')));
  const descends = (ancestor: string, revision: string) => sources.descends?.(source, { ancestor, revision }, project);
  assert.equal(await descends(first, side), true);
  assert.equal(await descends(first.slice(0, 7), first), true, 'a commit descends from itself');
  assert.equal(await descends(side, first), false);
  assert.equal(await descends('f'.repeat(40), first), undefined, 'nobody knows it');
  const later = work.commit({ c: '1' });
  assert.equal(await descends(later, later), true, 'a commit that came after the last poll');
});

test('trees: order, links, and what leads outside', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  const files = {
    'app/a.yaml': 'a',
    'app/B.yaml': 'B',
    'app-x': 'file that sorts between in git',
    'app/nested/deep.yaml': 'deep',
    'app/é.yaml': 'é',
    'link-file': 'link:app/a.yaml',
    'link-dir': 'link:app/nested',
    'app/up': 'link:../app-x',
    'app/out': 'link:../../outside',
    'app/abs': 'link:/etc/passwd',
    'app/sneaky': 'link:nested/../../../etc',
    'loop-a': 'link:loop-b',
    'loop-b': 'link:loop-a',
    dangling: 'link:nowhere',
    self: 'link:.',
  };
  const commit = work.commit(files);
  const { sources } = makeRoom(t, dir);
  const tree = await sources.open(sourceOf(work.dir), commit, project);
  const text = async (path: string) => {
    const bytes = await tree.read(path);
    return bytes === undefined ? undefined : Buffer.from(bytes).toString();
  };
  const names = (await tree.list('app'))?.map((entry) => entry.name);
  assert.deepEqual(names, ['B.yaml', 'a.yaml', 'abs', 'nested', 'out', 'sneaky', 'up', 'é.yaml'], 'byte order');
  assert.deepEqual(
    (await tree.list(''))?.slice(0, 3).map((entry) => entry.name),
    ['app', 'app-x', 'dangling'],
  );
  assert.equal(await text('app/a.yaml'), 'a');
  assert.equal(await text('link-file'), 'a', 'a link to a file');
  assert.equal(await text('link-dir/deep.yaml'), 'deep', 'a link to a directory on the way');
  assert.equal(await text('app/up'), files['app-x'], 'up, but inside');
  assert.equal(await text('self/self/self/app/a.yaml'), 'a');
  assert.equal((await tree.entry('link-dir'))?.kind, 'directory', 'entry follows');
  assert.equal((await tree.list(''))?.find((entry) => entry.name === 'link-dir')?.kind, 'link', 'list does not');
  assert.equal((await tree.entry('link-file'))?.id, (await tree.entry('app/a.yaml'))?.id, 'equal ids, equal content');
  assert.deepEqual(await tree.entry(''), { name: '', kind: 'directory', id: (await tree.entry('self'))?.id });
  assert.equal(await tree.realPath?.('self/link-dir/deep.yaml'), 'app/nested/deep.yaml', 'where a path leads');
  for (const path of ['nope', 'dangling', 'app/a.yaml/x', 'app/nested/nope']) {
    assert.equal(await tree.realPath?.(path), undefined, path);
    assert.equal(await tree.entry(path), undefined, path);
    assert.equal(await tree.read(path), undefined, path);
    assert.equal(await tree.list(path), undefined, path);
  }
  assert.equal(await tree.read('app'), undefined, 'a directory has no bytes');
  assert.equal(await tree.list('app/a.yaml'), undefined, 'a file has no entries');
  for (const path of ['app/out', 'app/abs', 'app/sneaky', 'loop-a', '../x', 'app/../../x', '/etc/passwd', 'a\0b']) {
    assert.equal(await codeOf(() => tree.read(path)), 'path-outside', path);
    assert.equal(await codeOf(() => tree.entry(path)), 'path-outside', path);
  }
});

test('large files are refused without being held, and the reads around them are right', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  const commit = work.commit({ small: 'small', large: Buffer.alloc(65 * 1024 * 1024, 'x'), after: 'after' });
  const { sources } = makeRoom(t, dir);
  const tree = await sources.open(sourceOf(work.dir), commit, project);
  const [small, large, after] = await Promise.all([
    tree.read('small'),
    codeOf(() => tree.read('large')),
    tree.read('after'),
  ]);
  assert.deepEqual([String(small), large, String(after)], ['small', 'render-limit', 'after']);
});

test('submodules are other repositories, LFS pointers are refused', async (t) => {
  const dir = testDirectory(t);
  const inner = new WorkRepository(join(dir, 'inner'));
  inner.commit({ 'base/x.yaml': 'inner x', 'base/lfs.bin': pointer });
  const middle = new WorkRepository(join(dir, 'middle'));
  middle.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', '../inner', 'lib');
  middle.commit({ 'm.yaml': 'middle' });
  const outer = new WorkRepository(join(dir, 'outer'));
  outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', '../middle', 'vendor/middle');
  const commit = outer.commit({ link: 'link:vendor/middle/lib/base' });
  const { sources } = makeRoom(t, dir);
  const tree = await sources.open(sourceOf(outer.dir), commit, project);
  assert.equal(String(await tree.read('vendor/middle/m.yaml')), 'middle');
  assert.equal(String(await tree.read('vendor/middle/lib/base/x.yaml')), 'inner x', 'a submodule of a submodule');
  assert.equal(String(await tree.read('link/x.yaml')), 'inner x', 'a link into one');
  assert.equal(await tree.realPath?.('link/x.yaml'), 'vendor/middle/lib/base/x.yaml');
  assert.equal((await tree.list('vendor'))?.[0]?.kind, 'directory');
  assert.equal((await tree.entry('vendor/middle'))?.kind, 'directory');
  assert.deepEqual(
    (await tree.list('vendor/middle'))?.map((entry) => entry.name),
    ['.gitmodules', 'lib', 'm.yaml'],
  );
  assert.equal(await codeOf(() => tree.read('vendor/middle/lib/base/lfs.bin')), 'lfs-pointer');

  const off = makeRoom(t, join(dir, 'off'), { submodules: false });
  const bare = await off.sources.open(sourceOf(outer.dir), commit, project);
  assert.equal((await bare.list('vendor'))?.[0]?.kind, 'module', 'switched off: not resolved');
  assert.equal(await bare.read('vendor/middle/m.yaml'), undefined);
});

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12\n`;

test('what a hostile repository tries', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  const commit = work.commit({ '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch pwned"\n' });
  const { sources } = makeRoom(t, dir);
  // A tree with an entry that climbs, as no porcelain would write it.
  const blob = work.git('hash-object', '-w', '.gitmodules');
  const raw = Buffer.concat([Buffer.from('100644 ..\0'), Buffer.from(blob, 'hex')]);
  const bad = work.gitWithInput(raw, 'hash-object', '-t', 'tree', '-w', '--stdin', '--literally');
  const climbing = work.git('commit-tree', bad, '-m', 'x');
  work.git('update-ref', 'refs/heads/climbing', climbing);
  const climb = async () => (await sources.open(sourceOf(work.dir), climbing, project)).list('');
  assert.ok(['repo-config', 'path-outside'].includes(await codeOf(climb)), 'refused at the gate or when read');
  work.git('update-index', '--add', '--cacheinfo', `160000,${commit},x`);
  work.git('commit', '-q', '-m', 'with a module');
  const tree = await sources.open(sourceOf(work.dir), work.head(), project);
  assert.equal(await codeOf(() => tree.read('x/file')), 'repo-config', 'a transport helper as a submodule');
});

test('a shallow repository credential fetches little, and still opens what it resolves', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  for (let i = 0; i < 5; i++) work.commit({ a: String(i) });
  const room = makeRoom(t, dir);
  room.credentials = [credentialOf(work.dir, { depth: 1 })];
  const { revision } = await room.sources.resolve(sourceOf(work.dir), project);
  const tree = await room.sources.open(sourceOf(work.dir), revision, project);
  assert.equal(String(await tree.read('a')), '4');
  const old = work.head('HEAD~3');
  assert.equal(
    String(await (await room.sources.open(sourceOf(work.dir), old, project)).read('a')),
    '1',
    'an old commit by SHA',
  );
});

test('a mirror that was damaged, or left locked, mends itself', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  const commit = work.commit({ 'a/b.yaml': 'one' });
  const source = sourceOf(work.dir, 'main');
  const before = makeRoom(t, dir);
  await before.sources.resolve(source, project);
  await before.sources.open(source, commit, project);
  await before.sources.stop();
  const mirror = join(dir, 'cache', 'git', readdirSync(join(dir, 'cache', 'git'))[0] ?? '');

  const packs = readdirSync(join(mirror, 'objects', 'pack'));
  for (const pack of packs) truncateSync(join(mirror, 'objects', 'pack', pack), 40);
  const damaged = makeRoom(t, dir);
  const tree = await damaged.sources.open(source, commit, project);
  assert.equal(String(await tree.read('a/b.yaml')), 'one', 'broken packs');
  rmSync(join(mirror, 'objects'), { recursive: true });
  mkdirSync(join(mirror, 'objects'));
  damaged.clock.advance(10 * 60_000);
  const again = await damaged.sources.open(source, commit, project);
  assert.equal(String(await again.read('a/b.yaml')), 'one', 'what is in memory is read from memory');
  await damaged.sources.stop();
  const empty = makeRoom(t, dir);
  assert.equal(
    String(await (await empty.sources.open(source, commit, project)).read('a/b.yaml')),
    'one',
    'lost objects',
  );

  const moved = work.commit({ 'a/b.yaml': 'two' });
  const refs = join(mirror, 'refs', 'plumbline');
  for (const name of readdirSync(refs)) {
    writeFileSync(join(refs, `${name}.lock`), '');
    utimesSync(join(refs, `${name}.lock`), 0, 0);
  }
  const { revision } = await empty.sources.resolve(source, project, { fresh: true });
  assert.equal(revision, moved);
  assert.equal(
    String(await (await empty.sources.open(source, moved, project)).read('a/b.yaml')),
    'two',
    'a stale lock',
  );
});

test('an older git, and one that dies in between', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  const commit = work.commit({ a: 'old', b: 'times' });
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  mkdirSync(join(dir, 'bin'));
  const script = `#!/bin/sh\ncase "$*" in *--batch-command*) exit 129 ;; esac\nexec ${real} "$@"\n`;
  writeFileSync(join(dir, 'bin', 'git'), script, { mode: 0o755 });
  const { sources, clock } = makeRoom(t, dir, { env: { PATH: `${join(dir, 'bin')}:${process.env.PATH}` } });
  const tree = await sources.open(sourceOf(work.dir), commit, project);
  assert.deepEqual((await Promise.all(['a', 'b'].map((path) => tree.read(path)))).map(String), ['old', 'times']);
  clock.advance(120_000);
  await sources.open(sourceOf(work.dir), work.commit({ a: 'new' }), project);
});

test('refs beside branches and tags, and a server that has very many of them', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  const first = work.commit({ a: '1' });
  work.git('update-ref', 'refs/pull/7/head', first);
  const { sources, metrics } = makeRoom(t, dir);
  const pull = sourceOf(work.dir, 'refs/pull/7/head');
  assert.equal((await sources.resolve(pull, project)).revision, first);
  assert.equal(
    await codeOf(() => sources.resolve(sourceOf(work.dir, 'refs/pull/8/head'), project)),
    'revision-not-found',
  );

  const crowded = new WorkRepository(join(dir, 'crowded'));
  const commit = crowded.commit({ a: '1' });
  const lines = Array.from({ length: 1500 }, (_, i) => `create refs/pull/${i}/head ${commit}`).join('\n');
  crowded.gitWithInput(Buffer.from(`${lines}\n`), 'update-ref', '--stdin');
  await sources.resolve(sourceOf(crowded.dir), project);
  const second = crowded.commit({ a: '2' });
  const listed = metrics.of('ls-remote');
  assert.equal(
    (await sources.resolve(sourceOf(crowded.dir), project, { fresh: true })).revision,
    second,
    'HEAD moves with its branch',
  );
  assert.equal(metrics.of('ls-remote'), listed + 1, 'one request');
  crowded.git('checkout', '-q', '-b', 'other');
  crowded.git('branch', '-q', '-D', 'main');
  const third = crowded.commit({ a: '3' });
  assert.equal(
    (await sources.resolve(sourceOf(crowded.dir), project, { fresh: true })).revision,
    third,
    'the default branch is gone',
  );
});

test('local paths can be forbidden', async (t) => {
  const dir = testDirectory(t);
  const work = new WorkRepository(join(dir, 'work'));
  work.commit({ a: '1' });
  const { sources } = makeRoom(t, dir, { allowFile: false });
  assert.equal(await codeOf(() => sources.resolve(sourceOf(work.dir), project)), 'repo-config');
  rmSync(work.dir, { recursive: true });
});
