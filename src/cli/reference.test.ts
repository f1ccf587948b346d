import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalog } from './catalog.ts';
import { type Command, isGroup } from './command.ts';
import { globalFlags, parseArgv } from './parse.ts';

const commands: readonly (readonly [path: string, command: Command])[] = catalog.flatMap((entry) =>
  isGroup(entry)
    ? entry.commands.map((command) => [`${entry.name} ${command.name}`, command] as const)
    : [[entry.name, entry] as const],
);

test('every example can be parsed, and every command has one', () => {
  for (const [path, command] of commands) {
    assert.notEqual(command.examples.length, 0, path);
    for (const { line } of command.examples) {
      const plain = line
        .replace(/^.*&& /, '')
        .replace(/^source <\((.*)\)$/, '$1')
        .replace(/ [|>] .*$/, '');
      const words = [...plain.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
        (found) => found[1] ?? found[2] ?? found[3] ?? '',
      );
      assert.equal(words[0], 'plumb', line);
      const parsed = parseArgv(words.slice(1), catalog, {});
      assert.equal(parsed.kind, 'run', line);
      assert.equal(parsed.path.join(' '), path, line);
    }
  }
});

test('flags do not hide those of every command, and letters are given once', () => {
  for (const [path, command] of commands) {
    const all = [...Object.entries(globalFlags), ...Object.entries(command.flags)];
    const names = all.map(([name]) => name);
    assert.equal(new Set(names).size, names.length, `${path}: ${names}`);
    const letters = all.flatMap(([, flag]) => ('short' in flag && flag.short !== undefined ? [flag.short] : []));
    assert.equal(new Set(letters).size, letters.length, `${path}: ${letters}`);
    for (const [name, flag] of all) assert.match(flag.about, /^[A-Z].*[^.]$/, `${path} --${name}`);
  }
});
