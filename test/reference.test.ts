// The pages of docs/reference are what the code says today.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { referencePages } from '../scripts/generate-reference.ts';

const root = resolve(import.meta.dirname, '..');

for (const [path, text] of referencePages()) {
  test(`${path} is current`, () => {
    const there = existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
    assert.equal(there, text, 'run: node scripts/generate-reference.ts');
  });
}
