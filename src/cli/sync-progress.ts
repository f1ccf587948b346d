import type { ApplicationDetail, Operator } from '../contract/index.ts';
import { type AppKey, describe } from '../model/index.ts';
import type { CliContext } from './context.ts';
import { formatAge } from './duration.ts';
import type { Globals } from './flags.ts';
import { follow, type Seen } from './follow.ts';
import { startProgress } from './output/progress.ts';
import { count } from './output/text.ts';

/** How a sync that was asked for ended. */
export type Finished = {
  readonly key: AppKey;
  readonly ending: 'succeeded' | 'failed' | 'timed-out' | 'superseded';
  /** From the request to the end, ms. */
  readonly took: number;
  readonly detail?: ApplicationDetail;
};

const patience = 10_000;

/** Waits until these requests have ended, and says how they get on. */
export async function finishSyncs(
  context: CliContext,
  operator: Operator,
  globals: Globals,
  requests: ReadonlyMap<AppKey, string>,
  timeout: number,
): Promise<readonly Finished[]> {
  if (requests.size === 0) return [];
  const started = context.now();
  const finished = new Map<AppKey, Finished>();
  const progress = startProgress(context, globals);
  try {
    const options = { timeout, progress };
    const ending = await follow(context, operator, { keys: [...requests.keys()] }, options, (seen) => {
      for (const [key, request] of requests) {
        const detail = seen.get(key);
        const how = detail === undefined || finished.has(key) ? undefined : endingOf(detail, request);
        if (how !== undefined && detail !== undefined) {
          finished.set(key, { key, ending: how, took: context.now() - started, detail });
        }
      }
      const waiting = [...requests.keys()].filter((key) => !finished.has(key));
      if (waiting.length === 0) return true;
      progress.show(progressText(waiting, seen, context.now() - started));
      return undefined;
    });
    if (ending.kind === 'timed-out') {
      for (const key of requests.keys()) {
        const detail = ending.seen.get(key);
        if (finished.has(key)) continue;
        finished.set(key, {
          key,
          ending: 'timed-out',
          took: context.now() - started,
          ...(detail === undefined ? {} : { detail }),
        });
      }
    }
  } finally {
    progress.end();
  }
  return [...requests.keys()].flatMap((key) => finished.get(key) ?? []);
}

function endingOf(detail: ApplicationDetail, request: string): Finished['ending'] | undefined {
  const { operation, requested } = detail.view;
  if (operation?.request === request) {
    if (operation.finishedAt === undefined) return undefined;
    return operation.phase === 'Succeeded' ? 'succeeded' : 'failed';
  }
  return requested ? undefined : 'superseded';
}

/** One line on where things are: the first application that is not done, and how many others wait. */
function progressText(waiting: readonly AppKey[], seen: Seen, elapsed: number): string {
  const [key = ''] = waiting;
  const others = waiting.length > 1 ? ` (and ${waiting.length - 1} more)` : '';
  const name = key.split('/')[1] ?? key;
  const detail = seen.get(key);
  if (detail === undefined) return `${name}: looking${others}`;
  const { operation, requested, holds } = detail.view;
  if (requested && operation?.phase !== 'Running' && operation?.phase !== 'Terminating') {
    const hint = elapsed > patience ? `; nobody has for ${formatAge(elapsed)}: is the engine running?` : '';
    return `${name}: waiting for the engine to pick it up${hint}${others}`;
  }
  const results = detail.application.report?.operation?.results ?? [];
  const done = results.filter((one) => one.status !== '' || one.hookPhase === 'Succeeded').length;
  const total = Math.max(results.length, detail.objects.length);
  const hold = holds.find((one) => one.reason.startsWith('waits-for')) ?? holds[0];
  const busy = detail.objects.find((one) => one.health?.status === 'Progressing');
  const on =
    hold?.message ??
    (busy === undefined
      ? (operation?.message ?? '')
      : `${describe(busy.ref)}: ${busy.health?.message ?? 'progressing'}`);
  const parts = [operation?.phase ?? 'Pending', total === 0 ? '' : `${done} of ${count(total, 'object')}`, on].filter(
    Boolean,
  );
  return `${name}: ${parts.join(', ')}${others}`;
}
