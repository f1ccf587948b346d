// Bulk: many Applications at once, from one repository, until all are Synced and Healthy.
import { join } from 'node:path';
import { requestCounts, since } from '../api.ts';
import type { Wanted } from '../applications.ts';
import { total } from '../engine.ts';
import { filesOf, fourObjects } from '../manifests.ts';
import { mebibytes } from '../processes.ts';
import { Repository } from '../repository.ts';
import { concurrency, type Scene } from '../scene.ts';
import { round } from '../statistics.ts';
import type { Floor } from './floor.ts';

/** The result. CPU is in seconds, memory in MiB. */
export type Bulk = {
  readonly apps: number;
  readonly seconds: number;
  readonly ratio: number;
  readonly cpuRatio: number;
  readonly engineCpu: number;
  readonly controlCpu: Readonly<Record<string, number>>;
  readonly benchCpu: number;
  /** Seconds of the engine's garbage collector. */
  readonly engineGc: number;
  /** Live heap at the end. */
  readonly heapMiB: number;
  /** The engine with the toolbox and git: the sum of their RSS. */
  readonly peakTreeMiB: number;
  /** The same as PSS. */
  readonly peakProportionalMiB: number;
  /** The engine's own process, as RSS. */
  readonly peakEngineMiB: number;
  /** Who had how much of the peak. */
  readonly peakPartsMiB: Readonly<Record<string, number>>;
  readonly passes: number;
  readonly statusWrites: number;
  readonly requests: Readonly<Record<string, number>>;
};

/** What later scenarios go on with. */
export type Fleet = {
  readonly repository: Repository;
  readonly wanted: readonly Wanted[];
  readonly names: readonly string[];
};

/** The repository of the fleet: a folder for each application. */
export async function createFleet(scene: Scene): Promise<Fleet> {
  const spaces = scene.namespaces('fleet');
  await scene.createNamespaces(spaces);
  const path = join(scene.folder, 'fleet.git');
  const files = new Map<string, string>();
  const wanted = Array.from({ length: scene.options.apps }, (_, i): Wanted => {
    const name = `app-${i}`;
    for (const [file, text] of fleetFiles(name, '1')) files.set(file, text);
    return { name, repoURL: path, path: `apps/${name}`, namespace: spaces[i % spaces.length] ?? '' };
  });
  return { repository: await Repository.create(path, files), wanted, names: wanted.map(({ name }) => name) };
}

/** The files of one application of the fleet. */
export function fleetFiles(name: string, version: string): ReadonlyMap<string, string> {
  return filesOf(`apps/${name}`, fourObjects('', name, version, false));
}

/** Creates the Applications and waits for all of them. */
export async function bulk(scene: Scene, fleet: Fleet, floor: Floor | undefined): Promise<Bulk> {
  const { api, engine, applications, options } = scene;
  engine.resetPeak();
  const [requests, writes, bench] = [await requestCounts(api), applications.writes, process.cpuUsage()];
  const [engineCpu, control, start] = [engine.cpu, scene.controlCpu(), performance.now()];
  const passes = await passesOf(scene);
  const created = applications.create(fleet.wanted, concurrency);
  const limit = Math.max(120_000, fleet.wanted.length * 600);
  const end = await applications.untilAll(fleet.names, limit, (done) =>
    options.say(`${done} of ${fleet.names.length} converged`),
  );
  await created;
  const seconds = (end - start) / 1000;
  const [used, controlCpu] = [engine.cpu - engineCpu, scene.controlCpu(control)];
  const { user, system } = process.cpuUsage(bench);
  const [peak, metrics] = [engine.peak, await engine.metrics()];
  return {
    apps: fleet.names.length,
    seconds: round(seconds, 2),
    ratio: floor === undefined ? Number.NaN : round(seconds / floor.seconds, 2),
    cpuRatio:
      floor === undefined ? Number.NaN : round((used + sum(controlCpu)) / (floor.clientCpu + sum(floor.controlCpu)), 2),
    engineCpu: round(used, 2),
    controlCpu,
    benchCpu: round((user + system) / 1e6, 2),
    engineGc: round(total(metrics, 'nodejs_gc_duration_seconds_sum'), 2),
    heapMiB: mebibytes(metrics.get('nodejs_heap_size_used_bytes') ?? 0),
    peakTreeMiB: mebibytes(peak.tree),
    peakProportionalMiB: mebibytes(peak.proportional),
    peakEngineMiB: mebibytes(peak.own),
    peakPartsMiB: Object.fromEntries(Object.entries(peak.parts).map(([name, bytes]) => [name, mebibytes(bytes)])),
    passes: (await passesOf(scene)) - passes,
    statusWrites: applications.writes - writes,
    requests: since(requests, await requestCounts(api)),
  };
}

/** Passes that the engine has made so far. */
export async function passesOf(scene: Scene): Promise<number> {
  return total(await scene.engine.metrics(), 'argocd_app_reconcile_count');
}

function sum(parts: Readonly<Record<string, number>>): number {
  return Object.values(parts).reduce((all, part) => all + part, 0);
}
