// Waits on conditions, never for a time: tests look often, and say what they saw when it did not come true.
import { setTimeout as sleep } from 'node:timers/promises';

/** How long to look (ms; 30 s unless given), and what to show when it was in vain. */
export type Patience = { readonly within?: number; readonly show?: () => string | Promise<string> };

const pause = 40;

/** The first answer of `look` that is neither undefined nor false. An error counts as "not yet" until the time is over. */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { within = 30_000, show }: Patience = {},
): Promise<T> {
  const end = Date.now() + within;
  let last: unknown;
  for (;;) {
    try {
      const answer = await look();
      if (answer !== undefined && answer !== false) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) break;
    await sleep(pause);
  }
  const reason = last instanceof Error ? `\nlast error: ${last.message}` : '';
  const seen = show === undefined ? '' : `\n${await show()}`;
  throw new Error(`waited ${within} ms in vain: ${what}${reason}${seen}`);
}

/** Looks all the time that `look` answers true, for `during` ms; fails with the answer of `show` when it does not. */
export async function staysSo(
  what: string,
  look: () => boolean | Promise<boolean>,
  during: number,
  show?: () => string | Promise<string>,
): Promise<void> {
  const end = Date.now() + during;
  while (Date.now() < end) {
    if (!(await look())) throw new Error(`did not stay so: ${what}${show === undefined ? '' : `\n${await show()}`}`);
    await sleep(pause);
  }
}
