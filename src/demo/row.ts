// One application in a line: facts of what the operator tells, nothing decided.
import type { ApplicationDetail } from '../contract/index.ts';
import type { HealthStatus, SyncStatus } from '../model/index.ts';
import { type Cell, clean, type Look, type Tone } from './paint.ts';

/** What a line shows of an application. */
export type Row = {
  readonly key: string;
  readonly name: string;
  readonly sync: SyncStatus;
  readonly health: HealthStatus;
  /** Objects that are Synced and healthy, of how many. */
  readonly good: number;
  readonly total: number;
  /** Short revision it was compared to. */
  readonly revision: string;
  readonly running: boolean;
  readonly pinned: boolean;
  /** Synced, Healthy, and nothing asked for or running. */
  readonly converged: boolean;
  /** What differs, or what it waits for; '' when there is nothing to say. */
  readonly why: string;
};

/** The line of an application. */
export function rowOf(detail: ApplicationDetail): Row {
  const { view } = detail;
  const objects = detail.objects.filter((one) => !one.hook);
  const good = objects.filter((one) => one.status === 'Synced' && (one.health?.status ?? 'Healthy') === 'Healthy');
  const running = view.operation?.phase === 'Running' || view.operation?.phase === 'Terminating';
  return {
    key: view.key,
    name: view.name,
    sync: view.sync,
    health: view.health.status,
    good: good.length,
    total: objects.length,
    revision: (view.revisions[0] ?? '').slice(0, 7),
    running,
    pinned: view.pinned,
    converged:
      view.sync === 'Synced' && view.health.status === 'Healthy' && !running && !view.requested && !view.deleting,
    why: clean(why(detail)),
  };
}

/** What every rollout says before it says how far it is. */
const wordy = /^Waiting for rollout to finish: /;

function why({ view, objects }: ApplicationDetail): string {
  const differing = objects.find((one) => !one.hook && one.status === 'OutOfSync');
  if (differing !== undefined) {
    const { kind, name } = differing.ref;
    const field = differing.fields?.[0];
    const value =
      field === undefined ? '' : ` ${field.path}: ${field.live ?? 'absent'} instead of ${field.desired ?? 'absent'}`;
    const more = objects.filter((one) => !one.hook && one.status === 'OutOfSync').length - 1;
    return `${kind}/${name}${value}${more > 0 ? ` and ${more} more` : ''}`;
  }
  const problem = view.conditions.find((one) => one.type.endsWith('Error'));
  if (problem !== undefined) return `${problem.type}: ${problem.message}`;
  if (view.operation?.phase === 'Failed' || view.operation?.phase === 'Error') return view.operation.message;
  const unhealthy = objects.find((one) => one.health !== undefined && one.health.status !== 'Healthy');
  if (unhealthy !== undefined && view.health.status !== 'Healthy') {
    const message = (unhealthy.health?.message ?? unhealthy.health?.status.toLowerCase() ?? '').replace(wordy, '');
    return `${unhealthy.ref.kind}/${unhealthy.ref.name}: ${message}`;
  }
  if (view.pinned) return 'pinned until the next commit';
  return view.health.status === 'Healthy' || view.health.status === 'Unknown' ? '' : (view.health.message ?? '');
}

const healthTones: Readonly<Record<HealthStatus, Tone>> = {
  Healthy: 'good',
  Suspended: 'dim',
  Progressing: 'busy',
  Missing: 'warn',
  Degraded: 'bad',
  Unknown: 'dim',
};

/** `✓ Synced`, `● OutOfSync`. */
export function syncCell(look: Look, sync: SyncStatus): Cell {
  if (sync === 'Synced') return signed(look, look.signs.ok, sync, 'good');
  return sync === 'OutOfSync' ? signed(look, look.signs.dot, sync, 'warn') : signed(look, '?', sync, 'dim');
}

/** `✓ Healthy`, `◐ Progressing`. */
export function healthCell(look: Look, health: HealthStatus): Cell {
  const tone = healthTones[health];
  const sign =
    tone === 'good' ? look.signs.ok : tone === 'busy' ? look.signs.busy : tone === 'dim' ? '?' : look.signs.dot;
  return signed(look, health === 'Degraded' ? look.signs.bad : sign, health, tone);
}

function signed(look: Look, sign: string, word: string, tone: Tone): Cell {
  return [look.rich ? `${sign} ${word}` : word, tone];
}
