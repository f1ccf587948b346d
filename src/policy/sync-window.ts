// Sync windows: when the applications of a project may be synced.
//
//   any active deny         → closed, unless asked by a person and every such window lets people through
//   else any active allow   → open
//   else any allow at all   → closed (outside its hours), with the same exception
//   else                    → open
import {
  type Application,
  formatInstant,
  type Hold,
  matchesGlob,
  type Project,
  type SyncWindow,
} from '../model/index.ts';
import { knowsZone, lastStart, nextStart, parseCron, type Zones } from './cron.ts';

/** A window that is about the application. `changesAt` is when it opens or closes next, ms since the epoch. */
export type WindowState = {
  readonly window: SyncWindow;
  readonly active: boolean;
  readonly changesAt?: number;
  /** Its schedule cannot be read. */
  readonly broken: boolean;
};

type Subject = Pick<Application, 'name' | 'destination'>;

const horizon = 366 * 24 * 3_600_000;

/** The windows that are about an application, and whether they are open now. */
export function windowStates(
  project: Pick<Project, 'windows'>,
  application: Subject,
  now: number,
  zones: Zones,
): readonly WindowState[] {
  return project.windows.filter((window) => concerns(window, application)).map((window) => stateOf(window, now, zones));
}

/**
 * What a sync has to wait for now, undefined when it may go on. `manual`: a person asked for it; `running`: it began
 * before, and may end where every window that closes says so. A window that cannot be read lets nothing through.
 */
export function syncWindowHold(
  project: Pick<Project, 'name' | 'windows'>,
  application: Subject,
  now: number,
  asked: { readonly manual: boolean; readonly running: boolean },
  zones: Zones,
): Hold | undefined {
  const states = windowStates(project, application, now, zones);
  const broken = states.find((state) => state.broken);
  if (broken !== undefined)
    return hold(
      `project ${project.name} has a sync window with a schedule that cannot be read: ${`${broken.window.schedule} ${broken.window.timeZone}`.trim()}`,
    );
  const denies = states.filter(({ window, active }) => active && window.kind === 'deny');
  const allows = states.filter(({ window }) => window.kind === 'allow');
  const closing = denies.length > 0 ? denies : allows.some(({ active }) => active) ? [] : allows;
  if (closing.length === 0) return undefined;
  if (asked.manual && closing.every(({ window }) => window.manualSync)) return undefined;
  if (asked.running && closing.every(({ window }) => window.syncOverrun)) return undefined;
  return hold(messageOf(project, closing, denies.length > 0), opensAt(closing, denies.length > 0));
}

/** Which windows are about an application: any of the three lists, or with `andOperator` all that are given. */
function concerns(window: SyncWindow, { name, destination }: Subject): boolean {
  const cluster = [destination.name ?? '', destination.server ?? ''].filter((value) => value !== '');
  const checks = [
    { patterns: window.applications, values: [name] },
    { patterns: window.clusters, values: cluster },
    { patterns: window.namespaces, values: [destination.namespace] },
  ].filter(({ patterns }) => patterns.length > 0);
  const matches = ({ patterns, values }: (typeof checks)[number]) =>
    patterns.some((pattern) => values.some((value) => matchesGlob(pattern, value)));
  return window.andOperator ? checks.length > 0 && checks.every(matches) : checks.some(matches);
}

function stateOf(window: SyncWindow, now: number, zones: Zones): WindowState {
  const schedule = parseCron(window.schedule);
  if (schedule === undefined || !knowsZone(zones, window.timeZone)) return { window, active: false, broken: true };
  const started = lastStart(schedule, now, window.duration, window.timeZone, zones);
  const changesAt =
    started === undefined ? nextStart(schedule, now, horizon, window.timeZone, zones) : started + window.duration;
  return { window, active: started !== undefined, broken: false, ...(changesAt !== undefined && { changesAt }) };
}

// All that deny must close; of those that allow, the first to open is enough.
function opensAt(closing: readonly WindowState[], denied: boolean): number | undefined {
  const times = closing.flatMap(({ changesAt }) => (changesAt === undefined ? [] : [changesAt]));
  if (times.length === 0) return undefined;
  return denied ? Math.max(...times) : Math.min(...times);
}

function messageOf(project: Pick<Project, 'name'>, closing: readonly WindowState[], denied: boolean): string {
  const { window } = closing[0] ?? {};
  const what = window === undefined ? '' : ` (${window.schedule} ${window.timeZone})`;
  return denied
    ? `a sync window of project ${project.name} denies syncs now${what}`
    : `no sync window of project ${project.name} allows syncs now${what}`;
}

function hold(message: string, until?: number): Hold {
  return {
    reason: 'sync-window',
    message,
    objects: [],
    ...(until !== undefined && { until: formatInstant(until) }),
  };
}
