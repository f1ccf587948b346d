import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkoutAt, localCommit } from './checkout.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'checkout-')));
after(() => rmSync(root, { recursive: true, force: true }));

function git(...args: readonly string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main'];
  return execFileSync('git', ['-C', root, ...who, ...args], { encoding: 'utf8' }).trim();
}

test('a directory says where its working tree is and what it is at', async () => {
  git('init', '--quiet');
  git('remote', 'add', 'origin', 'git@github.com:acme/deploy.git');
  mkdirSync(join(root, 'apps', 'web'), { recursive: true });
  const empty = await checkoutAt(join(root, 'apps'));
  assert.deepEqual([empty?.head, empty?.branch, empty?.path], ['', 'main', 'apps'], 'before the first commit');
  writeFileSync(join(root, 'apps', 'web', 'a.yaml'), 'a: 1\n');
  git('add', '.');
  git('commit', '--quiet', '-m', 'one');
  git('tag', 'v1');
  const head = git('rev-parse', 'HEAD');
  assert.deepEqual(await checkoutAt(join(root, 'apps', 'web')), {
    root,
    path: 'apps/web',
    head,
    branch: 'main',
    dirty: false,
    remotes: [{ name: 'origin', url: 'git@github.com:acme/deploy.git' }],
  });
  writeFileSync(join(root, 'apps', 'web', 'b.yaml'), 'b: 1\n');
  assert.equal((await checkoutAt(root))?.dirty, true, 'a file that is not tracked counts');
  assert.equal((await checkoutAt(root))?.path, '');
});

test('names are those that the working tree knows', async () => {
  const head = git('rev-parse', 'HEAD');
  const cases: readonly (readonly [name: string, found: string | undefined, reason: string])[] = [
    ['HEAD', head, 'HEAD'],
    ['main', head, 'a branch'],
    ['v1', head, 'a tag'],
    [head.slice(0, 8), head, 'a short SHA'],
    ['nope', undefined, 'nothing by that name'],
    ['--version', undefined, 'an option is not a name'],
    ['', undefined, 'nothing'],
    ['HEAD:apps', undefined, 'a tree is not a commit'],
  ];
  for (const [name, found, reason] of cases) assert.equal(await localCommit(root, name), found, reason);
});

test('outside of Git there is none', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'plain-'));
  after(() => rmSync(elsewhere, { recursive: true, force: true }));
  assert.equal(await checkoutAt(elsewhere), undefined);
  await assert.rejects(checkoutAt(join(elsewhere, 'missing')), { code: 'path-not-found' });
  assert.equal(await localCommit(join(elsewhere, 'missing'), 'HEAD'), undefined);
});
