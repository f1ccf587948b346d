import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { CommitRecord, JsonObject } from '../model/index.ts';
import { checkProof, createSigner } from './signing.ts';

const pair = () =>
  generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
const [own, other] = [pair(), pair()];
const keys = new Map([['own', own.publicKey]]);
const record = { application: 'argocd/a', outcome: 'converged', author: undefined } as unknown as CommitRecord;
const proof = (more: JsonObject = {}): JsonObject => {
  const signed = createSigner({ keyId: 'own', privateKey: own.privateKey }).sign(record);
  return { ...(JSON.parse(JSON.stringify(signed)) as JsonObject), ...more };
};

const cases: readonly { readonly reason: string; readonly proof: JsonObject; readonly want: string }[] = [
  { reason: 'what was signed', proof: proof(), want: 'valid' },
  {
    reason: 'the order of keys does not matter',
    proof: proof({ record: { outcome: 'converged', application: 'argocd/a' } }),
    want: 'valid',
  },
  {
    reason: 'another outcome',
    proof: proof({ record: { application: 'argocd/a', outcome: 'stalled' } }),
    want: 'invalid',
  },
  {
    reason: 'a field more',
    proof: proof({ record: { application: 'argocd/a', outcome: 'converged', x: 1 } }),
    want: 'invalid',
  },
  { reason: 'a signature that is none', proof: proof({ signature: { keyId: 'own', value: 'AAAA' } }), want: 'invalid' },
  { reason: 'nobody has signed it', proof: { record: { application: 'argocd/a' } }, want: 'unsigned' },
  {
    reason: 'a key that is not published',
    proof: JSON.parse(
      JSON.stringify(createSigner({ keyId: 'other', privateKey: other.privateKey }).sign(record)),
    ) as JsonObject,
    want: 'unknown-key',
  },
  {
    reason: 'another key under the name of ours',
    proof: JSON.parse(
      JSON.stringify(createSigner({ keyId: 'own', privateKey: other.privateKey }).sign(record)),
    ) as JsonObject,
    want: 'invalid',
  },
];
for (const { reason, proof: given, want } of cases) {
  test(`proof: ${reason}`, () => assert.equal(checkProof(given, keys), want));
}

test('proof: without a key records stay unsigned', () => {
  assert.deepEqual(createSigner(undefined).sign(record), { record });
});
