import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder, sweep } from './folder.ts';

test('what a killed demo left is swept up; what lives, is kept or is of others stays', async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), 'sweep-'));
  t.after(() => rmSync(temporary, { recursive: true, force: true }));
  const { pid } = spawnSync('true');
  const folder = (name: string, owner?: string): string => {
    const path = join(temporary, name);
    mkdirSync(path);
    if (owner !== undefined) writeFileSync(join(path, '.owner'), owner);
    return path;
  };
  const dead = folder('plumb-dead', String(pid));
  const others = [folder('plumb-no-owner'), folder('plumb-garbled', 'x'), folder('elsewhere', String(pid))];
  const [running, kept] = [await makeFolder(temporary, false), await makeFolder(temporary, true)];
  await sweep(temporary);
  assert.equal(existsSync(dead), false);
  for (const path of [...others, running, kept]) assert.equal(existsSync(path), true, path);
  await sweep(join(temporary, 'nowhere'));
});
