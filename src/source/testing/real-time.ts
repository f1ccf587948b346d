import type { Clock, Random } from '../../ports/index.ts';

/** The machine's clock, for tests of what waits for other processes. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export const systemRandom: Random = { next: () => Math.random() };
