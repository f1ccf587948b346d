import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SyncWindow } from '../model/index.ts';
import { lastStart, nextStart, parseCron, syncWindowHold, type ZonedTime } from './index.ts';

const hour = 3_600_000;
const at = (text: string) => Date.parse(text);
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const formats = new Map<string, Intl.DateTimeFormat>();

function zones(instant: number, timeZone: string): ZonedTime {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      minute: 'numeric',
      hour: 'numeric',
      day: 'numeric',
      month: 'numeric',
      weekday: 'short',
    });
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
  return {
    minute: number('minute'),
    hour: number('hour'),
    dom: number('day'),
    month: number('month'),
    dow: weekdays.indexOf(parts.get('weekday') ?? ''),
  };
}

describe('cron', () => {
  for (const [reason, expression, now, last, next] of [
    ['every minute', '* * * * *', '2026-03-04T05:06:07Z', '2026-03-04T05:06:00Z', '2026-03-04T05:07:00Z'],
    ['daily', '0 9 * * *', '2026-03-04T05:06:00Z', '2026-03-03T09:00:00Z', '2026-03-04T09:00:00Z'],
    ['on the minute itself', '6 5 * * *', '2026-03-04T05:06:00Z', '2026-03-04T05:06:00Z', '2026-03-05T05:06:00Z'],
    ['steps', '*/15 * * * *', '2026-03-04T05:06:00Z', '2026-03-04T05:00:00Z', '2026-03-04T05:15:00Z'],
    ['ranges and lists', '0 8-10,20 * * *', '2026-03-04T10:30:00Z', '2026-03-04T10:00:00Z', '2026-03-04T20:00:00Z'],
    ['week days', '0 0 * * mon-fri', '2026-03-07T12:00:00Z', '2026-03-06T00:00:00Z', '2026-03-09T00:00:00Z'],
    ['7 is Sunday', '0 0 * * 7', '2026-03-09T12:00:00Z', '2026-03-08T00:00:00Z', '2026-03-15T00:00:00Z'],
    ['day of month or of week', '0 0 13 * 5', '2026-03-10T00:00:00Z', '2026-03-06T00:00:00Z', '2026-03-13T00:00:00Z'],
    ['month', '0 0 1 jan *', '2026-03-10T00:00:00Z', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['from a value in steps', '0 20/2 * * *', '2026-03-04T21:00:00Z', '2026-03-04T20:00:00Z', '2026-03-04T22:00:00Z'],
  ] as const)
    test(reason, () => {
      const schedule = parseCron(expression);
      assert.ok(schedule);
      assert.equal(lastStart(schedule, at(now), 400 * 24 * hour, 'UTC', zones), at(last));
      assert.equal(nextStart(schedule, at(now), 400 * 24 * hour, 'UTC', zones), at(next));
    });
  for (const expression of [
    '',
    '* * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '*/0 * * * *',
    '5-1 * * * *',
    'a * * * *',
    '1- * * * *',
    '@daily',
  ])
    test(`'${expression}' cannot be read`, () => assert.equal(parseCron(expression), undefined));
  test('in a zone, over the change to summer time', () => {
    const schedule = parseCron('30 9 * * *');
    assert.ok(schedule);
    assert.equal(
      nextStart(schedule, at('2026-03-28T12:00:00Z'), 48 * hour, 'Europe/Berlin', zones),
      at('2026-03-29T07:30:00Z'),
    );
    assert.equal(
      lastStart(schedule, at('2026-03-29T12:00:00Z'), 48 * hour, 'Europe/Berlin', zones),
      at('2026-03-29T07:30:00Z'),
    );
    assert.equal(
      nextStart(schedule, at('2026-10-24T12:00:00Z'), 48 * hour, 'Europe/Berlin', zones),
      at('2026-10-25T08:30:00Z'),
    );
  });
  test('midnight is not missed on a day of 23 hours', () => {
    const schedule = parseCron('0 0 30 3 *');
    assert.ok(schedule);
    assert.equal(
      nextStart(schedule, at('2026-03-28T12:00:00Z'), 72 * hour, 'Europe/Berlin', zones),
      at('2026-03-29T22:00:00Z'),
    );
  });
});

const base: SyncWindow = {
  kind: 'allow',
  schedule: '0 9 * * *',
  duration: 8 * hour,
  applications: ['*'],
  namespaces: [],
  clusters: [],
  manualSync: false,
  andOperator: false,
  syncOverrun: false,
  timeZone: 'UTC',
  description: '',
};
const deny = { ...base, kind: 'deny' as const };
const app = { name: 'web-prod', destination: { name: 'prod', namespace: 'web' } };
const inside = '2026-03-04T12:00:00Z';
const outside = '2026-03-04T20:00:00Z';
const open = undefined;

describe('sync windows', () => {
  for (const [reason, windows, now, asked, until] of [
    ['none', [], inside, {}, open],
    ['inside an allow', [base], inside, {}, open],
    ['outside an allow', [base], outside, {}, '2026-03-05T09:00:00Z'],
    ['inside a deny', [deny], inside, {}, '2026-03-04T17:00:00Z'],
    ['outside a deny', [deny], outside, {}, open],
    ['deny beats allow', [base, deny], inside, {}, '2026-03-04T17:00:00Z'],
    ['the first allow to open', [base, { ...base, schedule: '0 22 * * *' }], outside, {}, '2026-03-04T22:00:00Z'],
    ['one allow is enough', [base, { ...base, schedule: '0 22 * * *' }], inside, {}, open],
    ['a person is let through', [{ ...base, manualSync: true }], outside, { manual: true }, open],
    ['not by all', [{ ...base, manualSync: true }, base], outside, { manual: true }, '2026-03-05T09:00:00Z'],
    ['a person is let through a deny', [{ ...deny, manualSync: true }], inside, { manual: true }, open],
    ['overrun', [{ ...deny, syncOverrun: true }], inside, { running: true }, open],
    ['no overrun', [deny], inside, { running: true }, '2026-03-04T17:00:00Z'],
    ['about another application', [{ ...base, applications: ['api-*'] }], outside, {}, open],
    [
      'about the cluster',
      [{ ...base, applications: ['api-*'], clusters: ['prod'] }],
      outside,
      {},
      '2026-03-05T09:00:00Z',
    ],
    ['about all three', [{ ...base, clusters: ['prod'], namespaces: ['api'], andOperator: true }], outside, {}, open],
    ['about nothing', [{ ...base, applications: [] }], outside, {}, open],
    ['at the very start', [base], '2026-03-04T09:00:00Z', {}, open],
    ['at the very end', [base], '2026-03-04T17:00:00Z', {}, '2026-03-05T09:00:00Z'],
    ['in its zone', [{ ...base, timeZone: 'America/New_York' }], inside, {}, '2026-03-04T14:00:00Z'],
  ] as const)
    test(reason, () => {
      const hold = syncWindowHold(
        { name: 'p', windows },
        app,
        at(now),
        { manual: false, running: false, ...asked },
        zones,
      );
      assert.equal(hold?.until?.replace('.000Z', 'Z'), until);
      assert.equal(hold === undefined, until === undefined);
    });
  test('nor does a time zone that nobody knows', () =>
    assert.equal(
      syncWindowHold(
        { name: 'p', windows: [{ ...deny, timeZone: 'Europe/Berln' }] },
        app,
        at(outside),
        { manual: true, running: true },
        zones,
      )?.reason,
      'sync-window',
    ));
  test('a schedule that cannot be read lets nothing through', () =>
    assert.equal(
      syncWindowHold(
        { name: 'p', windows: [{ ...deny, schedule: 'often' }] },
        app,
        at(outside),
        { manual: true, running: true },
        zones,
      )?.reason,
      'sync-window',
    ));
});
