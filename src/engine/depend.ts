// Applications that wait for others: `plumbline.dev/depends-on` names them, or selects them by labels.
//
//   plumbline.dev/depends-on: "database, infra/cache, selector:tier=infra"
//
// A new revision is synced when everything it depends on has converged, and has seen the same commit where they share
// a repository. Drift is healed and people may sync all the same: only the automatic next step waits.
import type { AppKey, Application, Hold } from '../model/index.ts';
import type { Engine } from './engine.ts';

/** The annotation that names what an application depends on. */
export const dependsOnAnnotation = 'plumbline.dev/depends-on';

/** One entry of the annotation. */
type Dependency =
  | { readonly kind: 'name'; readonly key: AppKey; readonly text: string }
  | { readonly kind: 'selector'; readonly labels: ReadonlyMap<string, string>; readonly text: string };

/** What an application names; empty without the annotation. */
export function dependenciesOf(app: Application): readonly Dependency[] {
  const text = app.annotations[dependsOnAnnotation] ?? '';
  // A selector may hold several labels, joined by `+`, so that commas separate entries alone.
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry): Dependency => {
      if (!entry.startsWith('selector:')) {
        return { kind: 'name', key: entry.includes('/') ? entry : `${app.namespace}/${entry}`, text: entry };
      }
      const pairs = entry.slice('selector:'.length).split('+');
      const labels = new Map(
        pairs.map((pair): [string, string] => {
          const [key = '', value = ''] = pair.split('=');
          return [key.trim(), value.trim()];
        }),
      );
      return { kind: 'selector', labels, text: entry };
    });
}

/** The applications that an application depends on now, and the names that nobody has. */
export function resolveDependencies(
  app: Application,
  all: readonly Application[],
): { readonly found: readonly Application[]; readonly missing: readonly string[] } {
  const found = new Map<AppKey, Application>();
  const missing: string[] = [];
  for (const dependency of dependenciesOf(app)) {
    const matches = all.filter((other) => other.key !== app.key && isMeant(dependency, other));
    if (matches.length === 0 && dependency.kind === 'name' && dependency.key !== app.key) missing.push(dependency.text);
    if (dependency.kind === 'name' && dependency.key === app.key) found.set(app.key, app);
    for (const match of matches) found.set(match.key, match);
  }
  return { found: [...found.values()], missing };
}

function isMeant(dependency: Dependency, other: Application): boolean {
  if (dependency.kind === 'name') return other.key === dependency.key;
  return [...dependency.labels].every(([key, value]) => other.labels[key] === value);
}

/** Why the next revision of an application waits; empty when it may go. `seen` are the revisions it is about to sync. */
export function gatesOf(engine: Engine, app: Application, seen: readonly string[]): readonly Hold[] {
  if (app.annotations[dependsOnAnnotation] === undefined) return [];
  const all = engine.store.applications();
  const cycle = findCycle(app, all);
  if (cycle !== undefined) {
    const names = cycle.map((one) => one.name).join(' -> ');
    return [{ reason: 'depends-on', message: `applications wait for each other: ${names}`, objects: [] }];
  }
  const { found, missing } = resolveDependencies(app, all);
  const holds = missing.map((name): Hold => {
    return { reason: 'depends-on', message: `it depends on ${name}, which does not exist`, objects: [], on: name };
  });
  for (const other of found) {
    const why = notReady(engine, app, seen, other);
    if (why !== undefined) {
      holds.push({ reason: 'depends-on', message: `${other.name} ${why}`, objects: [], on: other.key });
    }
  }
  return holds;
}

function notReady(engine: Engine, app: Application, seen: readonly string[], other: Application): string | undefined {
  const { report } = other;
  if (report === undefined) return 'has not been looked at yet';
  if (report.sync.status !== 'Synced') return `is ${report.sync.status}`;
  if (report.health.status !== 'Healthy') return `is ${report.health.status}`;
  if (report.operation !== undefined && report.operation.finishedAt === undefined) return 'is being synced';
  const behind = other.sources.some((source, i) => {
    const mine = app.sources.findIndex((one) => follows(engine, one, source));
    return mine >= 0 && report.sync.revisions[i] !== seen[mine];
  });
  return behind ? 'has not seen this commit yet' : undefined;
}

function follows(engine: Engine, a: Application['sources'][number], b: Application['sources'][number]): boolean {
  return (
    a.targetRevision === b.targetRevision && engine.sources.normalize(a.repoURL) === engine.sources.normalize(b.repoURL)
  );
}

// Depth first from the application; the first way back to it is the cycle.
function findCycle(app: Application, all: readonly Application[]): readonly Application[] | undefined {
  const visited = new Set<AppKey>();
  const walk = (here: Application, path: readonly Application[]): readonly Application[] | undefined => {
    for (const next of resolveDependencies(here, all).found) {
      if (next.key === app.key) return [...path, next];
      if (visited.has(next.key)) continue;
      visited.add(next.key);
      const found = walk(next, [...path, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return walk(app, [app]);
}

/** What others wait for, as one text: when it changes they are looked at again. */
export function readiness(app: Application | undefined): string {
  const report = app?.report;
  if (report === undefined) return '';
  const running = report.operation !== undefined && report.operation.finishedAt === undefined;
  return [report.sync.status, report.health.status, running, ...report.sync.revisions].join();
}

/** True when an application waits for others. */
export function isWaiting(app: Application | undefined): boolean {
  return app?.report?.holds.some((hold) => hold.reason === 'depends-on') ?? false;
}

/** Those of the `waiting` that wait for this one. */
export function waitingFor(engine: Engine, key: AppKey, waiting: Iterable<AppKey>): readonly AppKey[] {
  return [...waiting].filter((other) =>
    engine.store
      .application(other)
      ?.report?.holds.some(
        (hold) => hold.reason === 'depends-on' && (hold.on === key || hold.on === undefined || !hold.on.includes('/')),
      ),
  );
}
