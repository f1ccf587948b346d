/** YAML as sigs.k8s.io/yaml reads it: a table with the original library as its judge, and what happens at the limits. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { EngineError } from '../../model/index.ts';
import { canonicalText, parseJson } from '../exact-json.ts';
import { type Toolbox, ToolboxError } from '../toolbox/protocol.ts';
import { testToolbox } from '../toolbox/test-trees.ts';
import { decodeText } from './decode-text.ts';
import { readYaml } from './read-yaml.ts';

/** A toolbox that agrees with js-yaml about what is wrong. */
const none: Pick<Toolbox, 'yaml'> = {
  yaml: async () => {
    throw new ToolboxError('yaml', 'refused');
  },
};

async function read(text: string): Promise<string[]> {
  const { documents, problem } = await readYaml(text, none);
  assert.equal(problem, undefined);
  return documents.map((document) => canonicalText(document.value));
}

const table: readonly { readonly yaml: string; readonly json: string; readonly reason: string }[] = [
  { yaml: 'a: yes', json: '{"a":true}', reason: 'YAML 1.1 booleans' },
  { yaml: 'a: [y, N, On, off, NO, True]', json: '{"a":[true,false,true,false,false,true]}', reason: 'all of them' },
  { yaml: 'a: "yes"', json: '{"a":"yes"}', reason: 'quoted words are strings' },
  { yaml: 'on: push', json: '{"true":"push"}', reason: 'booleans as keys' },
  { yaml: 'a: yEs', json: '{"a":"yEs"}', reason: 'no other spelling' },
  { yaml: 'a: 010', json: '{"a":8}', reason: 'octal' },
  { yaml: 'a: 0o10', json: '{"a":8}', reason: 'octal of YAML 1.2' },
  { yaml: 'a: 08', json: '{"a":8}', reason: 'no octal, so a float' },
  { yaml: 'a: [0x1F, 0b101, -0x10, +7, -0b11]', json: '{"a":[31,5,-16,7,-3]}', reason: 'other bases and signs' },
  { yaml: 'a: 1_000', json: '{"a":1000}', reason: 'underscores' },
  { yaml: 'a: _1', json: '{"a":"_1"}', reason: 'not in front' },
  { yaml: 'a: [1e3, 1.5E-2, .5, 1., -.5]', json: '{"a":[1000,0.015,0.5,1,-0.5]}', reason: 'floats' },
  { yaml: 'a: 1e400', json: '{"a":"1e400"}', reason: 'too large for a float' },
  { yaml: 'a: 1:30', json: '{"a":"1:30"}', reason: 'no sexagesimals' },
  { yaml: 'a: 2001-12-14', json: '{"a":"2001-12-14"}', reason: 'timestamps stay strings' },
  { yaml: 'a: 2001-12-14t21:59:43.10-05:00', json: '{"a":"2001-12-14t21:59:43.10-05:00"}', reason: 'with a time too' },
  { yaml: 'a: 9007199254740993', json: '{"a":9007199254740993}', reason: 'integers keep all digits' },
  {
    yaml: 'a: [18446744073709551615, -9223372036854775808]',
    json: '{"a":[18446744073709551615,-9223372036854775808]}',
    reason: '64 bits',
  },
  { yaml: 'a: 184467440737095516150', json: '{"a":184467440737095500000}', reason: 'beyond 64 bits it is a float' },
  {
    yaml: '{a: ~, b: null, c: NULL, d: , e: nULL}',
    json: '{"a":null,"b":null,"c":null,"d":null,"e":"nULL"}',
    reason: 'nulls',
  },
  { yaml: 'f:labels: {.: {}, f:app: {}}', json: '{"f:labels":{".":{},"f:app":{}}}', reason: 'a dot is no number' },
  { yaml: 'a: =', json: '{"a":"="}', reason: 'the value tag is a string' },
  { yaml: 'a: <<', json: '{"a":"<<"}', reason: 'a merge key only as a key' },
  { yaml: '1: a\n1.5: b\ntrue: c', json: '{"1":"a","1.5":"b","true":"c"}', reason: 'keys become strings' },
  { yaml: '1000000.5: a\n0.1: b', json: '{"0.1":"b","1.0000005e+06":"a"}', reason: 'float keys as Go writes them' },
  { yaml: 'a: 1\na: 2', json: '{"a":2}', reason: 'the last duplicate wins' },
  { yaml: 'x: &x {a: 1, b: 2}\nw: {<<: *x, b: 3}', json: '{"w":{"a":1,"b":3},"x":{"a":1,"b":2}}', reason: 'merge' },
  {
    yaml: 'x: &x {a: 1}\nw: {a: 3, <<: *x}',
    json: '{"w":{"a":1},"x":{"a":1}}',
    reason: 'go-yaml v2 merges where it stands',
  },
  {
    yaml: 'x: &x {a: 1}\nz: &z {a: 2}\nw: {<<: [*x, *z]}',
    json: '{"w":{"a":1},"x":{"a":1},"z":{"a":2}}',
    reason: 'earlier sources win',
  },
  { yaml: 'x: &x {a: 1}\nw: {"<<": *x}', json: '{"w":{"<<":{"a":1}},"x":{"a":1}}', reason: 'a quoted one is a key' },
  {
    yaml: 'a: !custom 5\nb: !Ref {c: 1}\nd: !x [1]',
    json: '{"a":"5","b":{"c":1},"d":[1]}',
    reason: 'unknown tags are ignored',
  },
  {
    yaml: 'a: !!str 5\nb: !!int "5"\nc: !!float 1\nd: !!binary aGk=',
    json: '{"a":"5","b":5,"c":1,"d":"hi"}',
    reason: 'known tags',
  },
  { yaml: 'a: !!str\nb: ! 5', json: '{"a":"","b":"5"}', reason: 'empty and bare tags' },
  { yaml: 'a: |\n  x\n  y\nb: >-\n  x\n  y', json: '{"a":"x\\ny\\n","b":"x y"}', reason: 'block scalars' },
  { yaml: 'a: 1\r\nb: |\r\n  x\r\n', json: '{"a":1,"b":"x\\n"}', reason: 'CRLF' },
  { yaml: '__proto__: {a: 1}\nconstructor: 2', json: '{"__proto__":{"a":1},"constructor":2}', reason: 'keys are data' },
  { yaml: '{"a": "\\u0041\\ud83d\\ude00"}', json: '{"a":"A😀"}', reason: 'escapes of JSON' },
];

