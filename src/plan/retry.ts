// When something that failed is tried again.
import { formatInstant, type Healing, type ObjectId, parseInstant, type RetryPolicy } from '../model/index.ts';

/** Argo CD's default for automated syncs: five more attempts, 5 s, doubled up to 3 min. */
export const defaultRetry: RetryPolicy = { limit: 5, delay: 5_000, factor: 2, maxDelay: 180_000, refresh: false };

/** Pause before the attempt after `count` retries, ms; undefined when the policy allows no more. */
export function retryDelay(policy: RetryPolicy, count: number): number | undefined {
  if (policy.limit >= 0 && count >= policy.limit) return undefined;
  return Math.min(policy.maxDelay, policy.delay * policy.factor ** Math.min(count, 40));
}

/** Heals that go at once before the pauses begin: a burst of drift is corrected without delay. */
const freeHeals = 5;

/** Pause before the next self-heal after `attempts` in a row, ms: 2 s tripled up to 5 min (Argo CD), after a free burst. */
export function healDelay(attempts: number): number {
  if (attempts < freeHeals) return 0;
  return Math.min(300_000, 2_000 * 3 ** (attempts - freeHeals));
}

/** The heals in a row that still count at `now`: a quiet time of a minute beyond the pause forgets them. */
export function healsInARow(healing: Healing | undefined, now: number): number {
  if (healing === undefined) return 0;
  return now - parseInstant(healing.at) > healDelay(healing.attempts) + 60_000 ? 0 : healing.attempts;
}

/** When an object may be healed again, ms since the epoch; 0 for at once. Somebody may fight over one, not over all. */
export function healDue(healing: Healing | undefined, id: ObjectId, now: number): number {
  const attempts = healsInARow(healing, now);
  if (healing === undefined || attempts === 0 || !wasHealed(healing, id)) return 0;
  return parseInstant(healing.at) + healDelay(attempts);
}

/** The record after these objects were healed: the row grows when one of them was in it. */
export function healed(healing: Healing | undefined, ids: readonly ObjectId[], now: number): Healing {
  const row = healsInARow(healing, now);
  const before = healing !== undefined && row > 0 ? healing : undefined;
  const again = before === undefined || ids.some((id) => wasHealed(before, id));
  const objects = [...new Set([...(before?.objects ?? []), ...ids])].slice(0, mostRemembered);
  return { attempts: again ? row + 1 : row, at: formatInstant(now), objects };
}

const mostRemembered = 20;

// With so many that not all are remembered, any may have been among them.
function wasHealed({ objects }: Healing, id: ObjectId): boolean {
  return objects === undefined || objects.length >= mostRemembered || objects.includes(id);
}
