import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSilence, silentUntil } from './silence.ts';

const parseDuration = (text: string): number | undefined => {
  const [, n = '', unit = ''] = /^(\d+)([mh])$/.exec(text) ?? [];
  return n === '' ? undefined : Number(n) * (unit === 'h' ? 3_600_000 : 60_000);
};
// UTC, whatever the zone.
const zones = (instant: number, zone: string) => {
  if (zone.startsWith('Nowhere')) throw new RangeError('Invalid time zone specified');
  const date = new Date(instant);
  const [hour, minute] = [date.getUTCHours(), date.getUTCMinutes()];
  return { minute, hour, dom: date.getUTCDate(), month: date.getUTCMonth() + 1, dow: date.getUTCDay() };
};

const cases: readonly {
  readonly reason: string;
  readonly text: string;
  readonly now: string;
  readonly until?: string;
}[] = [
  { reason: 'at night', text: '0 22 * * * 8h', now: '2026-01-02T03:00:00Z', until: '2026-01-02T06:00:00Z' },
  { reason: 'by day it is not silent', text: '0 22 * * * 8h', now: '2026-01-02T12:00:00Z' },
  { reason: 'it ends when it ends', text: '0 22 * * * 8h', now: '2026-01-02T06:00:00Z' },
  {
    reason: 'one silence goes over into another',
    text: '0 22 * * * 8h UTC; 0 6 * * * 30m',
    now: '2026-01-01T23:00:00Z',
    until: '2026-01-02T06:30:00Z',
  },
  { reason: 'no silence at all', text: '', now: '2026-01-02T03:00:00Z' },
];
for (const { reason, text, now, until } of cases) {
  test(`silence: ${reason}`, () => {
    const { times, problems } = parseSilence(text, parseDuration, zones);
    assert.deepEqual(problems, []);
    const found = silentUntil(times, Date.parse(now), zones);
    assert.equal(found, until === undefined ? undefined : Date.parse(until));
  });
}

for (const text of [
  '0 22 * * *',
  '0 22 * * * soon',
  '61 22 * * * 8h',
  '0 22 * * * 8h UTC please',
  '0 22 * * * 8h Nowhere/Land',
]) {
  test(`silence: not understood: ${text}`, () => {
    const { times, problems } = parseSilence(text, parseDuration, zones);
    assert.deepEqual([times.length, problems.length], [0, 1]);
  });
}
