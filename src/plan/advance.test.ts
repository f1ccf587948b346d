import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Manifest, OperationState } from '../model/index.ts';
import { followHooks } from './advance.ts';

const cases: readonly {
  readonly reason: string;
  readonly kind: string;
  readonly body: string;
  readonly want: string;
}[] = [
  { reason: 'a Job that goes while it runs has failed', kind: 'Job', body: '{}', want: 'Failed' },
  {
    reason: 'a Job that removes itself has ended',
    kind: 'Job',
    body: '{"spec":{"ttlSecondsAfterFinished":0}}',
    want: 'Succeeded',
  },
  { reason: 'what does not run cannot fail', kind: 'ConfigMap', body: '{}', want: 'Succeeded' },
];

for (const { reason, kind, body, want } of cases) {
  test(`a hook that vanished: ${reason}`, () => {
    const ref = { group: '', version: 'v1', kind, namespace: 'n', name: 'pre' };
    const manifest: Manifest = { ref, digest: '', body, steering: {}, origin: '', source: 0 };
    const state = {
      operation: { id: 'op' },
      results: [{ ref, status: '', message: '', hookPhase: 'Running', syncPhase: 'PreSync', images: [] }],
    } as unknown as OperationState;
    const after = followHooks(state, [{ id: `/${kind}/n/pre`, manifest }]);
    assert.equal(after.results[0]?.hookPhase, want);
  });
}
