/** A trace agrees with another revision exactly when nothing that was looked at is different there. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Tree } from '../ports/index.ts';
import { type Counts, type Files, memoryTree } from './test-repositories.ts';
import { sameTrace, traced } from './trace.ts';

const before: Files = {
  'app/a.yaml': 'a',
  'app/b.yaml': 'b',
  'app/sub/c.yaml': 'c',
  'app/link.yaml': '-> ../shared/d.yaml',
  'app/base': '-> ../shared',
  'shared/d.yaml': 'd',
  'shared/e.yaml': 'e',
  'other/x.yaml': 'x',
};

const table: readonly {
  readonly reason: string;
  readonly look: (tree: Tree) => Promise<unknown>;
  readonly change: Record<string, string | undefined>;
  readonly same: boolean;
}[] = [
  { reason: 'another directory', look: (t) => t.read('app/a.yaml'), change: { 'other/x.yaml': 'y' }, same: true },
  { reason: 'the file', look: (t) => t.read('app/a.yaml'), change: { 'app/a.yaml': 'y' }, same: false },
  { reason: 'a neighbour', look: (t) => t.read('app/a.yaml'), change: { 'app/b.yaml': 'y' }, same: true },
  { reason: 'a file that went', look: (t) => t.read('app/a.yaml'), change: { 'app/a.yaml': undefined }, same: false },
  { reason: 'a file that came', look: (t) => t.read('app/n.yaml'), change: { 'app/n.yaml': 'y' }, same: false },
  { reason: 'one that still is not', look: (t) => t.read('app/n.yaml'), change: { 'app/m.yaml': 'y' }, same: true },
  { reason: 'a directory that came', look: (t) => t.read('no/n.yaml'), change: { 'no/n.yaml': 'y' }, same: false },
  { reason: 'a listing with a new name', look: (t) => t.list('app'), change: { 'app/n.yaml': 'y' }, same: false },
  { reason: 'a listing whose files changed', look: (t) => t.list('app'), change: { 'app/a.yaml': 'y' }, same: true },
  { reason: 'a listing, and deeper', look: (t) => t.list('app'), change: { 'app/sub/n.yaml': 'y' }, same: true },
  { reason: 'an absent listing', look: (t) => t.list('none'), change: { 'none/x': 'y' }, same: false },
  {
    reason: 'the target of a link',
    look: (t) => t.read('app/link.yaml'),
    change: { 'shared/d.yaml': 'y' },
    same: false,
  },
  {
    reason: 'a neighbour of the target',
    look: (t) => t.read('app/link.yaml'),
    change: { 'shared/e.yaml': 'y' },
    same: true,
  },
  {
    reason: 'a file behind a link',
    look: (t) => t.read('app/base/e.yaml'),
    change: { 'shared/e.yaml': 'y' },
    same: false,
  },
  { reason: 'a listing behind a link', look: (t) => t.list('app/base'), change: { 'shared/n.yaml': 'y' }, same: false },
  {
    reason: 'a link to elsewhere',
    look: (t) => t.read('app/link.yaml'),
    change: { 'app/link.yaml': '-> ../shared/e.yaml' },
    same: false,
  },
  {
    reason: 'a file in place of a directory',
    look: (t) => t.list('app/sub'),
    change: { 'app/sub/c.yaml': undefined, 'app/sub': 'x' },
    same: false,
  },
];

function changed(change: Record<string, string | undefined>): Files {
  const files: Record<string, string | Uint8Array> = { ...before };
  for (const [path, content] of Object.entries(change)) {
    if (content === undefined) delete files[path];
    else files[path] = content;
  }
  return files;
}

describe('a trace', () => {
  for (const { reason, look, change, same } of table)
    test(`${same ? 'holds' : 'breaks'}: ${reason}`, async () => {
      const tree = traced(memoryTree(before));
      await look(tree);
      const trace = await tree.end();
      assert.equal(await sameTrace(memoryTree(before), trace), true);
      assert.equal(await sameTrace(memoryTree(changed(change)), trace), same);
    });

  test('reads no file, and stops at unchanged directories', async () => {
    const tree = traced(memoryTree(before));
    await tree.list('app');
    await tree.read('app/a.yaml');
    await tree.read('app/b.yaml');
    const trace = await tree.end();
    const counts: Counts = { entry: 0, list: 0, read: 0 };
    assert.equal(await sameTrace(memoryTree(changed({ 'other/x.yaml': 'y' }), counts), trace), true);
    assert.deepEqual(counts, { entry: 2, list: 0, read: 0 });
  });

  test('breaks where the tree cannot be read', async () => {
    const tree = traced(memoryTree(before));
    await tree.read('app/a.yaml');
    const trace = await tree.end();
    const broken = memoryTree({ 'app/a.yaml': '-> ../../out' });
    assert.equal(await sameTrace(broken, trace), false);
  });
});
