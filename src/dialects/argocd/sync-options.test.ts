import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SyncOptions } from '../../model/index.ts';
import { readPartialOptions, unknownSyncOptions } from './sync-options.ts';

const cases: readonly [reason: string, strings: readonly string[], options: Partial<SyncOptions>, unknown: number][] = [
  ['the last one of a name wins', ['Replace=true', 'Replace=false'], { replace: false }, 0],
  ['spaces do not count', ['Replace = true'], { replace: true }, 0],
  ['a name without a value says nothing', ['Replace', 'CreateNamespace'], {}, 2],
  ['the case counts, as in Argo CD', ['createNamespace=true', 'Validate=False'], {}, 2],
  ['a value of another option', ['Prune=maybe', 'PrunePropagationPolicy=Background'], {}, 2],
  ['what nobody knows', ['Magic=true', ''], {}, 2],
  ['the others still count', ['Magic=true', 'Delete=confirm'], { delete: 'confirm' }, 1],
];
for (const [reason, strings, options, unknown] of cases) {
  test(`sync options: ${reason}`, () => {
    assert.deepEqual(readPartialOptions(strings), options);
    assert.equal(unknownSyncOptions(strings).length, unknown);
  });
}
