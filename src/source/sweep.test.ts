import assert from 'node:assert/strict';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sweep } from './sweep.ts';
import { testDirectory } from './testing/work-repository.ts';

test('what nobody used goes, what somebody used stays', async (t) => {
  const dir = testDirectory(t);
  for (const name of ['old', 'used']) {
    mkdirSync(join(dir, name));
    writeFileSync(join(dir, name, 'plumbline.json'), '{}');
  }
  writeFileSync(join(dir, 'old.tar'), '');
  for (const path of ['old/plumbline.json', 'old', 'used', 'old.tar']) utimesSync(join(dir, path), 1000, 1000);
  await sweep(dir, Date.now() - 60_000);
  assert.deepEqual(
    ['old', 'used', 'old.tar'].map((name) => existsSync(join(dir, name))),
    [false, true, false],
  );
  await sweep(join(dir, 'none'), 0);
});
