// Table tests of health: rows of an object and the health that a person would want to read.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthStatus, Json, JsonObject, KubeObject } from '../model/index.ts';
import { assess } from './index.ts';

/** One row. `says` is what the message has to hold. */
export type Row = {
  readonly reason: string;
  readonly object: JsonObject;
  readonly want: HealthStatus | undefined;
  readonly says?: RegExp;
};

/** Runs the rows as tests. */
export function run(title: string, rows: readonly Row[]): void {
  for (const { reason, object, want, says } of rows) {
    test(`${title}: ${reason}`, () => {
      const got = assess(object as KubeObject);
      assert.equal(got?.status, want);
      if (says !== undefined) assert.match(got?.message ?? '', says);
    });
  }
}

/** An object of generation 2. */
export function kube(apiVersion: string, kind: string, rest: JsonObject = {}): JsonObject {
  return { apiVersion, kind, metadata: { name: 'it', namespace: 'web', generation: 2 }, ...rest };
}

/** Conditions from `[type, status, reason, message]`. */
export function conditions(...list: readonly (readonly [string, string, string?, string?])[]): Json {
  return list.map(([type, status, reason, message]) => ({
    type,
    status,
    reason: reason ?? '',
    message: message ?? '',
  }));
}
