import type { ApplicationDetail, ApplicationFilter, Operator } from '../contract/index.ts';
import { type AppKey, asEngineError, EngineError } from '../model/index.ts';
import type { CliContext } from './context.ts';
import type { Globals } from './flags.ts';
import { Interrupted } from './interrupted.ts';
import type { Progress } from './output/progress.ts';

/** Runs `work` with a connection that is closed afterwards. */
export async function withOperator<T>(
  context: CliContext,
  globals: Globals,
  work: (operator: Operator) => Promise<T>,
): Promise<T> {
  const operator = await context.operator(globals);
  try {
    return await work(operator);
  } finally {
    await operator.close();
  }
}

/** What a judge sees: the applications as they are now. Keys that are gone are not in it. */
export type Seen = ReadonlyMap<AppKey, ApplicationDetail>;

/** How waiting ended. */
export type Ending<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'timed-out'; readonly seen: Seen };

/**
 * Watches applications until `judge` answers something, or `timeout` ms have passed (0 is never). The judge is asked
 * after each change, and every second besides, so that it may look at the clock; it may take its time.
 */
export function follow<T>(
  context: CliContext,
  operator: Operator,
  filter: ApplicationFilter,
  options: { readonly timeout: number; readonly progress?: Progress },
  judge: (seen: Seen) => T | undefined | Promise<T | undefined>,
): Promise<Ending<T>> {
  return new Promise((resolve, reject) => {
    const seen = new Map<AppKey, ApplicationDetail>();
    const cancels = new Set<() => void>();
    let ended = false;
    let lost = false;
    let judging = false;
    let again = false;
    const finish = (): void => {
      ended = true;
      for (const cancel of cancels) cancel();
      stop();
    };
    const consider = async (): Promise<void> => {
      again = true;
      if (judging) return;
      judging = true;
      try {
        while (again && !ended) {
          again = false;
          const value = await judge(seen);
          if (value === undefined || ended) continue;
          finish();
          resolve({ kind: 'done', value });
        }
      } catch (thrown) {
        if (!ended) finish();
        reject(asEngineError(thrown));
      } finally {
        judging = false;
      }
    };
    const tick = (): void => {
      cancels.delete(cancelTick);
      void consider();
      cancelTick = context.after(1000, tick);
      cancels.add(cancelTick);
    };
    let cancelTick: () => void = context.after(1000, tick);
    cancels.add(cancelTick);
    if (options.timeout > 0) {
      cancels.add(
        context.after(options.timeout, () => {
          if (ended) return;
          finish();
          resolve({ kind: 'timed-out', seen });
        }),
      );
    }
    const stop = operator.watch(filter, (event) => {
      if (ended) return;
      if (event.kind === 'state') {
        // A first connection is no news.
        if (event.message !== '' || lost) options.progress?.connection(event.message);
        lost = event.message !== '';
        return;
      }
      if (event.kind === 'put') seen.set(event.detail.view.key, event.detail);
      else seen.delete(event.key);
      void consider();
    });
    const interrupt = (): void => {
      if (!ended) finish();
      reject(new Interrupted());
    };
    if (context.signal.aborted) interrupt();
    context.signal.addEventListener('abort', interrupt, { once: true });
  });
}

/** Asks the engine to look again, and waits until it has; `timed-out` when it does not. */
export async function refreshAndWait(
  context: CliContext,
  operator: Operator,
  key: AppKey,
  how: 'normal' | 'hard',
  timeout: number,
): Promise<void> {
  await operator.refresh(key, how);
  const ending = await follow(context, operator, { keys: [key] }, { timeout }, (seen) => {
    const detail = seen.get(key);
    return detail !== undefined && !detail.view.refreshing ? true : undefined;
  });
  if (ending.kind === 'timed-out') {
    throw new EngineError('timed-out', `the engine has not looked at the application: ${key}`, {
      about: 'try: plumb run (is the engine running?)',
    });
  }
}

/** EngineError `usage` unless at least one name or the flag was given. */
export function needNames(names: readonly string[], otherwise: boolean, line: string): void {
  if (names.length > 0 || otherwise) return;
  throw new EngineError('usage', `missing APP: ${line}`, { about: `see: ${line} --help` });
}
