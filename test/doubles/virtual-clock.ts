// Time and chance of a simulation: nothing happens but what the seed says, and waiting costs nothing.
import type { Clock, Random } from '../../src/ports/index.ts';

/** A clock that jumps from timer to timer. */
export type VirtualClock = Clock & {
  /** Resolves after `ms` of virtual time. */
  sleep(ms: number): Promise<void>;
  /** Runs timers until none is due before `until` (ms since the epoch), or `done` says so. */
  run(until: number, done?: () => boolean): Promise<void>;
  readonly pending: () => number;
};

type Timer = { readonly at: number; readonly order: number; readonly run: () => void; cancelled: boolean };

/** Makes a clock that starts at `start`, ms since the epoch. */
export function createVirtualClock(start: number): VirtualClock {
  let now = start;
  let order = 0;
  const timers: Timer[] = [];
  const after = (ms: number, run: () => void): (() => void) => {
    const timer: Timer = { at: now + Math.max(0, ms), order: order++, run, cancelled: false };
    insert(timers, timer);
    return () => {
      timer.cancelled = true;
    };
  };
  return {
    now: () => now,
    after,
    sleep: (ms) => new Promise((resolve) => void after(ms, resolve)),
    pending: () => timers.filter((timer) => !timer.cancelled).length,
    async run(until, done = () => false) {
      for (;;) {
        await settle();
        if (done()) return;
        const next = timers[0];
        if (next === undefined || next.at > until) {
          now = Math.max(now, until);
          return;
        }
        timers.shift();
        if (next.cancelled) continue;
        now = Math.max(now, next.at);
        next.run();
      }
    },
  };
}

function insert(timers: Timer[], timer: Timer): void {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = timers[middle];
    if (other !== undefined && (other.at < timer.at || (other.at === timer.at && other.order < timer.order)))
      low = middle + 1;
    else high = middle;
  }
  timers.splice(low, 0, timer);
}

// All promises that can resolve without a timer do so before time goes on.
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A generator that the seed determines (mulberry32). */
export function seeded(
  seed: number,
): Random & { int(below: number): number; chance(p: number): boolean; pick<T>(of: readonly T[]): T } {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    next,
    int,
    chance: (p) => next() < p,
    pick: (of) => {
      const one = of[int(of.length)];
      if (one === undefined) throw new Error('pick from nothing');
      return one;
    },
  };
}