describe('the reading of sigs.k8s.io/yaml', () => {
  const toolbox = testToolbox();
  after(() => toolbox.close());

  for (const { yaml, json, reason } of table)
    test(`${reason}: ${JSON.stringify(yaml)}`, async () => {
      const judge = await toolbox.yaml({ text: yaml }).then(
        ({ docs }) => docs.map((doc) => canonicalText(parseJson(doc.json))),
        () => undefined,
      );
      assert.deepEqual(await read(yaml), [json]);
      // Go joins surrogates that were escaped one by one only in JSON, and never keeps them apart.
      if (judge !== undefined) assert.deepEqual(judge, [json]);
    });

  test('what js-yaml refuses and Go accepts is read by the original library', async () => {
    const text = 'a: 1\n---\nb:\n  c: "x\n\n y"\nd: "one\ntwo"\n';
    const { documents, problem } = await readYaml(text, toolbox);
    assert.equal(problem, undefined);
    assert.deepEqual(documents.at(-1)?.value, { b: { c: 'x\ny' }, d: 'one two' });
    assert.equal(documents.at(-1)?.line, 3);
  });
});

describe('documents', () => {
  test('are found with their lines', async () => {
    const text = '# head\n---\n\na: 1\n--- # two\n---   \nb:\n  c: 2\n---\n# nothing\n--- {d: 3}\n';
    const { documents } = await readYaml(text, none);
    assert.deepEqual(
      documents.map(({ line, value }) => [line, canonicalText(value)]),
      [
        [4, '{"a":1}'],
        [7, '{"b":{"c":2}}'],
        [11, '{"d":3}'],
      ],
    );
  });

  test('keep their directives', async () => {
    assert.deepEqual(await read('%YAML 1.1\n---\na: 1\n'), ['{"a":1}']);
  });

  test('of nulls and nothing are left out', async () => {
    assert.deepEqual(await read('---\nnull\n---\n~\n---\n\n---\n# x\n'), []);
  });

  test('tell the lines of duplicate keys', async () => {
    const { duplicates } = await readYaml('x: 1\n---\na: 1\nb:\n  c: 1\n  c: 2\na: 3\n', none);
    assert.deepEqual(duplicates, [
      { key: 'c', line: 6 },
      { key: 'a', line: 7 },
    ]);
  });

  test('before a broken one are there, and the line of the problem is told', async () => {
    const { documents, problem } = await readYaml('a: 1\n---\nb: [1\nc: 2\n', none);
    assert.equal(documents.length, 1);
    assert.equal(problem?.line, 4);
    assert.equal(problem?.limit, false);
  });
});

