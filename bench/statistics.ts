// Numbers as the table shows them.

/** A set of times, ms. */
export type Times = { readonly n: number; readonly p50: number; readonly p95: number; readonly max: number };

/** Percentiles of some times, by nearest rank. */
export function timesOf(samples: readonly number[]): Times {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { n: sorted.length, p50: round(rank(0.5)), p95: round(rank(0.95)), max: round(sorted.at(-1) ?? Number.NaN) };
}

/** Rounded to at most one place. */
export function round(value: number, places = 1): number {
  return Math.round(value * 10 ** places) / 10 ** places;
}
