import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, YAML11_SCHEMA } from 'js-yaml';
import type { Json } from '../../model/index.ts';
import { dumpYaml, dumpYamlStream, readObjects } from './yaml.ts';

const strings = [
  '',
  ' ',
  'a',
  'yes',
  'No',
  'on',
  'y',
  'N',
  'true',
  'null',
  '~',
  '.',
  '..',
  '-',
  '--',
  '---',
  '=',
  '<<',
  '?',
  ':',
  '#',
  '!',
  '&a',
  '*a',
  '010',
  '0o10',
  '0x1f',
  '0b11',
  '1_000',
  '1e3',
  '12e03',
  '+1',
  '-1',
  '1.5',
  '.5',
  '.inf',
  '-.inf',
  '.NaN',
  'nan',
  '1:30',
  '1:30:00',
  '2020-01-01',
  '2020-01-01T00:00:00Z',
  'a: b',
  'a #b',
  'a:',
  ':a',
  '{a}',
  '[a]',
  "it's",
  '"q"',
  '|',
  '>',
  '%a',
  '@a',
  '`a',
  'nginx:1.27',
  'a:b:c',
  'https://example.org/a?b=c#d',
  'git@github.com:a/b.git',
  'a, b',
  'x=y',
  'two words',
  'trailing ',
  ' leading',
  'tab\tinside',
  'bell\u0007',
  'line\n',
  'a\nb',
  'a\nb\n',
  'a\n\nb\n\n',
  '\na',
  '\n',
  '\n\n',
  '  lead\nx',
  'a \nb',
  'a\n  b\n',
  'a\tb\nc',
  'caf\u00e9',
  '\u65e5\u672c',
  '\u{1f600}',
  'a\u2028b',
  'a\u0085b',
  '\ufeffx',
  '\u007f',
  'a\rb',
  'a\r\nb',
  '...',
  'a\n---\nb',
  'a\n...\n',
  '\\',
  'C:\\x',
  '\ud800',
];

test('what is dumped is read back as the same, by YAML 1.1 and as 1.2', () => {
  const shapes: readonly ((text: string) => Json)[] = [
    (text) => text,
    (text) => ({ key: text, [`k${text}`]: 1 }),
    (text) => [text, [text], { a: [{ b: text, c: [] }] }],
    (text) => ({ a: { b: { c: text } }, d: {} }),
  ];
  for (const text of strings) {
    // A lone surrogate cannot be written as UTF-8 at all.
    if (text === '\ud800') continue;
    for (const shape of shapes) {
      const value = shape(text);
      const written = dumpYaml(value);
      assert.deepEqual(load(written), value, `1.2: ${JSON.stringify(text)}:\n${written}`);
      assert.deepEqual(load(written, { schema: YAML11_SCHEMA }), value, `1.1: ${JSON.stringify(text)}:\n${written}`);
    }
  }
});

test('numbers, truths and empties', () => {
  const value = { a: 1, b: -1.5, c: true, d: null, e: [], f: {}, g: [1, null, [2, [3]], {}], h: 1e21 };
  assert.deepEqual(load(dumpYaml(value)), value);
});

test('what must not be a number for go-yaml is quoted', () => {
  for (const text of ['1e3', '12e03', '0o10', '1_000', '.', '0x1F', '08'])
    assert.match(dumpYaml({ a: text }), /^a: '/, text);
});

test('lists stand at the depth of their key, blocks are literal', () => {
  assert.equal(
    dumpYaml({ a: [{ b: 1, c: 'x\ny\n' }, 'z'] }),
    ['a:', '- b: 1', '  c: |', '    x', '    y', '- z', ''].join('\n'),
  );
  assert.equal(dumpYamlStream([{ a: 1 }, { b: 2 }]), 'a: 1\n---\nb: 2\n');
});

test('objects are read from streams and lists', () => {
  const text = 'a: 1\n---\n---\nkind: List\nitems:\n- {kind: X}\n- {kind: Z}\n---\nyes: on\n';
  assert.deepEqual(readObjects(text, 'f'), [{ a: 1 }, { kind: 'X' }, { kind: 'Z' }, { true: true }]);
  for (const bad of ['a: [', '- 1', 'text'])
    assert.throws(() => readObjects(bad, 'f'), { code: 'manifest-invalid' }, bad);
});
