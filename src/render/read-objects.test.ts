import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readObjects } from './read-objects.ts';

const toolbox: Parameters<typeof readObjects>[2] = {
  yaml: async () => {
    throw new Error('not asked here');
  },
};

for (const [reason, text, want] of [
  ['documents', 'kind: A\n---\n# nothing\n---\nkind: B\n', ['A', 'B']],
  ['a list', 'kind: List\nitems: [{kind: A}, null, 7, {kind: B}]\n', ['A', 'B']],
  ['a list of nothing', 'kind: List\nitems: null\n', []],
  ['a list without items', 'kind: List\n', []],
  [
    'a typed list says the kind of its items',
    'kind: PodList\nitems: [{metadata: {}}, {kind: Other}]\n',
    ['Pod', 'Other'],
  ],
  ['a kind that only ends like a list', 'kind: AllowList\n', ['AllowList']],
  ['an array of objects', '[{"kind":"A"},{"kind":"B"}]', ['A', 'B']],
  ['an empty text', '', []],
] as const) {
  test(`objects of a text: ${reason}`, async () => {
    const objects = await readObjects(text, 'f.yaml', toolbox);
    assert.deepEqual(
      objects.map(({ kind }) => kind),
      want,
    );
  });
}

test('objects of a text: what is no object is told with its line', async () => {
  const wrong = readObjects('kind: A\n---\nhello\n', 'f.yaml', toolbox);
  await assert.rejects(wrong, { code: 'manifest-invalid', about: 'f.yaml:3' });
});
