import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../model/index.ts';
import { healthBeforeScript, healthFromScript, type ScriptRun } from './index.ts';

const widget: KubeObject = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' } };
const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: {}, status: { phase: 'Pending' } };
const said = (value: string): ScriptRun => ({ ok: true, value });

for (const [reason, object, run, wanted] of [
  ['a status', widget, said('{"status":"Healthy"}'), { status: 'Healthy' }],
  [
    'a status and a message',
    widget,
    said('{"status":"Degraded","message":"why"}'),
    { status: 'Degraded', message: 'why' },
  ],
  ['an empty message is none', widget, said('{"status":"Suspended","message":""}'), { status: 'Suspended' }],
  ['nil: the kind says nothing', widget, said('null'), undefined],
  ['nil, and a check that Argo CD has built in', pod, said('null'), { status: 'Progressing' }],
  ['an empty table', widget, said('[]'), undefined],
  [
    'a word that is no status',
    widget,
    said('{"status":"Great"}'),
    { status: 'Unknown', message: 'Lua returned an invalid health status' },
  ],
  ['no table', widget, said('"Healthy"'), 'Unknown'],
  ['not even JSON', widget, said('{'), 'Unknown'],
  ['a failure', widget, { ok: false, message: 'line 3' }, { status: 'Unknown', message: 'line 3' }],
] as const)
  test(`a script's answer: ${reason}`, () => {
    const found = healthFromScript(object, run);
    if (typeof wanted === 'string') assert.equal(found?.status, wanted);
    else assert.deepEqual(found, wanted);
  });

test('an object that is being deleted is not asked', () => {
  assert.equal(healthBeforeScript(widget), undefined);
  const going = { ...widget, metadata: { name: 'w', deletionTimestamp: '2026-01-01T00:00:00Z' } };
  assert.deepEqual(healthBeforeScript(going), { status: 'Progressing', message: 'Pending deletion' });
});
