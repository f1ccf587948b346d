import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeContext } from '../../../test/doubles/fake-context.ts';
import type { CommitRecord } from '../../model/index.ts';
import { runCli } from '../index.ts';

const record: CommitRecord = {
  environment: 'prod',
  application: 'argocd/web',
  repository: 'r',
  path: 'web',
  revisions: ['a'.repeat(40)],
  digest: 'd',
  stages: { seen: '2026-03-01T12:00:00Z' },
  outcome: 'converged',
  endedAt: '2026-03-01T12:00:03Z',
  author: 'Ann <ann@example.com>',
  approvedBy: ['bob@example.com'],
  breakGlass: 'break-glass by eve until 2026-03-01T13:00:00Z: the shop is down',
  changes: [],
  before: [],
  rollback: true,
};

test('the log tells who reviewed, and who answered for what nobody had', async () => {
  const fake = fakeContext({ columns: 400, answers: { records: async () => [{ record, proof: 'valid' }] } });
  assert.equal(await runCli(['log'], fake.context), 0);
  assert.match(fake.out(), /converged \(rollback\).*Ann.*bob@example.com, break-glass by eve.*signed/);
});

test('that nothing is recorded is said of what was asked', async () => {
  const fake = fakeContext({ answers: { records: async () => [] } });
  assert.equal(await runCli(['log', '--env', 'nowhere'], fake.context), 0);
  assert.match(fake.err(), /Nothing is recorded of nowhere/);
});
