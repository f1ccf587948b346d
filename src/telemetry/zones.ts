// What clocks show in a time zone, by the runtime's own tables.

type Zoned = {
  readonly minute: number;
  readonly hour: number;
  readonly dom: number;
  readonly month: number;
  readonly dow: number;
};

const formats = new Map<string, Intl.DateTimeFormat>();
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** The fields of a clock at an instant (ms since the epoch) in a zone (IANA name, '' is UTC). */
export function zonedTime(instant: number, zone: string): Zoned {
  const parts = Object.fromEntries(
    formatFor(zone)
      .formatToParts(instant)
      .map((part) => [part.type, part.value]),
  );
  const number = (name: string): number => Number(parts[name] ?? 0);
  return {
    minute: number('minute'),
    hour: number('hour') % 24,
    dom: number('day'),
    month: number('month'),
    dow: weekdays.indexOf(parts.weekday ?? ''),
  };
}

function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone === '' ? 'UTC' : zone,
    hourCycle: 'h23',
    minute: 'numeric',
    hour: 'numeric',
    day: 'numeric',
    month: 'numeric',
    weekday: 'short',
  });
  formats.set(zone, made);
  return made;
}
