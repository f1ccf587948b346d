// Conditions that do not flap: one that says the same as before keeps its time.
import { type Condition, formatInstant } from '../model/index.ts';

/** A condition before it has a time. */
export type Finding = { readonly type: string; readonly message: string };

/** The findings as conditions, sorted by type and message; `since` is kept from `before` where nothing changed. */
export function conditionsOf(
  findings: readonly Finding[],
  before: readonly Condition[],
  now: number,
): readonly Condition[] {
  const known = new Map(before.map((condition) => [`${condition.type}\n${condition.message}`, condition]));
  const unique = new Map(findings.map((finding) => [`${finding.type}\n${finding.message}`, finding]));
  const at = formatInstant(now);
  return [...unique.entries()]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, finding]) => known.get(key) ?? { type: finding.type, message: finding.message, since: at });
}
