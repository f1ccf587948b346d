// One simulated life of an engine: a seed decides what people, networks and crashes do to it; rules say what must hold.
import { type Loop, startLoop } from '../../src/engine/index.ts';
import { assess } from '../../src/health/index.ts';
import {
  type Alert,
  annotationsOf,
  type CommitRecord,
  EngineError,
  type KubeObject,
  numberAt,
  objectAt,
  stringAt,
} from '../../src/model/index.ts';
import type { Log } from '../../src/ports/index.ts';
import { createFakeWorld, type FakeWorld } from '../doubles/fake-cluster.ts';
import { type Commit, createFakeGit, type FakeGit } from '../doubles/fake-git.ts';
import { createFakeStore, type FakeStore } from '../doubles/fake-store.ts';
import { createVirtualClock, seeded, type VirtualClock } from '../doubles/virtual-clock.ts';
import { bystanders, edited, namespaceObject, objectFor, randomTrees } from './scenery.ts';

/** Applications: three that converge by themselves, and one that nobody may touch. */
export const applications = ['a', 'b', 'c'] as const;
export const frozen = 'frozen';

const start = Date.parse('2026-01-01T00:00:00Z');
const tracking = 'argocd.argoproj.io/tracking-id';

/** A running simulation. */
export type Simulation = {
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly random: ReturnType<typeof seeded>;
  readonly world: FakeWorld;
  readonly git: FakeGit;
  /** What went wrong so far. */
  readonly faults: string[];
  /** Everything that was logged, as text. */
  readonly logged: string[];
  store: FakeStore;
  loop: Loop;
  commits: Commit[];
  /** Alerts that somebody heard, in order. */
  readonly heard: Alert[];
  /** Records that are kept beyond the status, by application and first sight: how they ended. */
  readonly kept: Map<string, string>;
  /** Objects that a person deleted, until the cluster has told of it. */
  readonly removed: Set<string>;
};

/** Makes the world of a seed and starts an engine in it. */
export async function begin(seed: number): Promise<Simulation> {
  const clock = createVirtualClock(start);
  const random = seeded(seed);
  const world = createFakeWorld({ clock, random, assess, latency: () => 1 + random.int(20) });
  const git = createFakeGit(() => clock.now());
  const store = createFakeStore({ schedule: (run) => void clock.after(random.int(50), run), now: () => clock.now() });
  world.own.put(namespaceObject, 'person');
  for (const object of bystanders) world.own.put(object, 'person');
  world.own.reject((object) =>
    annotationsOf(object)['sim/refuse'] === undefined ? undefined : 'refused by admission',
  );
  const sim: Omit<Simulation, 'loop'> & { loop: Loop | undefined } = {
    seed,
    clock,
    random,
    world,
    git,
    faults: [],
    logged: [],
    store,
    loop: undefined,
    commits: [],
    heard: [],
    kept: new Map(),
    removed: new Set(),
  };
  for (const name of [...applications, frozen]) store.put(applicationResource(name));
  playControllers(sim as Simulation);
  watchForCrimes(sim as Simulation);
  commit(sim as Simulation, randomTrees(random, applications));
  await startEngine(sim as Simulation);
  return sim as Simulation;
}

function applicationResource(name: string): KubeObject {
  const annotations = name === frozen ? { 'argocd.argoproj.io/skip-reconcile': 'true' } : {};
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd', annotations, finalizers: ['resources-finalizer.argocd.argoproj.io'] },
    spec: {
      project: 'default',
      source: { repoURL: 'https://git.example/repo', path: name, targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'sim' },
      syncPolicy: { automated: { prune: true, selfHeal: true, allowEmpty: true } },
    },
  };
}

