import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngineError } from '../model/index.ts';
import { below, resolvePath } from './paths.ts';

describe('a path', () => {
  const table = [
    { base: 'a/b', path: 'c', out: 'a/b/c', reason: 'below its base' },
    { base: 'a/b', path: '../c', out: 'a/c', reason: 'beside its base' },
    { base: 'a/b', path: '/c', out: 'c', reason: 'from the root' },
    { base: '', path: './a//b/.', out: 'a/b', reason: 'cleaned' },
    { base: 'a', path: '..', out: '', reason: 'up to the root' },
    { base: 'a', path: '', out: 'a', reason: 'the base itself' },
  ];
  for (const { base, path, out, reason } of table)
    test(`${reason}: ${path}`, () => assert.equal(resolvePath(base, path, 'field'), out));

  for (const path of ['../..', '/..', '../../etc/passwd', 'b/../../../x', 'a\0b'])
    test(`cannot lead out: ${JSON.stringify(path)}`, () =>
      assert.throws(
        () => resolvePath('a', path, 'field'),
        (e) => e instanceof EngineError && e.code === 'path-outside',
      ));

  test('is seen from above', () => {
    assert.equal(below('a', 'a/b'), 'b');
    assert.equal(below('a', 'ab'), undefined);
    assert.equal(below('', 'a'), 'a');
    assert.equal(below('a', 'a'), '');
  });
});
