import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Application, Hold, ObjectRef, Report, ResourceReport } from '../../model/index.ts';
import { idOf } from '../../model/index.ts';
import { objectsOf } from './views.ts';

const ref = (kind: string): ObjectRef => ({ group: '', version: 'v1', kind, namespace: 'web', name: 'a' });
const row = (kind: string, status: ResourceReport['status'], more: Partial<ResourceReport> = {}): ResourceReport => ({
  ref: ref(kind),
  status,
  hook: false,
  requiresPruning: false,
  wave: 0,
  ...more,
});
const hold = (reason: Hold['reason'], ...kinds: string[]): Hold => ({
  reason,
  message: reason,
  objects: kinds.map((kind) => idOf(ref(kind))),
  since: '2026-03-01T12:00:00Z',
});

const cases: readonly [reason: string, rows: readonly ResourceReport[], holds: readonly Hold[], wanted: string[]][] = [
  ['its own', [row('Job', 'Synced')], [hold('waits-for-health', 'Job')], ['waits-for-health']],
  [
    'a later wave waits for the one before',
    [row('Job', 'Synced'), row('Service', 'OutOfSync')],
    [hold('waits-for-health', 'Job')],
    ['waits-for-health', 'waits-for-health'],
  ],
  ['a window stops every object', [row('Service', 'OutOfSync')], [hold('sync-window')], ['sync-window']],
  ['what is there already waits for nothing', [row('Service', 'Synced')], [hold('sync-window')], ['']],
  [
    'what would be pruned waits too',
    [row('Service', '', { requiresPruning: true })],
    [hold('depends-on')],
    ['depends-on'],
  ],
  [
    'an object of another application stops itself alone',
    [row('Service', 'OutOfSync')],
    [hold('shared-object', 'Job')],
    [''],
  ],
  [
    'its own goes before',
    [row('Job', 'OutOfSync')],
    [hold('sync-window'), hold('waits-for-kind', 'Job')],
    ['waits-for-kind'],
  ],
  ['hooks have their own time', [row('Job', '', { hook: true, requiresPruning: true })], [hold('sync-window')], ['']],
];
for (const [reason, resources, holds, wanted] of cases) {
  test(`waits for: ${reason}`, () => {
    const report: Partial<Report> = { resources, holds };
    const application: Partial<Application> = { report: report as Report };
    const found = objectsOf(application as Application).map(({ waitsFor }) => waitsFor[0]?.reason ?? '');
    assert.deepEqual(found, wanted);
  });
}
