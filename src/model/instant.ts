// Points in time as text: the one place of the pure rooms that knows the calendar. It reads no clock.

/** RFC 3339 in UTC with whole seconds kept as milliseconds are: `2026-01-02T03:04:05.678Z`. `ms` since the epoch. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString();
}

/** Milliseconds since the epoch, NaN for text that is no instant. */
export function parseInstant(text: string | undefined): number {
  return text === undefined ? Number.NaN : Date.parse(text);
}
