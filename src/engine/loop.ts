// The control loop: takes keys from the queue and runs passes side by side, until it is stopped.
import { type AppKey, asEngineError } from '../model/index.ts';
import { createArchivist } from './archivist.ts';
import { createClaims } from './claims.ts';
import { createCourier } from './courier.ts';
import { isWaiting, readiness, waitingFor } from './depend.ts';
import { type Engine, memoOf, type Ports } from './engine.ts';
import { createLocks } from './locks.ts';
import { createOrphans } from './orphans.ts';
import { createQueue, type Urgency } from './queue.ts';
import { reconcile } from './reconcile.ts';
import { beginTally } from './tally.ts';
import { connectTriggers } from './triggers.ts';
import { createTurns, longPass } from './turns.ts';

/** How the loop runs. Times in ms. */
export type LoopOptions = {
  /** Passes side by side. */
  readonly workers: number;
  /** Every application is looked at again after this long, at most, even if nothing seems to have happened. */
  readonly resync: number;
  /** Keeps the locks that projects ask for. */
  readonly locks?: boolean;
};

/** A running engine. */
export type Loop = {
  readonly engine: Engine;
  /** Looks at an application. */
  wake(key: AppKey, urgency?: Urgency): void;
  /** Resolves when nothing waits or runs; what is due later does not count. */
  idle(): Promise<void>;
  /** Ends after the passes that run now. */
  stop(): Promise<void>;
};

const longestPause = 180_000;

/** Starts the loop on a started store. Every application is looked at once. */
export function startLoop(ports: Ports, options: LoopOptions): Loop {
  const known = new Set<string>();
  const claims = createClaims((tracking) => known.has(tracking));
  const courier = createCourier(ports);
  const { archive } = ports;
  const archivist = archive === undefined ? undefined : createArchivist({ ...ports, archive });
  const locks = options.locks === true ? createLocks(ports) : undefined;
  const kept = { ...(archivist === undefined ? {} : { archivist }), ...(locks === undefined ? {} : { locks }) };
  const orphans = createOrphans(ports.store, ports.clusters, known);
  ports.metrics.gauge?.('argocd_app_orphaned_resources_count', ['namespace', 'name', 'project'], function* () {
    for (const { app, count } of orphans.counts()) {
      yield [{ namespace: app.namespace, name: app.name, project: app.project }, count];
    }
  });
  const environments = ports.store.applications().map(({ report }) => report?.verdict?.record.environment ?? []);
  beginTally(ports.metrics, new Set(environments.flat()));
  const engine: Engine = { ...ports, claims, memos: new Map(), courier, commits: new Map(), orphans, ...kept };
  let stopped = false;
  const waiters: (() => void)[] = [];
  const waiting = new Set<AppKey>();
  const placeOf = (key: AppKey): string => {
    const { server, name } = ports.store.application(key)?.destination ?? {};
    return server ?? name ?? '';
  };
  const queue = createQueue(ports.clock, () => pump(), placeOf);
  const turns = createTurns(options.workers);

  const settle = (): void => {
    if (turns.running > 0 || (!stopped && queue.size() > 0)) return;
    for (const waiter of waiters.splice(0)) waiter();
  };
  const run = async (key: AppKey): Promise<void> => {
    turns.begin(key, placeOf(key));
    const settled = ports.clock.after(longPass, () => {
      turns.drags(key);
      pump();
    });
    try {
      await onePass(engine, key, queue, waiting);
    } finally {
      settled();
      turns.end(key);
      queue.done(key);
      pump();
      settle();
    }
  };
  function pump(): void {
    while (!stopped && turns.free()) {
      const key = queue.take(turns.admits);
      if (key === undefined) return;
      void run(key);
    }
  }
  const resync = (): void => {
    for (const app of ports.store.applications()) queue.add(app.key, 'soon');
    if (!stopped) ports.clock.after(options.resync * (0.9 + ports.random.next() * 0.2), resync);
  };
  connectTriggers(engine, queue, known);
  resync();
  return {
    engine,
    wake: (key, urgency = 'now') => queue.add(key, urgency),
    idle: () =>
      new Promise((resolve) => {
        waiters.push(resolve);
        settle();
      }),
    stop: () =>
      new Promise((resolve) => {
        stopped = true;
        courier.stop();
        archivist?.stop();
        locks?.stop();
        waiters.push(resolve);
        settle();
      }),
  };
}

// One pass and what follows from it: the next look, the log line, the pause after an error.
async function onePass(
  engine: Engine,
  key: AppKey,
  queue: ReturnType<typeof createQueue>,
  waiting: Set<AppKey>,
): Promise<void> {
  const started = engine.clock.now();
  const memo = memoOf(engine, key);
  let error: ReturnType<typeof asEngineError> | undefined;
  const before = readiness(engine.store.application(key));
  try {
    const next = await reconcile(engine, key);
    memo.failures = 0;
    for (const other of next.woken ?? []) queue.add(other, 'now');
    if (next.again === 0) queue.add(key, 'first');
    else if (next.again !== undefined) queue.addAt(key, next.again);
  } catch (thrown) {
    error = asEngineError(thrown);
    memo.failures += 1;
    for (const other of engine.claims.freed()) queue.add(other, 'now');
    const pause = Math.min(longestPause, 1_000 * 2 ** Math.min(memo.failures - 1, 12));
    const jittered = pause * (0.75 + engine.random.next() * 0.5);
    if (error.retry === 'backoff') queue.addAt(key, engine.clock.now() + jittered);
    else if (error.retry !== 'never') queue.addAt(key, engine.clock.now() + error.retry.after);
  }
  const app = engine.store.application(key);
  if (isWaiting(app)) waiting.add(key);
  else waiting.delete(key);
  if (readiness(app) !== before) {
    for (const other of waitingFor(engine, key, waiting)) queue.add(other, 'now');
  }
  logPass(engine, key, engine.clock.now() - started, error);
}

function logPass(engine: Engine, key: AppKey, ms: number, error: ReturnType<typeof asEngineError> | undefined): void {
  const app = engine.store.application(key);
  const server = app?.destination.server ?? app?.destination.name ?? '';
  const labels = { namespace: key.slice(0, key.indexOf('/')), dest_server: server };
  engine.metrics.observe('argocd_app_reconcile', ms / 1_000, labels);
  const report = app?.report;
  const fields = {
    app: key,
    ms,
    sync: report?.sync.status,
    health: report?.health.status,
    revision: report?.sync.revisions[0]?.slice(0, 7),
    operation: report?.operation?.phase,
    holds: report?.holds.map((hold) => hold.reason),
    ...(error === undefined ? {} : { code: error.code, error: error.message, about: error.about }),
  };
  if (error === undefined) engine.log.info('pass', fields);
  else engine.log.warn('pass failed', fields);
}
