import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { EngineError } from '../model/index.ts';
import { workingTree } from './working-tree.ts';

const top = mkdtempSync(join(tmpdir(), 'plumbline-working-'));
after(() => rmSync(top, { recursive: true, force: true }));
const root = join(top, 'root');
mkdirSync(join(root, 'dir/sub'), { recursive: true });
mkdirSync(join(root, '.git'));
writeFileSync(join(top, 'secret'), 'secret');
writeFileSync(join(root, '.git/config'), 'secret');
writeFileSync(join(root, 'dir/a.yaml'), 'a');
symlinkSync('a.yaml', join(root, 'dir/link'));
symlinkSync('../dir', join(root, 'dir/around'));
symlinkSync('../../secret', join(root, 'dir/out'));
symlinkSync('../../absent', join(root, 'dir/out-absent'));
symlinkSync('/etc/passwd', join(root, 'dir/absolute'));
symlinkSync('absent', join(root, 'dir/dangling'));
symlinkSync('circle', join(root, 'dir/circle'));
const tree = workingTree(root);

const outside = (e: unknown): boolean => e instanceof EngineError && e.code === 'path-outside';

describe('a working tree', () => {
  test('shows files, directories and links in byte order, and no .git', async () => {
    assert.deepEqual(
      (await tree.list(''))?.map((entry) => `${entry.kind} ${entry.name}`),
      ['directory dir'],
    );
    assert.deepEqual(
      (await tree.list('dir'))?.map((entry) => `${entry.kind} ${entry.name}`),
      [
        'file a.yaml',
        'link absolute',
        'link around',
        'link circle',
        'link dangling',
        'link link',
        'link out',
        'link out-absent',
        'directory sub',
      ],
    );
    assert.equal(await tree.read('.git/config'), undefined);
    assert.equal(await tree.entry('dir/../.git'), undefined);
  });

  test('follows links inside', async () => {
    assert.equal(Buffer.from((await tree.read('dir/link')) ?? []).toString(), 'a');
    assert.equal((await tree.entry('dir/around'))?.kind, 'directory');
    assert.equal(await tree.realPath?.('dir/around/link'), 'dir/a.yaml');
  });

  for (const path of ['dir/out', 'dir/out-absent', 'dir/absolute', 'dir/circle', 'dir/out/x', '../secret'])
    test(`refuses ${path}`, async () => {
      await assert.rejects(tree.read(path), outside);
      await assert.rejects(tree.entry(path), outside);
      await assert.rejects(tree.list(path), outside);
    });

  test('has nothing where nothing is', async () => {
    for (const path of ['none', 'dir/dangling', 'dir/a.yaml/x', 'dir/none/x']) {
      assert.equal(await tree.entry(path), undefined);
      assert.equal(await tree.read(path), undefined);
      assert.equal(await tree.list(path), undefined);
    }
    assert.equal(await tree.list('dir/a.yaml'), undefined);
    assert.equal(await tree.read('dir'), undefined);
  });

  test('tells changed files by their ids', async () => {
    const before = (await tree.entry('dir/a.yaml'))?.id;
    assert.equal((await tree.entry('dir/a.yaml'))?.id, before);
    writeFileSync(join(root, 'dir/a.yaml'), 'b');
    utimesSync(join(root, 'dir/a.yaml'), 1, 1);
    assert.notEqual((await tree.entry('dir/a.yaml'))?.id, before);
  });
});
