import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngineError } from '../model/index.ts';
import { parseRemote } from './remote-bases.ts';

describe('a remote reference', () => {
  const table: readonly { readonly url: string; readonly repo: string; readonly path: string; readonly ref: string }[] =
    [
      {
        url: 'https://github.com/org/repo//path/x?ref=v1',
        repo: 'https://github.com/org/repo',
        path: 'path/x',
        ref: 'v1',
      },
      {
        url: 'https://github.com/org/repo/path/x?ref=v1',
        repo: 'https://github.com/org/repo',
        path: 'path/x',
        ref: 'v1',
      },
      { url: 'https://github.com/org/repo', repo: 'https://github.com/org/repo', path: '', ref: '' },
      { url: 'https://git.test/a/b/c.git/path?version=2', repo: 'https://git.test/a/b/c.git', path: 'path', ref: '2' },
      { url: 'github.com/org/repo/path?ref=main', repo: 'https://github.com/org/repo', path: 'path', ref: 'main' },
      { url: 'git@github.com:org/repo.git//path?ref=x', repo: 'git@github.com:org/repo.git', path: 'path', ref: 'x' },
      { url: 'git@github.com/org/repo/path?ref=x', repo: 'git@github.com:org/repo', path: 'path', ref: 'x' },
      {
        url: 'git::ssh://git@git.test:22/org/repo.git/p',
        repo: 'ssh://git@git.test:22/org/repo.git',
        path: 'p',
        ref: '',
      },
      { url: 'git::https://git.test/org/repo', repo: 'https://git.test/org/repo', path: '', ref: '' },
      {
        url: 'https://dev.azure.com/o/p/_git/repo/path?ref=m',
        repo: 'https://dev.azure.com/o/p/_git/repo',
        path: 'path',
        ref: 'm',
      },
      {
        url: 'https://git.test/o/r//p?ref=v1&timeout=90s&submodules=0',
        repo: 'https://git.test/o/r',
        path: 'p',
        ref: 'v1',
      },
    ];
  for (const { url, repo, path, ref } of table)
    test(url, () => assert.deepEqual(parseRemote(url), { kind: 'git', repoURL: repo, path, revision: ref }));

  test('to a file of the web is one', () => {
    const url = 'https://raw.test/org/repo/v1/install.yaml';
    assert.deepEqual(parseRemote(url), { kind: 'file', url });
  });

  for (const url of [
    'file:///etc//x',
    '/etc/x',
    '../x',
    'ftp://x/y/z',
    'https://host',
    'https://github.com/org/repo//../../x',
  ])
    test(`refused: ${url}`, () =>
      assert.throws(
        () => parseRemote(url),
        (e) => e instanceof EngineError && (e.code === 'remote-base' || e.code === 'path-outside'),
      ));
});
