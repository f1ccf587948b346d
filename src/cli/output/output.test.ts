import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeContext } from '../../../test/doubles/fake-context.ts';
import { nearest } from '../../model/index.ts';
import { formatAge, formatDuration, parseDuration } from '../duration.ts';
import { diffLines } from './line-diff.ts';
import { pathText } from './pointer.ts';
import { screenOf } from './screen.ts';
import { writeTable } from './table.ts';
import { clean, span, truncate, widthOf } from './text.ts';

const globals = { kubeconfig: undefined, context: undefined, namespace: 'argocd', color: true, verbose: false };

test('tables are aligned, cut where the terminal is narrow, and skip columns without anything', () => {
  const fake = fakeContext({ terminal: true, columns: 44 });
  const columns = [
    { title: 'NAME' },
    { title: '' },
    { title: 'N', align: 'right' as const },
    { title: 'MESSAGE', shrink: 2 },
    { title: 'END' },
  ];
  writeTable(screenOf(fake.context, globals), columns, [
    ['a', '', '1', 'a rather long message that is cut', 'x'],
    ['bbbb', '', '100', [span('two '), span('spans', 'bad')], 'y'],
  ]);
  assert.equal(
    fake.out(),
    [
      'NAME    N  MESSAGE                       END',
      'a       1  a rather long message that…   x',
      'bbbb  100  two spans                     y',
      '',
    ].join('\n'),
  );
});

test('a table without rows writes nothing', () => {
  const fake = fakeContext();
  writeTable(screenOf(fake.context, globals), [{ title: 'A' }], []);
  assert.equal(fake.out(), '');
});

test('colour: NO_COLOR wins over FORCE_COLOR, which wins over the terminal', () => {
  const cases: readonly (readonly [terminal: boolean, env: Record<string, string>, color: boolean, wanted: boolean])[] =
    [
      [true, {}, true, true],
      [false, {}, true, false],
      [true, { NO_COLOR: '1' }, true, false],
      [true, { NO_COLOR: '' }, true, true],
      [false, { FORCE_COLOR: '1' }, true, true],
      [true, { FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
      [true, { TERM: 'dumb' }, true, false],
      [true, { FORCE_COLOR: '1' }, false, false],
    ];
  for (const [terminal, env, color, wanted] of cases) {
    const { context } = fakeContext({ terminal, env });
    assert.equal(screenOf(context, { ...globals, color }).color, wanted, JSON.stringify({ terminal, env, color }));
  }
});

test('text is measured and cut in cells, and carries nothing that a terminal obeys', () => {
  assert.equal(widthOf('abc'), 3);
  assert.equal(widthOf('日本'), 4);
  assert.equal(widthOf('e\u0301'), 1);
  assert.equal(truncate('日本語', 4, '…'), '日…');
  assert.equal(truncate('abc', 3, '…'), 'abc');
  assert.equal(truncate('abcdef', 4, '...'), 'a...');
  assert.equal(clean('a\u001b]0;x\u0007b\r\nc\u202ed\u009be'), 'a]0;xb cde');
});

test('times are written as people read them, and read as they write them', () => {
  const ages: readonly (readonly [ms: number, text: string])[] = [
    [0, '0s'],
    [119_000, '119s'],
    [192_000, '3m12s'],
    [180_000, '3m'],
    [3_600_000, '60m'],
    [4 * 3_600_000 + 60_000, '4h1m'],
    [47 * 3_600_000, '47h'],
    [72 * 3_600_000, '3d'],
  ];
  for (const [ms, text] of ages) assert.equal(formatAge(ms), text);
  assert.equal(formatDuration(120), '120ms');
  assert.equal(formatDuration(3210), '3.2s');
  const durations: readonly (readonly [text: string, ms: number | undefined])[] = [
    ['5', 5000],
    ['0', 0],
    ['1.5s', 1500],
    ['1h30m', 5_400_000],
    ['500ms', 500],
    ['', undefined],
    ['5y', undefined],
    ['-1s', undefined],
    ['1 s', undefined],
  ];
  for (const [text, ms] of durations) assert.equal(parseDuration(text), ms, text);
});

test('pointers are written as paths', () => {
  assert.equal(pathText('/spec/containers/0/image'), 'spec.containers[0].image');
  assert.equal(pathText('/metadata/annotations/a.b~1c'), 'metadata.annotations["a.b/c"]');
  assert.equal(pathText('/data/x~0y'), 'data["x~y"]');
  assert.equal(pathText(''), '(everything)');
});

test('texts are compared by lines, with what stands around', () => {
  const lines = diffLines('a\nb\nc\nd\ne\nf\n', 'a\nb\nc\nX\ne\nf\ng\n', 1);
  assert.deepEqual(
    lines?.map(({ kind, text }) => `${kind} ${text}`),
    ['gap ', 'same c', 'less d', 'more X', 'same e', 'same f', 'more g'],
  );
  assert.deepEqual(diffLines('a\n', 'a\n'), [{ kind: 'gap', text: '' }]);
  assert.equal(diffLines('a\n'.repeat(3000), 'b'), undefined, 'too long to compare');
});

test('the nearest word is near', () => {
  assert.equal(nearest('lst', ['list', 'get']), 'list');
  assert.equal(nearest('hsitory', ['history', 'help']), 'history');
  assert.equal(nearest('xyz', ['list', 'get']), undefined);
  assert.equal(nearest('out', ['output', 'all']), 'output');
});
