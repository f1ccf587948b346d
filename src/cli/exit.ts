/** What the process ends with; scripts rely on it. */
export const exit = { ok: 0, differs: 1, error: 2, timedOut: 3, interrupted: 130 } as const;
export type ExitCode = (typeof exit)[keyof typeof exit];