test('without the original library no document is called wrong', async () => {
  const away: Pick<Toolbox, 'yaml'> = {
    yaml: async () => {
      throw new ToolboxError('crashed', 'gone');
    },
  };
  await assert.rejects(readYaml('a: [', away), (e) => e instanceof EngineError && e.code === 'toolbox-failed');
});

describe('limits', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 12; i++) {
    const name = String.fromCharCode(97 + i);
    const before = String.fromCharCode(96 + i);
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
  }
  const attacks: readonly { readonly reason: string; readonly text: string }[] = [
    { reason: 'a bomb of aliases', text: bomb.join('\n') },
    { reason: 'a bomb of text', text: `a: &a ${'x'.repeat(1 << 20)}\nb: [${Array(900).fill('*a').join(', ')}]` },
    {
      reason: 'a bomb of merges',
      text: `a: &a {${Array.from({ length: 2000 }, (_, i) => `k${i}: 1`)}}\nb: [${Array(2000).fill('{<<: *a}')}]`,
    },
    { reason: 'deep nesting of lists', text: '['.repeat(100_000) },
    { reason: 'deep nesting of maps', text: Array.from({ length: 2_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n') },
    { reason: 'documents without end', text: '--- a\n'.repeat(30_000) },
  ];
  for (const { reason, text } of attacks)
    test(`${reason} ends early`, async () => {
      const started = performance.now();
      const { problem } = await readYaml(text, none);
      assert.equal(problem?.limit, true);
      assert.ok(performance.now() - started < 5_000);
    });

  const slow: readonly { readonly reason: string; readonly text: string }[] = [
    { reason: 'duplicate keys', text: 'a: 1\n'.repeat(50_000) },
    { reason: 'pairs in a flow', text: `[${'a: b, '.repeat(50_000)}]` },
    { reason: 'comment signs', text: `${'# '.repeat(20_000)}\nx: 1` },
    { reason: 'a number of a million digits', text: `a: ${'9'.repeat(1_000_000)}` },
    { reason: 'documents on one line each', text: 'a\n...\n'.repeat(15_000) },
    {
      reason: 'anchors below one another',
      text: Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a: &b${i} !!map`).join('\n'),
    },
  ];
  for (const { reason, text } of slow)
    test(`${reason} take time in proportion`, async () => {
      const started = performance.now();
      await readYaml(text, none);
      assert.ok(performance.now() - started < 5_000);
    });

  test('an anchor that holds itself is refused', async () => {
    const { problem } = await readYaml('a: &a [*a]', none);
    assert.notEqual(problem, undefined);
  });
});

describe('bytes', () => {
  const table: readonly { readonly reason: string; readonly bytes: Uint8Array; readonly text: string | undefined }[] = [
    { reason: 'UTF-8', bytes: Buffer.from('ä: 1'), text: 'ä: 1' },
    { reason: 'UTF-8 with a mark', bytes: Buffer.from('\uFEFFa'), text: 'a' },
    { reason: 'UTF-16, little end first', bytes: Buffer.from('\uFEFFä', 'utf16le'), text: 'ä' },
    { reason: 'UTF-16, big end first', bytes: Buffer.from('\uFEFFä', 'utf16le').swap16(), text: 'ä' },
    { reason: 'no text', bytes: Uint8Array.of(0x61, 0xff, 0x62), text: undefined },
  ];
  for (const { reason, bytes, text } of table) test(reason, () => assert.equal(decodeText(bytes), text));
});
