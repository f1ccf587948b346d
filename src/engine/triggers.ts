// What wakes the engine. Each trigger only says "look again" at an application: losing one is harmless.
import type { AppKey, Application, Source } from '../model/index.ts';
import { parentsOf } from '../policy/index.ts';
import type { RenderRequest } from '../ports/index.ts';
import type { Engine } from './engine.ts';
import { mayFollow } from './follows.ts';
import type { createQueue } from './queue.ts';
import { renderedFor } from './render-for.ts';

type Queue = ReturnType<typeof createQueue>;

/** Connects the ports to the queue. `known` is kept as the set of tracking names of all applications. */
export function connectTriggers(engine: Engine, queue: Queue, known: Set<string>): void {
  const byTracking = new Map<string, AppKey>();
  const names = new Map<AppKey, string>();
  const index = (): void => {
    known.clear();
    byTracking.clear();
    names.clear();
    for (const app of engine.store.applications()) {
      known.add(app.trackingName);
      byTracking.set(app.trackingName, app.key);
      names.set(app.key, app.trackingName);
    }
    watchSources(engine);
    for (const key of engine.orphans?.index() ?? []) queue.add(key, 'soon');
  };
  index();
  let due = false;
  // Many applications often come at once; the index is made again once for all of them.
  const indexSoon = (): void => {
    if (due) return;
    due = true;
    engine.clock.after(50, () => {
      due = false;
      index();
    });
  };
  engine.store.onChange((change) => {
    if (change.kind === 'application') {
      const app = engine.store.application(change.key);
      if (app !== undefined) {
        known.add(app.trackingName);
        byTracking.set(app.trackingName, app.key);
        names.set(app.key, app.trackingName);
      } else {
        // Whoever waits for its objects is woken by the pass that follows, and must not find it here any more.
        known.delete(names.get(change.key) ?? '');
      }
      indexSoon();
      queue.add(change.key, 'now');
    } else {
      indexSoon();
      const concerned = change.kind === 'settings' ? undefined : heirsOf(engine, change.name);
      for (const app of engine.store.applications()) {
        if (concerned?.has(app.project) !== false) queue.add(app.key, 'soon');
      }
    }
  });
  engine.clusters.onEvent((event) => {
    if (event.what === 'kinds') return wakeWaiting(engine, queue);
    if (event.what === 'residents') return wakeNeighbours(engine, queue, event.id.split('/')[3] ?? '');
    for (const tracking of event.tracking) {
      const name = tracking.includes(':') ? tracking.slice(0, tracking.indexOf(':')) : tracking;
      const key = byTracking.get(name);
      if (key !== undefined) queue.add(key, 'first');
      // What names an application that does not exist belongs to nobody.
      else if (event.what === 'gone' || event.what === 'appeared')
        wakeNeighbours(engine, queue, event.id.split('/')[2] ?? '');
    }
  });
  engine.sources.onChange((change) => void wakeRepository(engine, queue, change));
}

// A thousand applications often share one repository: it is named once.
function watchSources(engine: Engine): void {
  const wanted = new Map<string, { readonly source: Source; readonly project: string }>();
  for (const { sources, project } of engine.store.applications()) {
    for (const source of sources) wanted.set([project, source.repoURL, source.chart].join('\n'), { source, project });
  }
  engine.sources.watchOnly([...wanted.values()]);
}

// A project, and those that inherit from it.
function heirsOf(engine: Engine, name: string): ReadonlySet<string> {
  const { globalProjects } = engine.store.settings();
  const heirs = new Set([name]);
  if (!globalProjects.some(({ project }) => project === name)) return heirs;
  for (const app of engine.store.applications()) {
    const project = engine.store.project(app.project);
    if (project !== undefined && parentsOf(project, globalProjects).includes(name)) heirs.add(app.project);
  }
  return heirs;
}

// Somebody has come or gone who belongs to no application: those who live there and care are told.
function wakeNeighbours(engine: Engine, queue: Queue, namespace: string): void {
  for (const key of engine.orphans?.living(namespace) ?? []) queue.add(key, 'now');
}

// New kinds matter to those that wait for one.
function wakeWaiting(engine: Engine, queue: Queue): void {
  for (const app of engine.store.applications()) {
    const waits = app.report?.holds.some((hold) => hold.reason === 'waits-for-kind') ?? true;
    if (waits) queue.add(app.key, 'now');
  }
}

/** So many applications are looked at before others get their turn. */
const atOnce = 50;

// Those whose own files have moved come first; the others only take note of the new revision.
async function wakeRepository(
  engine: Engine,
  queue: Queue,
  { repo, refs }: { readonly repo: string; readonly refs: readonly string[] },
): Promise<void> {
  const isMoved = (source: Source) => mayFollow(source, refs) && engine.sources.normalize(source.repoURL) === repo;
  const apps = engine.store.applications().filter((app) => app.sources.some(isMoved));
  if (apps.length <= 4) {
    for (const app of apps) queue.add(app.key, 'now');
    return;
  }
  const unmoved: AppKey[] = [];
  for (const [i, app] of apps.entries()) {
    if (await isCurrent(engine, app)) unmoved.push(app.key);
    else queue.add(app.key, 'now');
    // The answers come from memory, without a pause: those that were found first shall be on their way meanwhile.
    if (i % atOnce === atOnce - 1) await new Promise<void>((resolve) => void engine.clock.after(0, resolve));
  }
  for (const key of unmoved) queue.add(key, 'soon');
}

async function isCurrent(engine: Engine, app: Application): Promise<boolean> {
  try {
    const resolved = await Promise.all(app.sources.map((source) => engine.sources.resolve(source, app.project)));
    const cluster = await engine.clusters.get(app.destination, app.project);
    const { kubeVersion, apiVersions } = await cluster.version();
    const request: RenderRequest = {
      application: renderedFor(engine.store, app),
      sources: app.sources,
      revisions: resolved.map((one) => one.revision),
      kubeVersion,
      apiVersions,
      settings: engine.store.settings(),
    };
    return await engine.renderer.isCurrent(request);
  } catch {
    return false;
  }
}
