import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Source } from '../model/index.ts';
import { unpinnedSource } from './unpinned.ts';

const sha = '0123456789abcdef0123456789abcdef01234567';

for (const [reason, source, revision, wanted] of [
  ['a branch', { targetRevision: 'main' }, sha, 'https://git.test/r at main'],
  ['nothing', { targetRevision: '' }, sha, 'https://git.test/r at HEAD'],
  ['a commit', { targetRevision: sha }, sha, ''],
  ['the beginning of a commit', { targetRevision: sha.slice(0, 8) }, sha, ''],
  ['a branch that looks like one', { targetRevision: 'deadbee' }, sha, 'https://git.test/r at deadbee'],
  ['a version', { targetRevision: 'v1.2.3' }, sha, ''],
  ['half a version', { targetRevision: 'v1.2' }, sha, 'https://git.test/r at v1.2'],
  ['a chart', { chart: 'c', targetRevision: '1.2.3' }, '1.2.3', ''],
  ['a chart in a range', { chart: 'c', targetRevision: '^1.0.0' }, '1.2.3', 'chart c ^1.0.0 of https://git.test/r'],
  ['the newest chart', { chart: 'c', targetRevision: '' }, '1.2.3', 'chart c (newest) of https://git.test/r'],
  ['a login', { repoURL: 'https://u:p@git.test/r?x=y', targetRevision: 'a' }, sha, 'https://git.test/r at a'],
] as const satisfies readonly (readonly [string, Partial<Source>, string, string])[])
  test(reason, () => assert.equal(unpinnedSource({ repoURL: 'https://git.test/r', ...source }, revision), wanted));
