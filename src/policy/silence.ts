// Silent times: when differences and stalls are not told. Written as `<cron> <duration> [zone]`, several parted by `;` or lines.
import { knowsZone, lastStart, parseCron, type Zones } from './cron.ts';

/** One silent time that comes again and again. `duration` in ms. */
export type SilentTime = { readonly schedule: string; readonly duration: number; readonly zone: string };

/** Reads silent times; what cannot be read is told in `problems`. */
export function parseSilence(
  text: string,
  parseDuration: (text: string) => number | undefined,
  zones: Zones,
): { readonly times: readonly SilentTime[]; readonly problems: readonly string[] } {
  const times: SilentTime[] = [];
  const problems: string[] = [];
  for (const part of text.split(/[;\n]/).map((one) => one.trim())) {
    if (part === '') continue;
    const words = part.split(/\s+/);
    const schedule = words.slice(0, 5).join(' ');
    const duration = parseDuration(words[5] ?? '');
    if (words.length > 7 || parseCron(schedule) === undefined || duration === undefined || duration <= 0) {
      problems.push(`a silent time is not understood: ${part.slice(0, 80)}`);
    } else if (!knowsZone(zones, words[6] ?? '')) {
      problems.push(`a silent time has a time zone that nobody knows: ${part.slice(0, 80)}`);
    } else times.push({ schedule, duration, zone: words[6] ?? '' });
  }
  return { times, problems };
}

/** When the silence ends that reigns now, ms since the epoch; undefined when there is none. */
export function silentUntil(times: readonly SilentTime[], now: number, zones: Zones): number | undefined {
  let until: number | undefined;
  // One may begin before another ends; a few steps are enough for any night.
  for (let i = 0; i < 10; i++) {
    const at = until ?? now;
    const ends = times.flatMap((time) => endOf(time, at, zones) ?? []);
    const latest = Math.max(at, ...ends);
    if (latest === at) return until;
    until = latest;
  }
  return until;
}

function endOf({ schedule, duration, zone }: SilentTime, at: number, zones: Zones): number | undefined {
  const cron = parseCron(schedule);
  const began = cron === undefined ? undefined : lastStart(cron, at, duration, zone, zones);
  return began === undefined ? undefined : began + duration;
}
