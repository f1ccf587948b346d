// What the deeds of one cluster share: the client, the facts, the kinds and the watches.
import {
  describe,
  EngineError,
  isJsonObject,
  type JsonObject,
  type KubeObject,
  type Manifest,
} from '../model/index.ts';
import type { Client } from './client.ts';
import type { ServedKind } from './discovery.ts';
import type { FactStore } from './fact-store.ts';
import type { Kinds } from './kinds.ts';
import type { Watches } from './watches.ts';

/** The parts of one cluster. */
export type Parts = {
  readonly client: Client;
  readonly kinds: Kinds;
  readonly watches: Watches;
  /** The facts; another store after a change of the tracking settings. */
  readonly facts: () => FactStore;
  /** Annotations of Secrets whose values are masked. */
  readonly sensitive: () => readonly string[];
  /** Waits, in ms. */
  readonly pause: (ms: number) => Promise<void>;
};

/** The body of a manifest; EngineError `manifest-invalid` when it is no object. */
export function bodyOf(manifest: Manifest): JsonObject {
  try {
    const body = JSON.parse(manifest.body) as unknown;
    if (isJsonObject(body)) return body;
  } catch {
    // Told below.
  }
  throw new EngineError('manifest-invalid', `${describe(manifest.ref)}: it is not a JSON object`, {
    about: manifest.origin,
  });
}

/** An answer of the server as an object. */
export function asObject(json: JsonObject, doing: string): KubeObject {
  const { apiVersion, kind, metadata } = json;
  if (typeof apiVersion === 'string' && typeof kind === 'string' && isJsonObject(metadata)) {
    return { ...json, apiVersion, kind, metadata };
  }
  throw new EngineError('cluster-unreachable', `${doing}: the answer is not an object`, { retry: 'backoff' });
}

/** EngineError when the credentials of the cluster do not cover the place of an object. */
export function checkPlace(parts: Parts, kind: ServedKind, manifest: Pick<Manifest, 'ref'>): void {
  const { ref } = manifest;
  if (parts.watches.isOutside(kind, ref.namespace)) {
    throw new EngineError(
      'cluster-denied',
      `${describe(ref)}: its namespace is not one that the cluster may be used for`,
    );
  }
}
