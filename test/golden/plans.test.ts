// Golden plans: hooks × waves × prune × failure. A bug report becomes a folder first.
// GOLDEN=write node --test test/golden/plans.test.ts writes what is missing or has changed; read the difference.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type GoldenCase, storyboard } from './storyboard.ts';

const folder = join(import.meta.dirname, 'plans');

for (const name of readdirSync(folder).sort()) {
  const given = JSON.parse(readFileSync(join(folder, name, 'given.json'), 'utf8')) as GoldenCase;
  test(`golden plan ${name}: ${given.reason}`, () => {
    const path = join(folder, name, 'expected.txt');
    const made = storyboard(given);
    if (process.env.GOLDEN === 'write') writeFileSync(path, made);
    assert.ok(existsSync(path), `${path} does not exist: run with GOLDEN=write and read it`);
    assert.equal(made, readFileSync(path, 'utf8'));
  });
}
