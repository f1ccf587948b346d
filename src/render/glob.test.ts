import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { globFiles, gobwas } from './glob.ts';
import { memoryTree } from './test-repositories.ts';

describe('gobwas', () => {
  const table: readonly {
    readonly pattern: string;
    readonly yes: string[];
    readonly no: string[];
    readonly reason: string;
  }[] = [
    {
      pattern: '*.yaml',
      yes: ['a.yaml', 'dir/a.yaml', '.yaml'],
      no: ['a.yml', 'a.yaml.bak'],
      reason: 'a star crosses directories',
    },
    {
      pattern: '{config.yaml,env-use2/*}',
      yes: ['config.yaml', 'env-use2/a/b'],
      no: ['x/config.yaml'],
      reason: 'alternatives',
    },
    {
      pattern: 'a{b,c{d,e}}f',
      yes: ['abf', 'acdf', 'acef'],
      no: ['acf', 'af'],
      reason: 'alternatives within alternatives',
    },
    {
      pattern: 'subdir/*',
      yes: ['subdir/x', 'subdir/x/y'],
      no: ['subdir', 'a/subdir/x'],
      reason: 'anchored at both ends',
    },
    {
      pattern: 'file?.y[!a]ml',
      yes: ['file1.yxml'],
      no: ['file.yxml', 'file1.yaml'],
      reason: 'single characters and sets',
    },
    { pattern: '[a-c]x', yes: ['ax', 'cx'], no: ['dx'], reason: 'ranges' },
    { pattern: '\\*', yes: ['*'], no: ['a'], reason: 'escapes' },
    { pattern: '**/x', yes: ['a/b/x', '/x'], no: ['x'], reason: 'two stars are one' },
    { pattern: '', yes: [''], no: ['a'], reason: 'nothing matches nothing' },
  ];
  for (const { pattern, yes, no, reason } of table)
    test(`${reason}: ${pattern}`, () => {
      const matches = gobwas(pattern);
      for (const text of yes) assert.equal(matches?.(text), true, text);
      for (const text of no) assert.equal(matches?.(text), false, text);
    });

  test('a malformed pattern is none', () => {
    assert.equal(gobwas('{a,b'), undefined);
    assert.equal(gobwas('[a'), undefined);
  });

  test('patterns cannot take more than their time or space', () => {
    const started = performance.now();
    assert.equal(gobwas('*a'.repeat(2_000))?.('a'.repeat(4_000).concat('b')), false);
    assert.equal(gobwas('{a,b}'.repeat(30)), undefined);
    assert.ok(performance.now() - started < 2_000);
  });
});

describe('globs of value files', () => {
  const tree = memoryTree({
    'envs/a.yaml': '',
    'envs/z.yaml': '',
    'envs/nested/c.yaml': '',
    'envs/nested/deep/d.yaml': '',
    'envs/readme.md': '',
    'other/a.yaml': '',
    'envs/link.yaml': '-> ../other/a.yaml',
  });
  const table: readonly { readonly pattern: string; readonly files: string[]; readonly reason: string }[] = [
    {
      pattern: 'envs/*.yaml',
      files: ['envs/a.yaml', 'envs/link.yaml', 'envs/z.yaml'],
      reason: 'one directory, by name, links too',
    },
    {
      pattern: 'envs/**/*.yaml',
      files: ['envs/a.yaml', 'envs/link.yaml', 'envs/z.yaml', 'envs/nested/c.yaml', 'envs/nested/deep/d.yaml'],
      reason: 'own files before those of subdirectories',
    },
    { pattern: '*/a.yaml', files: ['envs/a.yaml', 'other/a.yaml'], reason: 'a star for a directory' },
    { pattern: 'envs/{z,a}.yaml', files: ['envs/z.yaml', 'envs/a.yaml'], reason: 'alternatives' },
    { pattern: 'envs/n*', files: [], reason: 'directories are no files' },
    { pattern: 'none/*.yaml', files: [], reason: 'nothing' },
  ];
  for (const { pattern, files, reason } of table)
    test(`${reason}: ${pattern}`, async () => assert.deepEqual(await globFiles(tree, pattern), files));

  test('many double stars take no more than their time', async () => {
    const deep: Record<string, string> = {};
    for (let i = 1; i < 20; i++) deep[`${'d/'.repeat(i)}f.yaml`] = '';
    const started = performance.now();
    await globFiles(memoryTree(deep), `${'**/'.repeat(20)}x.yaml`);
    assert.ok(performance.now() - started < 5_000);
  });
});
