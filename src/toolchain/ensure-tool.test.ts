import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { ensureTool } from './ensure-tool.ts';
import { withLock } from './lock.ts';
import { progressLine } from './progress.ts';
import { keyOf, recipeOf, requiredModules } from './tools.ts';

const root = mkdtempSync(join(tmpdir(), 'plumbline-toolchain-'));
const cache = join(root, 'cache');
after(() => rmSync(root, { recursive: true, force: true }));

// A toolchain folder whose toolbox says one word.
function toolchain(word: string): string {
  const folder = mkdtempSync(join(root, 'toolchain-'));
  mkdirSync(join(folder, 'toolbox'));
  writeFileSync(join(folder, 'toolbox', 'go.mod'), 'module example.org/toolbox\n\ngo 1.24\n');
  writeFileSync(join(folder, 'toolbox', 'main.go'), `package main\n\nfunc main() { println("${word}") }\n`);
  return folder;
}

test('builds a tool once, however many ask at once and from however many checkouts', async () => {
  const lines: string[] = [];
  const progress = (report: Parameters<typeof progressLine>[0]) => lines.push(report.phase);
  const asked = [toolchain('one'), toolchain('one')].flatMap((folder) => [folder, folder]);
  const paths = await Promise.all(asked.map((folder) => ensureTool('toolbox', { cache, toolchain: folder, progress })));
  assert.equal(new Set(paths).size, 1);
  assert.equal(lines.filter((phase) => phase === 'fetching').length, 1);
  assert.ok(lines.includes('waiting') && lines.includes('ready'));
  const [path = ''] = paths;
  assert.equal(spawnSync(path, { encoding: 'utf8' }).stderr, 'one\n');
  assert.deepEqual(
    readdirSync(join(cache, 'tools', 'toolbox')),
    [dirname(path).split('/').at(-1)],
    'nothing else stays',
  );
});

test('builds again when a source changes', async () => {
  const one = await ensureTool('toolbox', { cache, toolchain: toolchain('one') });
  const two = await ensureTool('toolbox', { cache, toolchain: toolchain('two') });
  assert.notEqual(one, two);
  assert.ok(existsSync(one) && existsSync(two));
});

test('says what the compiler says, and leaves nothing half done', async () => {
  const folder = toolchain('x");(');
  await assert.rejects(
    ensureTool('toolbox', { cache: join(root, 'other'), toolchain: folder }),
    /main\.go:3.*syntax error/,
  );
  assert.deepEqual(readdirSync(join(root, 'other', 'tools', 'toolbox')), []);
});

test('a key depends on sources and on nothing that is not built', () => {
  const folder = join(toolchain('one'), 'toolbox');
  const key = keyOf(recipeOf('toolbox', folder), 'go1.26.0');
  assert.notEqual(keyOf(recipeOf('toolbox', folder), 'go1.26.1'), key);
  writeFileSync(join(folder, 'main_test.go'), 'package main\n');
  writeFileSync(join(folder, 'README.md'), 'x');
  assert.equal(keyOf(recipeOf('toolbox', folder), 'go1.26.0'), key);
  writeFileSync(join(folder, 'more.go'), 'package main\n');
  assert.notEqual(keyOf(recipeOf('toolbox', folder), 'go1.26.0'), key);
});

test('versions come from what go.mod requires', () => {
  const modules = requiredModules(`module m
require go.etcd.io/etcd/server/v3 v3.7.3
require (
	k8s.io/kubernetes v1.37.2
	k8s.io/api v0.0.0 // indirect
)
replace (
	k8s.io/api => k8s.io/api v0.37.2
)`);
  assert.deepEqual([...modules.values()], ['v3.7.3', 'v1.37.2', 'v0.0.0']);
});

test('a lock outlives nobody', async () => {
  const path = join(root, 'lock');
  mkdirSync(path);
  writeFileSync(join(path, 'pid'), '999999999');
  let waited = 0;
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push(`${name} ends`);
  };
  await Promise.all(['a', 'b'].map((name) => withLock(path, () => waited++, work(name))));
  assert.deepEqual(
    order.map((line) => line.split(' ')[1]),
    ['begins', 'ends', 'begins', 'ends'],
  );
  assert.ok(waited > 0);
  assert.equal(existsSync(path), false);
});

test('progress reads as one line', () => {
  const report = {
    tool: 'kubebox',
    what: 'kubebox (x)',
    done: 12,
    total: 2702,
    elapsedMs: 61_000,
    expectedMs: 360_000,
  };
  assert.equal(
    progressLine({ ...report, phase: 'building' }),
    'building kubebox (x): 12 of 2702, 1:01 min of about 6:00 min',
  );
});
