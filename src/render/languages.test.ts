import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { ensureTool } from '../toolchain/index.ts';
import { createLanguages, createToolbox } from './index.ts';

const toolbox = createToolbox({ binary: () => ensureTool('toolbox') });
const languages = createLanguages(toolbox);
after(() => toolbox.close());
const closed = { openLibs: false };

describe('Lua', () => {
  test('one run for each object, more than go into one request', async () => {
    const calls = Array.from({ length: 60 }, (_, i) => ({ obj: `{"n":${i}}` }));
    const runs = await languages.lua('return {n = obj.n + 1}', calls, closed);
    assert.deepEqual(
      runs.map((run) => run.ok && JSON.parse(run.value).n),
      calls.map((_, i) => i + 1),
    );
  });
  test('parameters', async () => {
    const [run] = await languages.lua('return actionParams.a', [{ obj: '{}', actionParams: '{"a":"b"}' }], closed);
    assert.deepEqual(run, { ok: true, value: '"b"' });
  });
  for (const [reason, script] of [
    ['it cannot be compiled', 'if then'],
    ['it fails', 'return nothing.here'],
    ['it reaches for the disk', 'return io.open("/etc/passwd")'],
    ['it reaches for a process', 'return os.execute("id")'],
  ] as const)
    test(`a fault of the script is its result: ${reason}`, async () => {
      const runs = await languages.lua(script, [{ obj: '{}' }, { obj: '{}' }], { openLibs: true });
      assert.deepEqual(
        runs.map((run) => run.ok),
        [false, false],
      );
    });
  test('a script without end ends after its second, and harms no other', async () => {
    const script = 'if obj.loop then while true do end end return 1';
    const runs = await languages.lua(script, [{ obj: '{"loop":true}' }, { obj: '{}' }], closed);
    assert.deepEqual(
      runs.map((run) => run.ok),
      [false, true],
    );
  });
});

test('jq: all outputs of each expression, faults one by one', async () => {
  const expressions = ['path(.a[] | select(. > 1))', '.a |', '.a.b', '.missing'];
  const [paths, unread, failed, nothing] = await languages.jq('{"a":[1,2,3]}', expressions);
  assert.deepEqual(paths, { ok: true, value: ['["a",1]', '["a",2]'] });
  assert.equal(unread?.ok, false);
  assert.equal(failed?.ok, false);
  assert.deepEqual(nothing, { ok: true, value: ['null'] });
});
