// The floor: the same objects by a plain client, one dry run and one apply each, and no engine. What the machine and the
// apiserver can do at this moment; everything else is told as a ratio to it.
import { each } from '../api.ts';
import { collection, fourObjects, kinds, type Made, pathOf } from '../manifests.ts';
import { concurrency, type Scene } from '../scene.ts';
import { round } from '../statistics.ts';

/** The floor's result; CPU in seconds. */
export type Floor = {
  readonly objects: number;
  readonly seconds: number;
  readonly clientCpu: number;
  readonly controlCpu: Readonly<Record<string, number>>;
};

/** A small floor that is not counted: the server builds its schemas and caches with the first requests. */
export async function warmUp(scene: Scene): Promise<void> {
  await run(scene, 50);
}

/** Runs the floor, and removes what it made. */
export async function floor(scene: Scene): Promise<Floor> {
  return run(scene, scene.options.apps);
}

async function run(scene: Scene, apps: number): Promise<Floor> {
  const { api } = scene;
  const spaces = scene.namespaces(`floor${Date.now().toString(36)}`);
  await scene.createNamespaces(spaces);
  const sets = Array.from({ length: apps }, (_, i) =>
    fourObjects(spaces[i % spaces.length] ?? '', `app-${i}`, '1', true),
  );
  const healthy = new Set<string>();
  const stop = await api.watch(collection('Deployment'), ({ object }) => {
    // As the engine sees it: a Deployment is healthy when its controller has seen this generation of it.
    if (object.status?.observedGeneration === object.metadata.generation) {
      healthy.add(`${object.metadata.namespace}/${object.metadata.name}`);
    }
  });
  const [client, control, start] = [process.cpuUsage(), scene.controlCpu(), performance.now()];
  await each(sets.flat(), concurrency, (made) => applyOne(scene, made));
  await scene.until('the floor to be healthy', 300_000, () => healthy.size >= apps);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(client);
  const controlCpu = scene.controlCpu(control);
  stop();
  await clean(scene, spaces);
  return {
    objects: sets.length * 4,
    seconds: round(seconds, 2),
    clientCpu: round((user + system) / 1e6, 2),
    controlCpu,
  };
}

async function applyOne({ api }: Scene, made: Made): Promise<void> {
  const path = pathOf(made);
  await api.apply(path, made.body, true);
  await api.apply(path, made.body, false);
}

// The engine watches whole kinds: it shall not be shown what the floor left behind.
async function clean(scene: Scene, spaces: readonly string[]): Promise<void> {
  const { api } = scene;
  for (const kind of kinds.toReversed()) {
    await each(spaces, 4, (space) => api.text('DELETE', `${collection(kind, space)}?propagationPolicy=Background`));
  }
  // The controllers tidy up after that, and would still do so while the engine is measured.
  for (const left of [collection('Deployment'), '/apis/apps/v1/replicasets', '/api/v1/endpoints', slices]) {
    await scene.until('what the floor made to be gone', 300_000, async () => {
      const objects = await api.list(left);
      return !objects.some((object) => spaces.includes(object.metadata.namespace ?? ''));
    });
  }
}

const slices = '/apis/discovery.k8s.io/v1/endpointslices';
