import type { Resolved } from '../ports/index.ts';
import type { Known } from './polled.ts';

/** The `stale` part of an answer that comes from the last known state. */
export function staleOf(known: Known<unknown>): Pick<Resolved, 'stale'> {
  if (known.failing === undefined) return {};
  const { since, error } = known.failing;
  return { stale: { since: new Date(since).toISOString().replace(/\.\d+Z$/, 'Z'), message: error.message } };
}
