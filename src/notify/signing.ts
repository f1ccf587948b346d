// Signatures of records: Ed25519 over the canonical JSON of a record, with a prefix that keeps it from being taken for
// anything else.
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { type CommitRecord, canonical, type JsonObject, objectAt, stringAt } from '../model/index.ts';
import type { ProofState, Signer } from '../ports/index.ts';

const prefix = 'plumbline.dev/record/v1\n';

/** A signer; without a key it leaves records unsigned. */
export function createSigner(key: { readonly keyId: string; readonly privateKey: string } | undefined): Signer {
  if (key === undefined) return { sign: (record) => ({ record }) };
  const secret = createPrivateKey(key.privateKey);
  return {
    sign(record) {
      const value = sign(null, textOf(record as unknown as JsonObject), secret).toString('base64');
      return { record, signature: { keyId: key.keyId, value } };
    },
  };
}

/** Checks `{record, signature}` against public keys (PEM) by name. */
export function checkProof(proof: JsonObject, keys: ReadonlyMap<string, string>): ProofState {
  const keyId = stringAt(proof, 'signature', 'keyId');
  const value = stringAt(proof, 'signature', 'value');
  if (keyId === undefined || value === undefined) return 'unsigned';
  const key = keys.get(keyId);
  if (key === undefined) return 'unknown-key';
  const text = textOf(objectAt(proof, 'record'));
  return verify(null, text, createPublicKey(key), Buffer.from(value, 'base64')) ? 'valid' : 'invalid';
}

// By way of JSON, so that what is signed is what is written.
function textOf(record: JsonObject | CommitRecord): Buffer {
  return Buffer.from(prefix + canonical(JSON.parse(JSON.stringify(record)) as JsonObject));
}
