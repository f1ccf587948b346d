import type { Json, JsonObject, KubeObject } from '../model/index.ts';

/** Content types of a patch. */
export type PatchType =
  | 'application/apply-patch+yaml'
  | 'application/merge-patch+json'
  | 'application/json-patch+json'
  | 'application/strategic-merge-patch+json';

/**
 * Plain access to one kube-apiserver for rooms that keep their own resources there. `path` starts with `/api` or
 * `/apis` and may carry a query. Failures are EngineErrors: `object-not-found`, `object-conflict`, `object-rejected`,
 * `kind-unknown`, `cluster-denied`, `cluster-unreachable`, `throttled`.
 */
export type KubeApi = {
  readonly server: string;
  /** One request, its JSON answer; safe ones are tried again a few times. Values are encoded by the caller. */
  request(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    options?: {
      readonly body?: Json;
      /** For PATCH; JSON otherwise. */
      readonly contentType?: PatchType;
      /** Longest wait for the answer, ms; 30 s unless given. */
      readonly timeout?: number;
    },
  ): Promise<JsonObject>;
  /**
   * Follows a collection (`/api/v1/namespaces/x/secrets?labelSelector=…`) until the returned function is called:
   * first every object as `put`, then `synced` once, then changes. Restarts by itself; objects that vanished while it
   * was away are told as `gone`. Nothing is kept but names.
   */
  watch(path: string, handlers: WatchHandlers): () => void;
};

/** What a watch tells. */
export type WatchHandlers = {
  /** The object is there, new or changed. */
  put(object: KubeObject): void;
  /** The object is no longer there. */
  gone(ref: { readonly namespace: string; readonly name: string }): void;
  /** The first list is complete. Called once. */
  synced(): void;
  /** The connection was lost (message of an EngineError) or is back (''). A kind that does not exist is a loss too. */
  state?(message: string): void;
};
