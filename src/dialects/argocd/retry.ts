// Retry policies of syncs.
import type { JsonObject, RetryPolicy } from '../../model/index.ts';
import { compact } from './compact.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { child, type Fields, flag, integer, pathOf, textOrNone } from './fields.ts';

const defaults = { delay: 5000, factor: 2, maxDelay: 180_000 };

/** Reads `retry{limit,backoff{duration,factor,maxDuration},refresh}` with Argo CD's defaults of 5 s, ×2, 3 min. */
export function readRetry(at: Fields): RetryPolicy {
  const backoff = child(at, 'backoff');
  const factor = backoff && integer(backoff, 'factor');
  return {
    limit: integer(at, 'limit') ?? 0,
    delay: (backoff && readDuration(backoff, 'duration')) ?? defaults.delay,
    factor: factor ?? defaults.factor,
    maxDelay: (backoff && readDuration(backoff, 'maxDuration')) ?? defaults.maxDelay,
    refresh: flag(at, 'refresh'),
  };
}

/** The policy in Argo CD's form. */
export function writeRetry(retry: RetryPolicy): JsonObject {
  return compact<JsonObject>({
    limit: retry.limit || undefined,
    backoff: {
      duration: formatDuration(retry.delay),
      factor: retry.factor,
      maxDuration: formatDuration(retry.maxDelay),
    },
    refresh: retry.refresh || undefined,
  });
}

function readDuration(at: Fields, key: string): number | undefined {
  const written = textOrNone(at, key);
  if (written === undefined) return undefined;
  const ms = parseDuration(written);
  if (ms !== undefined && ms >= 0) return ms;
  at.problems.push(`${pathOf(at, key)}: must be a duration such as 30s or 5m`);
  return undefined;
}
