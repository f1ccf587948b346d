// Keeps the locks of every cluster as projects want them: level-triggered, a moment after something that matters changed.
import {
  type Application,
  asEngineError,
  describe,
  EngineError,
  type KubeObject,
  type Manifest,
  type ObjectRef,
  refOf,
  type Settings,
} from '../model/index.ts';
import { accountFor, type Locked, lockedBy, lockName, lockNamespace, lockObjects } from '../policy/index.ts';
import type { Clock, Cluster, Clusters, Log, Store } from '../ports/index.ts';

/** Keeps locks. */
export type Locks = {
  /** Something may have changed. */
  look(): void;
  /** Resolves when nothing is being written. */
  idle(): Promise<void>;
  stop(): void;
};

/** ms: several commits at once become one write. */
const settleFor = 500;
/** ms: locks that somebody removed come back after this long. */
const again = 120_000;

type World = {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly clusters: Clusters;
  readonly controlNamespace: string;
};

/** Starts keeping locks. */
export function createLocks(world: World): Locks {
  const kept = new Map<string, { readonly text: string; readonly at: number }>();
  let due: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  const run = async (): Promise<void> => {
    for (const [cluster, apps] of await byCluster(world)) {
      try {
        await keep(world, cluster, apps, kept);
      } catch (thrown) {
        kept.delete(cluster.server);
        const { code, message } = asEngineError(thrown);
        world.log.warn('locks are not kept', { cluster: cluster.server, code, error: message });
        schedule(10 * settleFor);
      }
    }
  };
  function schedule(ms: number): void {
    if (stopped || due !== undefined) return;
    due = world.clock.after(ms, () => {
      due = undefined;
      const work = (running ?? Promise.resolve()).then(run).finally(() => {
        if (running === work) running = undefined;
      });
      running = work;
    });
  }
  const resync = (): void => {
    if (stopped) return;
    schedule(settleFor);
    world.clock.after(again, resync);
  };
  world.store.onChange(() => schedule(settleFor));
  resync();
  return {
    look: () => schedule(settleFor),
    idle: async () => running,
    stop() {
      stopped = true;
      due?.();
    },
  };
}

async function byCluster({ store, clusters }: World): Promise<ReadonlyMap<Cluster, readonly Application[]>> {
  const found = new Map<Cluster, Application[]>();
  for (const app of store.applications()) {
    // An application whose cluster is not known has nothing to lock.
    const cluster = await clusters.get(app.destination, app.project).catch(() => undefined);
    if (cluster !== undefined) found.set(cluster, [...(found.get(cluster) ?? []), app]);
  }
  return found;
}

async function keep(
  world: World,
  cluster: Cluster,
  apps: readonly Application[],
  kept: Map<string, { readonly text: string; readonly at: number }>,
): Promise<void> {
  const locked: Locked[] = [];
  for (const app of apps) {
    const project = world.store.project(app.project);
    const one = project === undefined ? undefined : lockedBy(app, project);
    if (one !== undefined) locked.push(one);
  }
  const settings = world.store.settings();
  const installation = installationOf(world, settings);
  const engine = locked.length === 0 ? [] : await namesOf(world, cluster, apps, settings);
  const objects = lockObjects({ installation, tracking: settings, engine }, locked);
  const text = JSON.stringify(objects);
  const before = kept.get(cluster.server);
  const now = world.clock.now();
  if (before?.text === text && (locked.length === 0 || now - before.at < again * 0.9)) return;
  for (const object of objects) await cluster.apply(manifestOf(object), options);
  await removeOthers(cluster, installation, objects);
  kept.set(cluster.server, { text, at: now });
  if (before?.text !== text) world.log.info('locks', { cluster: cluster.server, applications: locked.length });
}

const options = { how: 'server-side', dryRun: false, validate: true, migrateManagers: false } as const;

/** Every object that locks may consist of; what is bound goes before what it is bound to. */
function parts(installation: string): readonly ObjectRef[] {
  const name = lockName(installation);
  const admission = { group: 'admissionregistration.k8s.io', version: 'v1', namespace: '' };
  const binding = (mode: string) => ({
    ...admission,
    kind: 'ValidatingAdmissionPolicyBinding',
    name: `${name}-${mode}`,
  });
  const parameters = (mode: string) => {
    return { group: '', version: 'v1', kind: 'ConfigMap', namespace: lockNamespace, name: `${name}-${mode}` };
  };
  return [
    binding('deny'),
    binding('warn'),
    { ...admission, kind: 'ValidatingAdmissionPolicy', name },
    parameters('deny'),
    parameters('warn'),
  ];
}

async function removeOthers(cluster: Cluster, installation: string, objects: readonly KubeObject[]): Promise<void> {
  const [policy] = parts(installation).filter((ref) => ref.kind === 'ValidatingAdmissionPolicy');
  // Without a policy nothing is locked, and its removal is the last that matters.
  if (objects.length === 0 && policy !== undefined && (await cluster.read(policy)) === undefined) return;
  const wanted = new Set(objects.map((object) => describe(refOf(object))));
  for (const ref of parts(installation)) if (!wanted.has(describe(ref))) await removeIfThere(cluster, ref);
}

async function removeIfThere(cluster: Cluster, ref: ObjectRef): Promise<void> {
  if ((await cluster.read(ref)) === undefined) return;
  await cluster.delete(ref, { propagation: 'background' });
}

function installationOf({ controlNamespace }: World, { installationId }: Settings): string {
  const id = installationId.toLowerCase().replace(/[^a-z0-9-]/g, '-');
  return id === '' ? controlNamespace : `${controlNamespace}-${id}`;
}

// The engine's own name, as the cluster knows it, and those in whose name it writes.
async function namesOf(
  world: World,
  cluster: Cluster,
  apps: readonly Application[],
  settings: Settings,
): Promise<readonly string[]> {
  const own = (await cluster.whoAmI?.()) ?? '';
  // A lock that does not know us would lock us out.
  if (own === '') throw new EngineError('internal', `locks: the cluster does not say who we are: ${cluster.server}`);
  const accounts = settings.impersonation ? apps.map((app) => accountOf(world, cluster, app)) : [];
  return [...new Set([own, ...accounts].filter((name) => name !== undefined))].sort();
}

function accountOf(world: World, cluster: Cluster, app: Application): string | undefined {
  const project = world.store.project(app.project);
  return project === undefined ? undefined : accountFor(project, cluster.server, app.destination.namespace);
}

function manifestOf(object: KubeObject): Manifest {
  const body = JSON.stringify(object);
  return { ref: refOf(object), digest: `lock|${body}`, body, steering: {}, origin: '', source: 0 };
}
