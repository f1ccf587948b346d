import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeContext } from '../../../test/doubles/fake-context.ts';
import type { Project } from '../../model/index.ts';
import { runCli } from '../run.ts';

const project = (mode?: string) =>
  ({ name: 'payments', annotations: mode === undefined ? {} : { 'plumbline.dev/lock': mode } }) as unknown as Project;

test('locks are set and shown', async () => {
  const fake = fakeContext({
    answers: { lockProject: async (_, mode) => project(mode), getProject: async () => project() },
  });
  assert.equal(await runCli(['lock', 'payments', '--mode', 'deny', '-o', 'json'], fake.context), 0);
  assert.deepEqual(JSON.parse(fake.out()), [{ project: 'payments', mode: 'deny' }]);
  assert.ok(fake.calls.some((call) => call.includes('lockProject') && call.includes('"payments"')));
  const told = fakeContext({ answers: { lockProject: async (_, mode) => project(mode) } });
  assert.equal(await runCli(['lock', 'payments', '--mode', 'warn'], told.context), 0);
  assert.match(told.err(), /the engine's own account/i);
  const shown = fakeContext({ answers: { getProject: async () => project() } });
  assert.equal(await runCli(['lock', 'payments'], shown.context), 0);
  assert.match(shown.out(), /payments\s+off/);
});

test('a mode that does not exist is refused', async () => {
  const fake = fakeContext();
  assert.equal(await runCli(['lock', 'payments', '--mode', 'maybe'], fake.context), 2);
});