/** Starts an engine on what the last one left. */
export async function startEngine(sim: Simulation): Promise<void> {
  const write =
    (level: string) =>
    (message: string, fields?: object): void =>
      void sim.logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  await sim.store.start();
  sim.loop = startLoop(
    {
      clock: sim.clock,
      random: sim.random,
      log,
      metrics: { count: () => undefined, observe: () => undefined },
      sources: sim.git.sources,
      renderer: sim.git.renderer,
      clusters: sim.world.clusters(),
      store: sim.store,
      notifier: {
        listens: () => true,
        listeners: () => ['ops', 'chat'],
        deliver: (alert, _, listener) => deliver(sim, alert, listener),
        stop: () => Promise.resolve(),
      },
      archive: { keep: (record) => keep(sim, record), moved: () => undefined, stop: () => Promise.resolve() },
      zones: () => ({ minute: 0, hour: 0, dom: 1, month: 1, dow: 0 }),
      controlNamespace: 'argocd',
    },
    { workers: 4, resync: 600_000 },
  );
}

// Whoever listens is away now and then; one of them most of the time.
async function deliver(sim: Simulation, alert: Alert, listener: string): Promise<void> {
  const away = listener === 'ops' ? 0.2 : 0.6;
  await sim.clock.sleep(sim.random.int(500));
  if (sim.random.chance(away)) throw new EngineError('forge-unreachable', 'nobody answers', { retry: 'backoff' });
  if (listener === 'ops') sim.heard.push(alert);
}

async function keep(sim: Simulation, record: CommitRecord): Promise<void> {
  await sim.clock.sleep(sim.random.int(2_000));
  if (sim.random.chance(0.2)) throw new EngineError('forge-unreachable', 'nobody keeps it', { retry: 'backoff' });
  if (record.outcome === 'open') sim.faults.push('kept a record that has not ended');
  sim.kept.set(`${record.application} ${record.stages.seen}`, `${record.outcome} ${record.endedAt}`);
}

/** The engine dies between any two awaits, and another one starts. Reports that were not written are lost. */
export async function crash(sim: Simulation): Promise<void> {
  // What the dead engine still has in flight may arrive, as it may in life; it hears and starts nothing more.
  void sim.loop.stop();
  sim.store = sim.store.crash();
  await startEngine(sim);
}

/** Moves the branch. */
export function commit(sim: Simulation, trees: Commit['trees']): void {
  sim.commits.push(sim.git.commit(trees));
}

