import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../model/index.ts';
import { type Command, type CommandGroup, defineCommand } from './command.ts';
import { exit } from './exit.ts';
import { parseArgv } from './parse.ts';

const leaf = defineCommand({
  name: 'sync',
  aliases: ['s'],
  summary: 'x',
  args: [
    { name: 'APP', about: '', required: true },
    { name: 'MORE', about: '', repeat: true },
  ],
  flags: {
    output: { kind: 'string', short: 'o', value: 'FORM', about: '', choices: ['json', 'yaml'] },
    all: { kind: 'boolean', short: 'A', about: '' },
    wait: { kind: 'boolean', default: true, about: '' },
    timeout: { kind: 'duration', value: 'TIME', about: '', default: 1000 },
    tail: { kind: 'number', value: 'N', about: '' },
    set: { kind: 'list', value: 'X', about: '' },
    project: { kind: 'list', value: 'X', about: '', commas: true },
  },
  examples: [],
  run: async () => exit.ok,
});
const bare = defineCommand({ name: 'version', summary: 'x', flags: {}, examples: [], run: async () => exit.ok });
const entries: readonly (Command | CommandGroup)[] = [
  { name: 'app', aliases: ['apps'], summary: 'x', commands: [leaf] },
  bare,
];

function parse(line: string, env: Record<string, string> = {}) {
  const words = line
    .split(' ')
    .filter(Boolean)
    .map((word) => (word === "''" ? '' : word));
  const parsed = parseArgv(words, entries, env);
  return parsed;
}

test('command lines are understood', () => {
  const cases: readonly {
    readonly line: string;
    readonly args?: readonly string[];
    readonly flags: object;
    readonly reason: string;
  }[] = [
    { line: 'app sync a -o json', flags: { output: 'json' }, reason: 'a value in the next word' },
    { line: 'app sync a -ojson', flags: { output: 'json' }, reason: 'a value in the same word' },
    { line: 'app sync a --output=yaml', flags: { output: 'yaml' }, reason: 'a value after =' },
    { line: 'app sync -Ao json a', flags: { all: true, output: 'json' }, reason: 'short flags in one word' },
    { line: 'apps s a --all', flags: { all: true }, reason: 'aliases' },
    { line: 'app sync a --no-wait', flags: { wait: false }, reason: 'a flag that is on is turned off' },
    { line: 'app sync a --wait=false', flags: { wait: false }, reason: 'or said to be false' },
    { line: 'app sync a --timeout 1h30m', flags: { timeout: 5_400_000 }, reason: 'a time in units' },
    { line: 'app sync a --timeout 5', flags: { timeout: 5000 }, reason: 'a bare number is seconds' },
    { line: 'app sync a', flags: { timeout: 1000, wait: true, set: [] }, reason: 'defaults' },
    { line: 'app sync a --tail 0', flags: { tail: 0 }, reason: 'zero is a number' },
    { line: 'app sync a --set x=1,2 --set y', flags: { set: ['x=1,2', 'y'] }, reason: 'a list is repeated' },
    { line: 'app sync a --project x,y --project z', flags: { project: ['x', 'y', 'z'] }, reason: 'or has commas' },
    { line: 'app sync a b c', args: ['a', 'b', 'c'], flags: {}, reason: 'the last argument takes the rest' },
    { line: 'app sync a -- --all', args: ['a', '--all'], flags: { all: false }, reason: 'nothing is a flag after --' },
    { line: '-n x app --verbose sync a', flags: {}, reason: 'global flags stand anywhere' },
    { line: 'app sync -', args: ['-'], flags: {}, reason: 'a dash alone is a word' },
  ];
  for (const { line, args, flags, reason } of cases) {
    const parsed = parse(line);
    assert.equal(parsed.kind, 'run', reason);
    if (parsed.kind !== 'run') continue;
    assert.deepEqual({ ...parsed.input.flags, ...flags }, parsed.input.flags, `${reason}: ${line}`);
    if (args !== undefined) assert.deepEqual(parsed.input.args, args, reason);
  }
});

test('the namespace comes from the flag, the environment, or is argocd', () => {
  const namespaceIn = (line: string, env: Record<string, string>) => {
    const parsed = parse(line, env);
    return parsed.kind === 'run' ? parsed.input.globals.namespace : undefined;
  };
  assert.equal(namespaceIn('version', {}), 'argocd');
  assert.equal(namespaceIn('version', { PLUMB_NAMESPACE: 'gitops' }), 'gitops');
  assert.equal(namespaceIn('version -n team', { PLUMB_NAMESPACE: 'gitops' }), 'team');
  assert.equal(namespaceIn('version -nteam', {}), 'team');
});

test('help is asked for, or is the answer to too little', () => {
  const cases: readonly (readonly [line: string, path: string, asked: boolean])[] = [
    ['', '', false],
    ['app', 'app', false],
    ['--help', '', true],
    ['app --help', 'app', true],
    ['app sync -h', 'app sync', true],
    ['app sync --help --tail 1', 'app sync', true],
  ];
  for (const [line, path, asked] of cases) {
    const parsed = parse(line);
    assert.equal(parsed.kind, 'help', line);
    assert.equal(parsed.path.join(' '), path, line);
    if (parsed.kind === 'help') assert.equal(parsed.asked, asked, line);
  }
});

test('what cannot be understood is said, with what was perhaps meant', () => {
  const cases: readonly (readonly [line: string, about: RegExp, reason: string])[] = [
    ['ap sync', /plumb app$/, 'a command'],
    ['app synk a', /plumb app sync$/, 'a command of a group'],
    ['app sync a --al', /--all$/, 'a flag'],
    ['app sync a --otuput json', /--output$/, 'swapped letters'],
    ['app sync a --xyzzy', /see: plumb app sync --help/, 'nothing is near'],
    ['app sync a -x', /see: plumb app sync --help/, 'a short flag'],
    ['app sync a -o jsn', /json$/, 'a choice'],
    ['app sync', /see: plumb app sync --help/, 'an argument is missing'],
    ['version now', /see: plumb version --help/, 'an argument too many'],
    ['app sync a --tail x', /^$/, 'not a number'],
    ['app sync a --tail', /^$/, 'a value is missing'],
    ['app sync a --timeout 5y', /^$/, 'not a time'],
    ['app sync a --all=maybe', /^$/, 'not a truth'],
    ['app sync a --no-tail', /^see: /, 'only truths are turned off'],
    ['app sync a --__proto__ x', /^see: /, 'names of objects are not flags'],
  ];
  for (const [line, about, reason] of cases) {
    assert.throws(
      () => parse(line),
      (error: unknown) => error instanceof EngineError && error.code === 'usage' && about.test(error.about),
      `${reason}: ${line}`,
    );
  }
});
