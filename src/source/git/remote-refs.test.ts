import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRef, movedRefs, parseRemoteRefs, withRef } from './remote-refs.ts';

const id = (n: number) => n.toString(16).padStart(40, '0');
const listing = [
  'ref: refs/heads/main\tHEAD',
  `${id(1)}\tHEAD`,
  `${id(1)}\trefs/heads/main`,
  `${id(2)}\trefs/heads/v1`,
  `${id(3)}\trefs/heads/feature/x`,
  `${id(4)}\trefs/pull/7/head`,
  `${id(5)}\trefs/tags/v1`,
  `${id(6)}\trefs/tags/v1^{}`,
  `${id(7)}\trefs/tags/v1.2.0`,
  `${id(8)}\trefs/tags/1.3.0-rc.1`,
  `${id(9)}\trefs/tags/prod/v2.0.0`,
  `${id(10)}\trefs/tags/prod/v2.1.0`,
  'garbage',
].join('\n');
const remote = parseRemoteRefs(listing);

test('what a target revision means', () => {
  const table: readonly [target: string, prefix: string, commit: number | undefined, reason: string][] = [
    ['', '', 1, 'the default branch'],
    ['HEAD', '', 1, 'the default branch'],
    ['main', '', 1, 'a branch'],
    ['feature/x', '', 3, 'a branch with a slash'],
    ['v1', '', 2, 'a branch before a tag of its name'],
    ['refs/tags/v1', '', 6, 'an annotated tag stands for its commit'],
    ['tags/v1', '', 6, 'half a full name'],
    ['heads/v1', '', 2, 'half a full name'],
    ['refs/heads/v1', '', 2, 'a full name'],
    ['refs/pull/7/head', '', undefined, 'pull requests are not followed'],
    ['v1.2.0', '', 7, 'a tag'],
    ['1.*', '', 7, 'a range takes tags only, and no prerelease'],
    ['1.*-0', '', 8, 'unless it asks for them'],
    ['>=3', '', undefined, 'a range without a tag'],
    ['2.*', 'prod/', 10, 'a prefix is cut off'],
    ['v2.0.0', 'prod/', 9, 'a version with a prefix'],
    ['nope', '', undefined, 'nothing'],
  ];
  for (const [target, prefix, commit, reason] of table) {
    assert.equal(
      findRef(remote, target, prefix)?.commit,
      commit === undefined ? undefined : id(commit),
      `${target}: ${reason}`,
    );
  }
  assert.throws(() => findRef(remote, 'main', 'prod/'), { code: 'revision-not-found' }, 'a prefix needs a version');
});

test('what moved between two answers', () => {
  const after = withRef(remote, 'refs/heads/main', id(99), id(99));
  assert.deepEqual(movedRefs(remote, after), ['HEAD', 'refs/heads/main']);
  assert.deepEqual(movedRefs(remote, remote), []);
  const tagged = withRef(remote, 'refs/tags/v1', id(50), id(51));
  assert.equal(findRef(tagged, 'refs/tags/v1')?.commit, id(51));
});

test('a repository with a detached HEAD and one without anything', () => {
  assert.equal(findRef(parseRemoteRefs(`${id(1)}\tHEAD`), '')?.commit, id(1));
  assert.equal(findRef(parseRemoteRefs(''), 'HEAD'), undefined);
});
