// Restart: an engine that ends, or is killed, and starts again over a fleet that has converged.
import type { Resource } from '../api.ts';
import { collection, kinds } from '../manifests.ts';
import type { Scene } from '../scene.ts';
import { round } from '../statistics.ts';
import type { Fleet } from './bulk.ts';
import { quiet } from './quiet.ts';

/** `seconds` from the start of the process until every application was looked at; `written` objects that changed. */
export type Restart = { readonly seconds: number; readonly cpuSeconds: number; readonly written: number };

/** Restarts after SIGTERM and after kill -9. */
export async function restarts(
  scene: Scene,
  fleet: Fleet,
): Promise<{ readonly term: Restart; readonly kill: Restart }> {
  return { term: await restart(scene, fleet, 'SIGTERM'), kill: await restart(scene, fleet, 'SIGKILL') };
}

async function restart(scene: Scene, fleet: Fleet, signal: 'SIGTERM' | 'SIGKILL'): Promise<Restart> {
  await quiet(scene);
  const before = await versions(scene);
  await scene.stopEngine(signal);
  const start = performance.now();
  const engine = await scene.startEngine();
  const { passes } = scene;
  await scene.until('all applications to be known', 120_000, () =>
    fleet.names.every((name) => {
      const pass = passes.get(`argocd/${name}`);
      return pass?.sync === 'Synced' && pass.health === 'Healthy';
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const cpu = engine.cpu;
  await quiet(scene);
  const after = await versions(scene);
  let written = 0;
  for (const [id, version] of after) if (before.get(id) !== version) written++;
  return { seconds: round(seconds, 2), cpuSeconds: round(cpu, 2), written };
}

/** The resource version of every Application and every object of one. */
async function versions(scene: Scene): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const applications = '/apis/argoproj.io/v1alpha1/applications';
  for (const path of [applications, ...kinds.map((kind) => collection(kind))]) {
    for (const object of await scene.api.list(path)) found.set(`${path} ${idOf(object)}`, version(object));
  }
  return found;
}

function idOf({ metadata }: Resource): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function version({ metadata }: Resource): string {
  return metadata.resourceVersion ?? '';
}
