import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matchesGlob, validGlob } from './index.ts';

describe('globs', () => {
  for (const [pattern, text, separators, matches] of [
    ['*', '', '', true],
    ['*', 'a/b', '', true],
    ['*', 'a/b', '/', false],
    ['**', 'a/b', '/', true],
    ['a*', 'abc', '', true],
    ['*-prod', 'web-prod', '', true],
    ['*-prod', 'web-prod-1', '', false],
    ['https://github.com/org/*', 'https://github.com/org/repo', '/', true],
    ['https://github.com/org/*', 'https://github.com/org/team/repo', '/', false],
    ['https://github.com/org/**', 'https://github.com/org/team/repo', '/', true],
    ['https://github.com/*/repo', 'https://github.com/org/repo', '/', true],
    ['a?c', 'abc', '', true],
    ['a?c', 'a/c', '/', false],
    ['[a-c]x', 'bx', '', true],
    ['[!a-c]x', 'bx', '', false],
    ['[!a-c]x', 'dx', '', true],
    ['[abc-]', '-', '', true],
    ['{a,b}-c', 'b-c', '', true],
    ['{a,b*}-c', 'bxx-c', '', true],
    ['{a,{b,c}}', 'c', '', true],
    ['x{,y}', 'x', '', true],
    ['\\*', '*', '', true],
    ['\\*', 'x', '', false],
    ['a.c', 'abc', '', false],
    ['', '', '', true],
    ['', 'a', '', false],
    ['ünder*', 'ünder🙂', '', true],
    ['?', '🙂', '', true],
  ] as const)
    test(`'${pattern}' ${matches ? 'matches' : 'does not match'} '${text}' ${separators}`, () =>
      assert.equal(matchesGlob(pattern, text, separators), matches));

  for (const pattern of ['[', '[]', '[a', '{a', '{a,b', 'a\\', '[b-a]', '{'.repeat(3000)])
    test(`'${pattern.slice(0, 10)}' cannot be read and matches nothing`, () => {
      assert.equal(validGlob(pattern), false);
      assert.equal(matchesGlob(pattern, pattern), false);
    });

  for (const [reason, pattern, text] of [
    ['many stars', `${'*a'.repeat(200)}b`, 'a'.repeat(2000)],
    ['many empty choices', `${'{,a}'.repeat(60)}b`, 'a'.repeat(60)],
    ['deep nesting', `${'{a,'.repeat(300)}b${'}'.repeat(300)}x`, 'b'],
  ] as const)
    test(`no pattern is slow: ${reason}`, () => {
      const start = process.hrtime.bigint();
      matchesGlob(pattern, text);
      assert.ok(process.hrtime.bigint() - start < 2_000_000_000n);
    });
});
