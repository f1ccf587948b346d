// Looks at one object in the cluster itself, past the engine: what the demo says of the cluster is seen here.
import type { KubeObject } from '../model/index.ts';
import type { KubeApi } from '../ports/index.ts';
import { waitFor } from './applications.ts';

/** One object, followed. */
export type Witness = {
  now(): KubeObject | undefined;
  /** The time (of `performance.now`) at which `judge` was true of it; EngineError `timed-out` with `what`. */
  until(what: string, judge: (object: KubeObject | undefined) => boolean, timeout: number): Promise<number>;
  stop(): void;
};

/** Follows the object `name` in a collection (`/apis/apps/v1/namespaces/shop/deployments`); ready when it was looked at. */
export async function openWitness(api: KubeApi, collection: string, name: string): Promise<Witness> {
  const waiting = new Set<() => void>();
  let object: KubeObject | undefined;
  let stop = (): void => {};
  const tell = (next: KubeObject | undefined): void => {
    object = next;
    for (const look of [...waiting]) look();
  };
  await new Promise<void>((resolve) => {
    stop = api.watch(`${collection}?fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`, {
      put: tell,
      gone: () => tell(undefined),
      synced: resolve,
    });
  });
  return {
    now: () => object,
    until: (what, judge, timeout) => waitFor(waiting, what, () => judge(object), timeout),
    stop: () => stop(),
  };
}