// The controllers of the cluster: a Deployment becomes available some time after it was written.
function playControllers(sim: Simulation): void {
  sim.world.own.onChange((type, object) => {
    if (object.kind !== 'Deployment' || type === 'DELETED') return;
    const generation = numberAt(object.metadata, 'generation') ?? 1;
    if (numberAt(objectAt(object, 'status'), 'observedGeneration') === generation) return;
    const ref = { group: 'apps', kind: 'Deployment', namespace: 'sim', name: stringAt(object.metadata, 'name') ?? '' };
    sim.clock.after(200 + sim.random.int(3_000), () => {
      const now = sim.world.own.get(ref);
      if (now === undefined || numberAt(now.metadata, 'generation') !== generation) return;
      const replicas = numberAt(objectAt(now, 'spec'), 'replicas') ?? 1;
      sim.world.own.setStatus(ref, {
        observedGeneration: generation,
        replicas,
        updatedReplicas: replicas,
        readyReplicas: replicas,
        availableReplicas: replicas,
        conditions: [{ type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' }],
      });
    });
  });
}

// Safety: what may never happen, whatever else does.
function watchForCrimes(sim: Simulation): void {
  sim.world.own.onChange((type, object) => {
    const name = `${object.kind}/${stringAt(object.metadata, 'name')}`;
    const owner = (annotationsOf(object)[tracking] ?? '').split(':')[0] ?? '';
    if (type === 'DELETED' && sim.removed.delete(name)) return;
    if (name.startsWith('ConfigMap/bystander')) sim.faults.push(`touched ${name}, which is nobody's`);
    if (type === 'DELETED' && alwaysWanted(sim, name)) sim.faults.push(`deleted ${name}, which every commit has`);
    if (type === 'DELETED' && !applications.includes(owner as 'a')) sim.faults.push(`deleted ${name} of "${owner}"`);
    if (owner === frozen) sim.faults.push(`wrote ${name} of an application that is not to be touched`);
    if (type === 'ADDED') checkWave(sim, object, owner);
  });
}

// An object that moves between applications is wanted all the time: it must live through the move.
function alwaysWanted(sim: Simulation, name: string): boolean {
  return sim.commits.every(({ trees }) =>
    [...trees.values()].flat().some((object) => `${object.kind}/${stringAt(object.metadata, 'name')}` === name),
  );
}

// A wave never begins while an object of the one before is still on its way.
function checkWave(sim: Simulation, object: KubeObject, owner: string): void {
  const wave = waveOf(object);
  if (wave === 0 || owner === '') return;
  for (const lower of sim.world.own.list('apps', 'Deployment')) {
    if ((annotationsOf(lower)[tracking] ?? '').split(':')[0] !== owner || waveOf(lower) >= wave) continue;
    // What the application wants no more has no wave: another one takes it over, or it is pruned.
    if (!wants(sim, owner, lower)) continue;
    const behind = numberAt(objectAt(lower, 'status'), 'observedGeneration') !== numberAt(lower.metadata, 'generation');
    const since = Date.parse(stringAt(lower.metadata, 'creationTimestamp') ?? '');
    const managed = objectAt(lower, 'metadata').managedFields;
    const times = Array.isArray(managed) ? managed.map((entry) => Date.parse(stringAt(entry, 'time') ?? '')) : [];
    const quiet = sim.clock.now() - Math.max(since, ...times.filter(Number.isFinite));
    // A change of the last moments may have crossed the write on its way.
    if (behind && quiet > 1_500) {
      sim.faults.push(
        `created ${stringAt(object.metadata, 'name')} of wave ${wave} before ${stringAt(lower.metadata, 'name')} was healthy`,
      );
    }
  }
}

function wants(sim: Simulation, owner: string, object: KubeObject): boolean {
  const wanted = sim.git.head().trees.get(owner) ?? [];
  return wanted.some(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name);
}

function waveOf(object: KubeObject): number {
  return Number(annotationsOf(object)['argocd.argoproj.io/sync-wave'] ?? 0);
}

/** Something happens. */
export async function step(sim: Simulation): Promise<void> {
  const { random, world, git } = sim;
  const move = random.int(16);
  const live = [...world.own.list('', 'ConfigMap'), ...world.own.list('apps', 'Deployment')].filter((object) =>
    applications.includes((annotationsOf(object)[tracking] ?? '').split(':')[0] as 'a'),
  );
  if (move < 5) commit(sim, randomTrees(random, applications, git.head().trees));
  else if (move === 5) git.reset(random.pick(sim.commits));
  else if (move === 6 && live.length > 0) {
    const target = random.pick(live);
    world.own.edit(refTo(target), (object) => edited(object, random), 'kubectl-edit');
  } else if (move === 7 && live.length > 0) removeAsPerson(sim, random.pick(live));
  else if (move === 8) breakRequests(sim);
  else if (move === 9) world.own.breakWatches();
  else if (move === 10) world.own.compact();
  else if (move === 11) await crash(sim);
  else if (move === 12) git.outage = !git.outage;
  else if (move === 13) outOfReach(sim);
  else if (move === 14) sim.store.patch(`argocd/${random.pick([...applications])}`, refresh);
  if (move < 6 && random.chance(0.8)) git.announce();
}

function removeAsPerson(sim: Simulation, object: KubeObject): void {
  sim.removed.add(`${object.kind}/${stringAt(object.metadata, 'name')}`);
  sim.world.own.remove(refTo(object));
}

const refresh = { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } };

function refTo(object: KubeObject): { group: string; kind: string; namespace: string; name: string } {
  const group = object.kind === 'Deployment' ? 'apps' : '';
  return { group, kind: object.kind, namespace: 'sim', name: stringAt(object.metadata, 'name') ?? '' };
}

function breakRequests(sim: Simulation): void {
  const { random, world, clock } = sim;
  const odds = random.next() * 0.5;
  world.own.fault = () => {
    if (!random.chance(odds)) return undefined;
    const kind = random.int(6);
    if (kind === 0) return { kind: 'lost-before' };
    if (kind === 1) return { kind: 'lost-after' };
    if (kind === 2) return { kind: 'delay', ms: random.int(5_000) };
    return { kind: 'status', status: random.pick([409, 429, 500, 503]) };
  };
  clock.after(5_000 + random.int(20_000), () => {
    world.own.fault = () => undefined;
  });
}

function outOfReach(sim: Simulation): void {
  sim.world.own.unreachable = true;
  sim.clock.after(sim.random.int(20_000), () => {
    sim.world.own.unreachable = false;
  });
}

/** Faults stop, the last commit is good, everybody is told. */
export function calm(sim: Simulation): void {
  sim.git.outage = false;
  sim.world.own.fault = () => undefined;
  sim.world.own.unreachable = false;
  const trees = new Map(
    [...sim.git.head().trees].map(([path, objects]) => [path, objects.filter(isAccepted)] as const),
  );
  commit(sim, trees);
  sim.git.announce();
}

function isAccepted(object: KubeObject): boolean {
  return annotationsOf(object)['sim/refuse'] === undefined;
}

/** What is still not as Git has it; empty when everything has converged. */
export function differences(sim: Simulation): readonly string[] {
  const found: string[] = [];
  const head = sim.git.head();
  for (const name of applications) {
    const report = sim.store.application(`argocd/${name}`)?.report;
    if (report?.sync.status !== 'Synced') found.push(`${name} is ${report?.sync.status}`);
    if (report?.health.status !== 'Healthy') found.push(`${name} is ${report?.health.status}`);
    if (report?.sync.revisions[0] !== head.revision) found.push(`${name} is at another revision`);
    const record = report?.verdict?.record;
    if (record?.outcome !== 'converged') found.push(`${name} has the verdict ${record?.outcome}`);
    if (sim.kept.get(`argocd/${name} ${record?.stages.seen}`) !== `${record?.outcome} ${record?.endedAt}`) {
      found.push(`the record of ${name} is not kept`);
    }
    if ((report?.verdict?.ended?.length ?? 0) > 0) found.push(`${name} has records that nobody keeps`);
    if ((report?.verdict?.outbox.length ?? 0) > 0) found.push(`${name} has alerts that nobody heard`);
    const heard = sim.heard.filter((alert) => alert.record.application === `argocd/${name}`);
    if (heard.findLast((alert) => alert.kind === 'converged')?.record.digest !== record?.digest) {
      found.push(`nobody heard that ${name} has converged`);
    }
    for (const object of head.trees.get(name) ?? []) {
      const live = sim.world.own.get(refTo(object));
      const wanted = objectFor(object);
      if (live === undefined || objectFor(live) !== wanted)
        found.push(`${object.kind} ${stringAt(object.metadata, 'name')} differs`);
    }
  }
  const wanted = new Set(
    [...head.trees.values()].flat().map((object) => `${object.kind}/${stringAt(object.metadata, 'name')}`),
  );
  for (const live of [...sim.world.own.list('', 'ConfigMap'), ...sim.world.own.list('apps', 'Deployment')]) {
    const name = `${live.kind}/${stringAt(live.metadata, 'name')}`;
    const owner = (annotationsOf(live)[tracking] ?? '').split(':')[0] ?? '';
    if (applications.includes(owner as 'a') && !wanted.has(name)) found.push(`${name} was not pruned`);
  }
  return found;
}
