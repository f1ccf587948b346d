// What every part of the engine needs: the ports, and the little that is remembered between passes.
import type { AppKey, ObjectId, Prediction } from '../model/index.ts';
import type { Zones } from '../policy/index.ts';
import type {
  Archive,
  Clock,
  Clusters,
  Languages,
  Log,
  Metrics,
  Notifier,
  Random,
  Renderer,
  Reviews,
  RevisionInfo,
  Sources,
  Store,
} from '../ports/index.ts';
import type { Archivist } from './archivist.ts';
import type { Claims } from './claims.ts';
import type { Courier } from './courier.ts';
import type { Locks } from './locks.ts';
import type { Orphans } from './orphans.ts';

/** The world as the engine knows it. */
export type Ports = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly sources: Sources;
  readonly renderer: Renderer;
  readonly clusters: Clusters;
  readonly store: Store;
  readonly notifier: Notifier;
  /** Absent where no forge can be asked who reviewed what. */
  readonly reviews?: Reviews;
  /** Absent where records are not kept beyond the status. */
  readonly archive?: Archive;
  /** Without them jq expressions and Lua name nothing. */
  readonly languages?: Languages;
  /** What clocks show in a time zone, for sync windows. */
  readonly zones: Zones;
  /** Where Applications live that may use every project. */
  readonly controlNamespace: string;
};

/** An answer of the server that holds as long as neither side has changed. */
export type Remembered = { readonly digest: string; readonly resourceVersion: string; readonly prediction: Prediction };

/** What is kept of an application between passes; all of it can be made anew. */
export type Memo = {
  readonly predictions: Map<string, Remembered>;
  /** Digest of the manifest that each object was last known to equal. */
  readonly proven: Map<ObjectId, string>;
  failures: number;
};

/** The ports and the memory of one engine. */
export type Engine = Ports & {
  readonly claims: Claims;
  readonly memos: Map<AppKey, Memo>;
  readonly courier: Pick<Courier, 'send'>;
  readonly archivist?: Pick<Archivist, 'look'>;
  /** Absent where no locks are kept. */
  readonly locks?: Pick<Locks, 'look'>;
  /** Absent where nobody is told of them. */
  readonly orphans?: Orphans;
  /** Who made which revision, by `repository@revision`: the last few hundred. */
  readonly commits: Map<string, Promise<RevisionInfo | undefined>>;
};

/** The memory of an application. */
export function memoOf(engine: Engine, key: AppKey): Memo {
  const known = engine.memos.get(key);
  if (known !== undefined) return known;
  const fresh: Memo = { predictions: new Map(), proven: new Map(), failures: 0 };
  engine.memos.set(key, fresh);
  return fresh;
}
