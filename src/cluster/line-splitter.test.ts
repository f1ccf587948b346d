import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLineSplitter } from './line-splitter.ts';

test('lines are whole however the bytes arrive', () => {
  const text = '{"a":"ä€😀"}\n\n{"b":2}\nlong'.concat('x'.repeat(3000), '\nrest without end');
  const bytes = Buffer.from(text);
  const wanted = text.split('\n').filter((line, i, all) => line !== '' && i < all.length - 1);
  for (const size of [1, 2, 3, 7, 100, bytes.length]) {
    const lines: string[] = [];
    const split = createLineSplitter((line) => lines.push(line));
    for (let i = 0; i < bytes.length; i += size) split(bytes.subarray(i, i + size));
    assert.deepEqual(lines, wanted, `pieces of ${size}`);
  }
});
