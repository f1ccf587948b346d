import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryKubeApi } from '../../test/doubles/memory-kube-api.ts';
import type { ErrorCode, JsonObject } from '../model/index.ts';
import { openEvidence } from './record-reader.ts';

const signed: JsonObject = { record: {}, signature: { keyId: 'k', value: 'v' } };
const check = (proof: JsonObject, keys: ReadonlyMap<string, string>) =>
  proof.signature === undefined ? 'unsigned' : keys.has('k') ? 'valid' : 'unknown-key';

const cases: readonly (readonly [reason: string, fault: ErrorCode | undefined, proof: JsonObject, state: string])[] = [
  ['who may not read the keys accuses nobody', 'cluster-denied', signed, 'unchecked'],
  ['without a signature there is nothing to check', 'cluster-denied', { record: {} }, 'unsigned'],
  ['no key is published', undefined, signed, 'unknown-key'],
];
for (const [reason, fault, proof, state] of cases) {
  test(`evidence: ${reason}`, async () => {
    const api = createMemoryKubeApi();
    api.fault = () => fault;
    assert.equal(await openEvidence(api, 'argocd', check).check(proof), state);
  });
}
