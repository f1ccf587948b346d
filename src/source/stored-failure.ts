import { EngineError, type ErrorCode, errorCodes, type Json, numberAt, objectAt, stringAt } from '../model/index.ts';
import type { Known } from './polled.ts';

/** A failure as it is written into a file of last known facts. */
export function storedFailure(failing: Known<unknown>['failing']): Json {
  if (failing === undefined) return null;
  return { since: failing.since, code: failing.error.code, message: failing.error.message };
}

/** The failure in such a file, undefined when it holds none. */
export function restoredFailure(stored: Json | undefined): Known<unknown>['failing'] {
  const fields = objectAt(stored);
  const since = numberAt(fields, 'since');
  if (since === undefined) return undefined;
  const code = stringAt(fields, 'code') ?? '';
  const known: ErrorCode = code in errorCodes ? (code as ErrorCode) : 'repo-unreachable';
  return { since, error: new EngineError(known, stringAt(fields, 'message') ?? 'no answer', { retry: 'backoff' }) };
}
