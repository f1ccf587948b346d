/** Time for the engine: simulated in tests. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once, `ms` milliseconds from now, unless cancelled first. Never keeps the process alive. */
  after(ms: number, run: () => void): () => void;
};

/** Chance for the engine (jitter, ids): seeded in tests. */
export type Random = {
  /** At least 0, below 1. */
  next(): number;
};
