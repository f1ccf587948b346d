// The key that records are signed with: made at the first start, kept in a Secret, its public half published.
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { asEngineError, type JsonObject, objectAt, stringAt } from '../model/index.ts';
import type { KubeApi, Log } from '../ports/index.ts';

const secretName = 'plumbline-signing-key';
const configMapName = 'plumbline-public-key';
const part = { 'app.kubernetes.io/part-of': 'plumbline' };

/** The private half (PKCS#8 PEM) and the name of the key. */
export type SigningKey = { readonly keyId: string; readonly privateKey: string };

/** Finds or makes the key, and publishes it. Undefined without the rights to: then nothing is signed. */
export async function openSigningKey(api: KubeApi, namespace: string, log: Log): Promise<SigningKey | undefined> {
  try {
    const privateKey = (await readKey(api, namespace)) ?? (await makeKey(api, namespace));
    const publicKey = publicHalf(privateKey);
    const keyId = keyIdOf(publicKey);
    await publish(api, namespace, keyId, publicKey);
    return { keyId, privateKey };
  } catch (thrown) {
    const { code, message } = asEngineError(thrown);
    log.warn('records are not signed', { code, error: message });
    return undefined;
  }
}

/** The published keys (PEM) by their names; those of earlier times stay, so that old records can be checked. */
export async function readPublicKeys(api: KubeApi, namespace: string): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  try {
    const found = await api.request('GET', `${path(namespace, 'configmaps')}/${configMapName}`);
    for (const [name, pem] of Object.entries(objectAt(found, 'data'))) {
      if (name.endsWith('.pem') && typeof pem === 'string') keys.set(name.slice(0, -4), pem);
    }
  } catch (thrown) {
    if (asEngineError(thrown).code !== 'object-not-found') throw thrown;
  }
  return keys;
}

/** The first 16 hex digits of the hash of a public key's DER form. */
function keyIdOf(publicKey: string): string {
  const der = createPublicKey(publicKey).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

async function readKey(api: KubeApi, namespace: string): Promise<string | undefined> {
  try {
    const secret = await api.request('GET', `${path(namespace, 'secrets')}/${secretName}`);
    const text = stringAt(secret, 'data', 'private.pem');
    return text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8');
  } catch (thrown) {
    if (asEngineError(thrown).code !== 'object-not-found') throw thrown;
    return undefined;
  }
}

async function makeKey(api: KubeApi, namespace: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secretName, namespace, labels: part },
    type: 'Opaque',
    data: { 'private.pem': Buffer.from(privateKey).toString('base64') },
  };
  try {
    await api.request('POST', path(namespace, 'secrets'), { body });
    return privateKey;
  } catch (thrown) {
    // Two engines started at once: the first one's key is the key.
    if (asEngineError(thrown).code !== 'object-conflict') throw thrown;
    const theirs = await readKey(api, namespace);
    if (theirs === undefined) throw thrown;
    return theirs;
  }
}

async function publish(api: KubeApi, namespace: string, keyId: string, publicKey: string): Promise<void> {
  const data: JsonObject = { [`${keyId}.pem`]: publicKey };
  const body = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: configMapName, namespace, labels: part },
    data,
  };
  if ((await readPublicKeys(api, namespace)).get(keyId) === publicKey) return;
  try {
    await api.request('POST', path(namespace, 'configmaps'), { body });
  } catch (thrown) {
    if (asEngineError(thrown).code !== 'object-conflict') throw thrown;
    const contentType = 'application/merge-patch+json';
    await api.request('PATCH', `${path(namespace, 'configmaps')}/${configMapName}`, { body: { data }, contentType });
  }
}

function publicHalf(privateKey: string): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
}

function path(namespace: string, plural: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}
