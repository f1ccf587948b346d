// Hands records that have ended to those who keep them: each once, across restarts, and never in anybody's way.
import { type AppKey, asEngineError, type CommitRecord, type VerdictState } from '../model/index.ts';
import type { Archive, Clock, Log, Store } from '../ports/index.ts';
import { released, runsAt } from '../verdict/index.ts';

/** Looks at the verdicts of applications. */
export type Archivist = {
  /** The verdict of an application may have advanced. */
  look(key: AppKey): void;
  /** Begins nothing more. */
  stop(): void;
};

const firstPause = 2_000;
const longestPause = 300_000;

/** Makes an archivist over a started store; every application is looked at once. */
export function createArchivist(ports: {
  readonly clock: Clock;
  readonly log: Log;
  readonly archive: Archive;
  readonly store: Store;
}): Archivist {
  const { clock, log, archive, store } = ports;
  // What was handed over, and where each application was when it was last looked at.
  const kept = new Map<AppKey, ReadonlySet<string>>();
  const places = new Map<AppKey, string>();
  const under = new Set<AppKey>();
  const failures = new Map<AppKey, number>();
  let stopped = false;

  const pending = (key: AppKey): readonly CommitRecord[] => {
    const done = kept.get(key);
    return recordsOf(store.application(key)?.report?.verdict).filter((record) => done?.has(stateOf(record)) !== true);
  };
  const keepOne = async (key: AppKey, record: CommitRecord): Promise<void> => {
    const app = store.application(key);
    if (app === undefined || stopped) return;
    await archive.keep(record, app);
    if (stopped) return;
    failures.delete(key);
    const still = new Set(recordsOf(store.application(key)?.report?.verdict).map(stateOf));
    kept.set(key, new Set([...(kept.get(key) ?? []), stateOf(record)].filter((one) => still.has(one))));
    release(key);
  };
  const keepAll = async (key: AppKey): Promise<void> => {
    for (let records = pending(key); records.length > 0 && !stopped; records = pending(key)) {
      const results = await Promise.allSettled(records.map((record) => keepOne(key, record)));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
      if (store.application(key) === undefined) return;
    }
  };
  // What is kept need not wait in the status: nor what was kept before a newer commit came.
  const release = (key: AppKey): void => {
    const report = store.application(key)?.report;
    const done = kept.get(key);
    if (report?.verdict?.ended === undefined || done === undefined) return;
    const gone = report.verdict.ended.filter((record) => done.has(stateOf(record)));
    const verdict = released(report.verdict, new Set(gone.map((record) => record.stages.seen ?? '')));
    if (verdict !== report.verdict) store.save(key, { ...report, verdict }, { urgency: 'later' });
  };
  const work = (key: AppKey): void => {
    if (stopped || under.has(key) || pending(key).length === 0) return;
    under.add(key);
    void keepAll(key)
      .catch((thrown: unknown) => {
        const count = (failures.get(key) ?? 0) + 1;
        failures.set(key, count);
        const error = asEngineError(thrown);
        log.warn('record not kept', { app: key, code: error.code, error: error.message, attempts: count });
        clock.after(Math.min(longestPause, firstPause * 2 ** Math.min(count - 1, 10)), () => work(key));
      })
      .finally(() => under.delete(key));
  };
  const look = (key: AppKey): void => {
    const app = store.application(key);
    const state = app?.report?.verdict;
    if (stopped || app === undefined || state === undefined) {
      kept.delete(key);
      places.delete(key);
      return;
    }
    const place = `${state.record.environment} ${state.record.outcome} ${runsAt(state).join(' ')}`;
    if (places.get(key) !== place) {
      places.set(key, place);
      archive.moved(app);
    }
    release(key);
    work(key);
  };
  for (const app of store.applications()) look(app.key);
  return {
    look,
    stop() {
      stopped = true;
    },
  };
}

function recordsOf(state: VerdictState | undefined): readonly CommitRecord[] {
  if (state === undefined) return [];
  return [...(state.ended ?? []), ...(state.record.outcome === 'open' ? [] : [state.record])];
}

function stateOf(record: CommitRecord): string {
  return `${record.stages.seen} ${record.outcome} ${record.endedAt}`;
}
