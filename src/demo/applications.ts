// Follows every application through the operator: what they are now, and when something comes true of them.
import type { ApplicationDetail, ApplicationEvent, Operator } from '../contract/index.ts';
import { type AppKey, EngineError } from '../model/index.ts';
import { type Row, rowOf } from './row.ts';

/** The applications as they are now. */
export type Applications = {
  rows(): readonly Row[];
  detail(key: AppKey): ApplicationDetail | undefined;
  /** Calls for each change of an application's line, with the line before. */
  onChange(listener: (row: Row, before: Row | undefined) => void): void;
  /** Every application that is known has converged, and every application that another one brings is known. */
  converged(): boolean;
  /**
   * The time (of `performance.now`) at which `judge` was true; it is asked at each change. EngineError `timed-out` with
   * `what`, after `timeout` ms.
   */
  until(what: string, judge: () => boolean, timeout: number): Promise<number>;
  stop(): void;
};

/**
 * Starts to follow those of the engine's own namespace; others on the cluster belong to somebody else. `first` is one
 * that was just made: nothing has converged before it has.
 */
export function followApplications(operator: Operator, controlNamespace: string, first?: AppKey): Applications {
  const details = new Map<AppKey, ApplicationDetail>();
  const rows = new Map<AppKey, Row>();
  const listeners = new Set<(row: Row, before: Row | undefined) => void>();
  const waiting = new Set<() => void>();
  const stop = operator.watch({ namespace: controlNamespace }, (event: ApplicationEvent) => {
    if (event.kind === 'put') {
      const { key } = event.detail.view;
      const before = rows.get(key);
      const row = rowOf(event.detail);
      details.set(key, event.detail);
      rows.set(key, row);
      for (const listener of listeners) listener(row, before);
    } else if (event.kind === 'gone') {
      details.delete(event.key);
      rows.delete(event.key);
    }
    for (const look of [...waiting]) look();
  });
  return {
    rows: () => [...rows.values()],
    detail: (key) => details.get(key),
    onChange: (listener) => void listeners.add(listener),
    converged: () =>
      (first === undefined ? rows.size > 0 : rows.has(first)) &&
      [...rows.values()].every((row) => row.converged) &&
      [...details.values()].every((detail) => children(detail, controlNamespace).every((key) => rows.has(key))),
    until: (what, judge, timeout) => waitFor(waiting, what, judge, timeout),
    stop,
  };
}

/** Resolves when `judge` is true; whoever is in `waiting` is called at each change. */
export function waitFor(
  waiting: Set<() => void>,
  what: string,
  judge: () => boolean,
  timeout: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      waiting.delete(look);
      clearTimeout(timer);
    };
    const look = (): void => {
      if (!judge()) return;
      done();
      resolve(performance.now());
    };
    const timer = setTimeout(() => {
      done();
      reject(new EngineError('timed-out', `${what}: not within ${Math.round(timeout / 1000)} s`));
    }, timeout);
    waiting.add(look);
    look();
  });
}

function children({ objects }: ApplicationDetail, controlNamespace: string): readonly AppKey[] {
  return objects
    .filter(({ ref }) => ref.group === 'argoproj.io' && ref.kind === 'Application')
    .filter(({ ref }) => ref.namespace === '' || ref.namespace === controlNamespace)
    .map(({ ref }) => `${controlNamespace}/${ref.name}`);
}
