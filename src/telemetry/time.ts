// The real clock and real chance.
import type { Clock, Random } from '../ports/index.ts';

/** The machine's clock. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, 2 ** 31 - 1));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The runtime's generator; good enough for jitter, not for secrets. */
export const systemRandom: Random = { next: () => Math.random() };
