// How long a forge is tried: its statuses and comments are about now, and the next alert sets them right.
import { type Alert, EngineError, parseInstant } from '../model/index.ts';

/** ms after an alert. */
const longest = 15 * 60_000;

/** Does the work; when the alert is old a failure is final, so that the alerts behind it get their turn. */
export async function untilExpired(alert: Alert, now: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const isOld = now - parseInstant(alert.at) > longest;
    if (!isOld || !(thrown instanceof EngineError) || thrown.retry === 'never') throw thrown;
    throw new EngineError(thrown.code, thrown.message, { about: thrown.about, cause: thrown });
  }
}
