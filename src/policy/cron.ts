// Five-field cron schedules, in any time zone. Zones come from the caller: this room knows no calendar but a minute's fields.

/** A moment as clocks show it in a zone. `month` is 1 to 12, `dow` 0 (Sunday) to 6. */
export type ZonedTime = {
  readonly minute: number;
  readonly hour: number;
  readonly dom: number;
  readonly month: number;
  readonly dow: number;
};

/** Tells what clocks in a zone show at an instant (ms since the epoch). */
export type Zones = (instant: number, zone: string) => ZonedTime;

/** Whether there is such a zone: one that a person mistyped throws when it is asked. */
export function knowsZone(zones: Zones, zone: string): boolean {
  try {
    zones(0, zone);
    return true;
  } catch {
    return false;
  }
}

/** A schedule that was read. A day matches when both of its fields do, or, where both are restricted, one of them. */
export type CronSchedule = {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly doms: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly dows: ReadonlySet<number>;
  readonly anyDay: boolean;
};

const minute = 60_000;
const names = {
  month: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  dow: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
};

/** Reads `minute hour day-of-month month day-of-week`; undefined when it cannot be read. */
export function parseCron(expression: string): CronSchedule | undefined {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [m = '', h = '', d = '', mo = '', w = ''] = fields;
  const minutes = parseField(m, 0, 59);
  const hours = parseField(h, 0, 23);
  const doms = parseField(d, 1, 31);
  const months = parseField(mo, 1, 12, names.month, 1);
  const dows = parseField(w, 0, 7, names.dow, 0);
  if (!minutes || !hours || !doms || !months || !dows) return undefined;
  if (dows.has(7)) dows.add(0);
  return { minutes, hours, doms, months, dows, anyDay: isStar(d) || isStar(w) };
}

/** The last time the schedule struck in (`now` − `within`, `now`], ms since the epoch. */
export function lastStart(
  schedule: CronSchedule,
  now: number,
  within: number,
  zone: string,
  zones: Zones,
): number | undefined {
  let at = Math.floor(now / minute) * minute;
  while (at > now - within) {
    const time = zones(at, zone);
    if (!dayMatches(schedule, time)) at -= (time.hour * 60 + time.minute + 1) * minute;
    else if (!schedule.hours.has(time.hour)) at -= (time.minute + 1) * minute;
    else if (!schedule.minutes.has(time.minute)) at -= minute;
    else return at;
  }
  return undefined;
}

/** The next time the schedule strikes in (`now`, `now` + `within`], ms since the epoch. */
export function nextStart(
  schedule: CronSchedule,
  now: number,
  within: number,
  zone: string,
  zones: Zones,
): number | undefined {
  let at = (Math.floor(now / minute) + 1) * minute;
  while (at <= now + within) {
    const time = zones(at, zone);
    if (!dayMatches(schedule, time)) at = midnightAfter(at, time, zone, zones);
    else if (!schedule.hours.has(time.hour)) at += (60 - time.minute) * minute;
    else if (!schedule.minutes.has(time.minute)) at += minute;
    else return at;
  }
  return undefined;
}

// Days have 23 to 25 hours: the jump may land late, and then goes back to midnight.
function midnightAfter(at: number, time: ZonedTime, zone: string, zones: Zones): number {
  const jump = at + (24 * 60 - (time.hour * 60 + time.minute)) * minute;
  const landed = zones(jump, zone);
  const back = landed.dom === time.dom ? 0 : (landed.hour * 60 + landed.minute) * minute;
  return Math.max(jump - back, at + minute);
}

function dayMatches(schedule: CronSchedule, time: ZonedTime): boolean {
  if (!schedule.months.has(time.month)) return false;
  const dom = schedule.doms.has(time.dom);
  const dow = schedule.dows.has(time.dow);
  return schedule.anyDay ? dom && dow : dom || dow;
}

function isStar(field: string): boolean {
  return field.split(',').some((part) => /^[*?](\/1)?$/.test(part));
}

function parseField(
  field: string,
  from: number,
  to: number,
  words: readonly string[] = [],
  firstWord = 0,
): Set<number> | undefined {
  const values = new Set<number>();
  const number = (text: string): number => {
    const word = words.indexOf(text.toLowerCase());
    if (word >= 0) return word + firstWord;
    return /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  };
  for (const part of field.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0) return undefined;
    const by = step === undefined ? 1 : /^\d{1,3}$/.test(step) ? Number(step) : 0;
    const star = range === '*' || range === '?';
    const ends = star ? [] : range.split('-');
    const first = star ? from : number(ends[0] ?? '');
    const last = star || (ends.length === 1 && step !== undefined) ? to : number(ends.at(-1) ?? '');
    // Negated, so that what is no number is refused too.
    if (by < 1 || ends.length > 2 || !(first >= from && first <= last && last <= to)) return undefined;
    // `*` must not count Sunday twice: 7 is another name of 0.
    for (let value = first; value <= last; value += by) values.add(value);
  }
  return values.size > 0 ? values : undefined;
}
