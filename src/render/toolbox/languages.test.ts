/** The other methods: Jsonnet, YAML and the languages. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Toolbox } from './protocol.ts';
import { type Failure, fails, memoryTree, testToolbox } from './test-trees.ts';

const box = testToolbox();
after(() => box.close());

describe('jsonnet', () => {
  const evaluate = (files: Record<string, string>, more: object = {}) =>
    box.jsonnet({ fs: memoryTree(files), file: 'd/a.jsonnet', ...more });

  test('imports, libraries and variables', async () => {
    const files = {
      'd/a.jsonnet': `local l = import 'l.libsonnet'; function(t) {l: l, near: importstr 'n.txt', e: std.extVar('e'), t: t}`,
      'lib/l.libsonnet': '{a: 1}',
      'd/n.txt': 'near',
    };
    const more = {
      libs: ['d', 'lib'],
      extVars: [{ name: 'e', value: '1+1', code: true }],
      tlas: [{ name: 't', value: 'x' }],
    };
    const { json, trace } = await evaluate(files, more);
    assert.deepEqual(JSON.parse(json), { l: { a: 1 }, near: 'near', e: 2, t: 'x' });
    assert.deepEqual(trace.read, ['d/a.jsonnet', 'd/n.txt', 'lib/l.libsonnet']);
    assert.deepEqual(trace.missed, ['lib/n.txt']);
  });

  const mistakes: { reason: string; text: string; failure: Failure }[] = [
    { reason: 'syntax', text: '{\n  a: }', failure: { code: 'jsonnet', file: 'd/a.jsonnet', line: 2 } },
    { reason: 'an error', text: '\n\nerror "x"', failure: { code: 'jsonnet', file: 'd/a.jsonnet', line: 3 } },
    { reason: 'an import that is not there', text: 'import "/etc/passwd"', failure: { code: 'jsonnet' } },
    { reason: 'endless recursion', text: 'local f(x) = f(x) + 1; f(1)', failure: { code: 'jsonnet' } },
  ];
  for (const { reason, text, failure } of mistakes) {
    test(reason, async () => {
      await fails(evaluate({ 'd/a.jsonnet': text }), failure);
    });
  }
});

describe('yaml', () => {
  const tables: { reason: string; text: string; docs: [unknown, number][] }[] = [
    {
      reason: 'YAML 1.1 values',
      text: 'a: yes\nb: 010\nc: 1:30\non: 2001-01-01',
      docs: [[{ a: true, b: 8, c: '1:30', true: '2001-01-01' }, 1]],
    },
    {
      reason: 'documents and their lines',
      text: '# c\n---\na: 1\n--- # x\n\n---\nb: 2\n',
      docs: [
        [{ a: 1 }, 3],
        [{ b: 2 }, 7],
      ],
    },
    {
      reason: 'JSON streams',
      text: '{"a":1}\n{"b":2}',
      docs: [
        [{ a: 1 }, 1],
        [{ b: 2 }, 2],
      ],
    },
    {
      reason: 'JSON, then YAML',
      text: '{"a":1}\n---\nb: 2',
      docs: [
        [{ a: 1 }, 1],
        [{ b: 2 }, 3],
      ],
    },
    { reason: 'CRLF and duplicate keys', text: 'a: |\r\n  x\r\n  y\r\na: 2\r\n', docs: [[{ a: 2 }, 1]] },
    { reason: 'quoted scalars with little indentation', text: 'a:\n  b: "x\n  y"', docs: [[{ a: { b: 'x y' } }, 1]] },
  ];
  for (const { reason, text, docs } of tables) {
    test(reason, async () => {
      const result = await box.yaml({ text });
      assert.deepEqual(
        result.docs.map((doc) => [JSON.parse(doc.json), doc.line]),
        docs,
      );
    });
  }

  test('integers keep their digits', async () => {
    const { docs } = await box.yaml({ text: 'a: 9007199254740993' });
    assert.equal(docs[0]?.json, '{"a":9007199254740993}');
  });

  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghij'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghi'[i]}`)}]`),
  ];
  const mistakes: { reason: string; text: string; line?: number }[] = [
    { reason: 'bad YAML', text: 'a: 1\n---\nb: 2\nc: [\n', line: 4 },
    { reason: 'aliases that explode', text: bomb.join('\n') },
    { reason: 'deep nesting', text: '['.repeat(20_000) },
    { reason: 'nesting that YAML allows', text: '['.repeat(1000) + ']'.repeat(1000) },
    { reason: 'a separator with something after it', text: 'a: 1\n---x: 2', line: 2 },
  ];
  for (const { reason, text, line } of mistakes) {
    test(reason, async () => {
      await fails(box.yaml({ text, name: 'f.yaml' }), {
        code: 'yaml',
        file: 'f.yaml',
        ...(line === undefined ? {} : { line }),
      });
    });
  }
});

describe('languages', () => {
  test('templates have sprig and the functions of ApplicationSets, and no way out', async () => {
    const texts = [
      '{{ .a.b | upper }} {{ normalize "A_b!" }} {{ slugify 9 true "Some Long Name" }}',
      '{{ .no }}',
      '{{ env "PATH" }}',
      '{{ toYaml .a }}',
      '{{ (fromYaml "x: 1").x }}',
    ];
    const { outputs } = await box.template({ texts, data: ['{"a":{"b":"c"}}'], options: ['missingkey=error'] });
    const values = outputs[0]?.map((it) => (it.ok ? it.value : it.code));
    assert.deepEqual(values, ['C a-b some-long', 'template', 'template', 'b: c', '1']);
  });

  test('lua is Lua 5.1 with obj, and no way out', async () => {
    const calls = [{ obj: '{"a":{"n":2}}', actionParams: '{"x":"y"}' }, { obj: '{}' }];
    const run = async (script: string) =>
      (await box.lua({ script, calls })).results.map((it) => (it.ok ? it.value : it.code));
    const shown = await run('if obj.a then return {s = obj.a.n / 4, p = actionParams.x} end');
    assert.deepEqual(
      shown.map((it) => JSON.parse(it)),
      [{ s: 0.5, p: 'y' }, null],
    );
    assert.deepEqual(await run('return {io == nil, dofile == nil, loadfile == nil, os.getenv == nil, os.time() > 0}'), [
      '[true,true,true,true,true]',
      '[true,true,true,true,true]',
    ]);
    assert.deepEqual(await run('return {}'), ['[]', '[]']);
    assert.deepEqual(await run('return table.getn({1,2}) .. string.upper("a")'), ['"2A"', '"2A"']);
    assert.deepEqual(await run('error("x")'), ['lua', 'lua']);
    assert.deepEqual(
      (await box.lua({ script: 'while true do end', calls: [{ obj: '{}' }], callMs: 50 })).results.map(
        (it) => it.ok || it.code,
      ),
      ['timeout'],
    );
    await fails(run('return ('), { code: 'lua' });
  });

  test('jq runs a batch on one object, or a chain', async () => {
    const object = '{"a":[{"b":1},{"b":9007199254740993}],"c":2}';
    const each = await box.jq({ object, expressions: ['.a[].b', '.c + "x"', 'del(.a[0])', 'env'] });
    assert.deepEqual(
      each.results.map((it) => (it.ok ? it.value : it.code)),
      [['1', '9007199254740993'], 'jq', ['{"a":[{"b":9007199254740993}],"c":2}'], ['{}']],
    );
    const chain = await box.jq({ object, mode: 'chain', expressions: ['del(.a[0])', 'error', 'del(.c)'] });
    assert.equal(chain.object, '{"a":[{"b":9007199254740993}]}');
    const slow = await box.jq({ object, expressions: ['last(range(1e12))'], callMs: 50 });
    assert.equal(slow.results[0]?.ok === false && slow.results[0].code, 'timeout');
  });

  test('expr has the time of notification triggers', async () => {
    const env = '{"app":{"status":{"phase":"Failed","at":"2026-01-02T03:04:05Z"}}}';
    const expressions = [
      'app.status.phase in ["Error","Failed"]',
      'time.Now().Sub(time.Parse(app.status.at)).Minutes() >= 5',
      'app.none.x',
      '1 +',
    ];
    const { results } = await box.expr({ expressions, env, now: '2026-01-02T03:14:05Z' });
    assert.deepEqual(
      results.map((it) => (it.ok ? it.value : it.code)),
      ['true', 'true', 'expr', 'expr'],
    );
  });

  test('versions are those of the libraries', async () => {
    const versions = await box.versions();
    for (const name of ['helm', 'kustomize', 'jsonnet', 'sprig', 'lua', 'jq', 'expr', 'yaml'])
      assert.match(versions[name] ?? '', /^\d/);
  });
});

test('what the tree throws is what the caller gets', async () => {
  const failure = new Error('the mirror is gone');
  const fs = { read: () => Promise.reject(failure), list: () => Promise.reject(failure) };
  const tries: ((it: Toolbox) => Promise<unknown>)[] = [
    (it) => it.helm({ fs, chart: 'c', release: 'r', namespace: 'n' }),
    (it) => it.kustomize({ fs, root: 'b' }),
    (it) => it.jsonnet({ fs, file: 'a.jsonnet' }),
  ];
  for (const attempt of tries) await assert.rejects(attempt(box), failure);
});
