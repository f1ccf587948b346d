import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation, OperationState } from '../model/index.ts';
import { historyAfter } from './history.ts';

function ended(operation: Partial<Operation>, more: Partial<OperationState> = {}): OperationState {
  const initiatedBy = { username: 'ann', automated: false };
  const asked = { id: 'op', initiatedBy, revisions: [], prune: false, dryRun: false, force: false, info: [] };
  return {
    operation: { ...asked, ...operation },
    phase: 'Succeeded',
    message: '',
    startedAt: '2026-03-01T12:00:00Z',
    retryCount: 0,
    revisions: ['one'],
    sources: [],
    results: [],
    ...more,
  };
}

const cases: readonly [reason: string, state: OperationState, entries: number][] = [
  ['a sync is an entry', ended({}), 1],
  ['a dry run is none', ended({ dryRun: true }), 0],
  ['nor is a sync of some objects', ended({ only: [] }), 0],
  ['nor are manifests that are in no commit', ended({ manifests: ['{}'] }), 0],
  ['nor is a failure', ended({}, { phase: 'Failed' }), 0],
];
for (const [reason, state, entries] of cases) {
  test(`history: ${reason}`, () => assert.equal(historyAfter([], state, 10).length, entries));
}
