import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ObjectChange } from '../../contract/index.ts';
import { changesMarkdown } from './markdown.ts';

const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'colours' };
const change = (more: Partial<ObjectChange> = {}): ObjectChange => ({
  ref,
  kind: 'update',
  fields: [],
  origin: '',
  ...more,
});

test('each object is unfolded to its fields', () => {
  const fields = [{ path: '/data/colour', live: '"green"', desired: '"red"' }];
  const text = changesMarkdown('prod', [change({ fields })]);
  assert.match(text, /^\*\*prod\*\*: 1 object differs: 1 to update\./);
  assert.match(text, /- \/data\/colour: "green"\n\+ \/data\/colour: "red"/);
});

test('what is written in manifests ends no fence, and mentions nobody', () => {
  const text = changesMarkdown('@everybody <b>', [
    change({ ref: { ...ref, name: '@ann|x' }, fields: [{ path: '/data/x', desired: '"````\\n# title"' }] }),
  ]);
  assert.match(text, /`````diff/);
  assert.doesNotMatch(text, /@everybody|@ann|<b>/);
});

test('nothing different is said in a line; too much is cut', () => {
  assert.equal(changesMarkdown('prod', []), '**prod**: No differences.');
  const long = Array.from({ length: 200 }, () =>
    change({ fields: [{ path: '/data/x', desired: `"${'y'.repeat(1_500)}"` }] }),
  );
  const text = changesMarkdown('prod', long);
  assert.ok(text.length < 65_000);
  assert.match(text, /…and \d+ more objects$/);
});
