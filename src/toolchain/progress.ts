// What is known about a preparation that takes its time, for whoever shows it.

/** One report: what happens now, how far it is, and how long it takes. */
export type Progress = {
  readonly tool: string;
  readonly phase: 'waiting' | 'fetching' | 'building' | 'linking' | 'ready';
  /** What is being made, for people. */
  readonly what: string;
  /** Packages or files done, of how many. */
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
  /** How long all of it was expected to take on this machine; a guess. */
  readonly expectedMs?: number;
};

/** One line for a terminal or a log. */
export function progressLine({ phase, what, done, total, elapsedMs, expectedMs }: Progress): string {
  if (phase === 'ready') return `${what}: ready`;
  const verb = {
    waiting: 'waiting for another process that builds',
    fetching: 'fetching',
    building: 'building',
    linking: 'linking',
  };
  const count = total > 0 && phase !== 'linking' ? `: ${done} of ${total}` : '';
  const expected = expectedMs === undefined ? '' : ` of about ${minutes(expectedMs)}`;
  return `${verb[phase]} ${what}${count}, ${minutes(elapsedMs)}${expected}`;
}

function minutes(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`;
}
