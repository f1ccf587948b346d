// What the cluster room promises when the network and the server misbehave, in virtual time over the apiserver in memory.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError, idOf, type KubeObject, type Manifest, refOf, sameJson, stringAt } from '../../src/model/index.ts';
import type { ApplyOptions, Cluster, Clusters, LiveEvent } from '../../src/ports/index.ts';
import { createFakeWorld, type FakeCluster, type FakeWorld, type Fault, type Seen } from '../doubles/fake-cluster.ts';
import { createVirtualClock, seeded, type VirtualClock } from '../doubles/virtual-clock.ts';
import { manifestOf } from './cluster-scene.ts';

const serverSide: ApplyOptions = { how: 'server-side', dryRun: false, validate: true, migrateManagers: true };
const start = Date.parse('2026-01-01T00:00:00Z');

type Stage = {
  readonly clock: VirtualClock;
  readonly random: ReturnType<typeof seeded>;
  readonly world: FakeWorld;
  readonly own: FakeCluster;
  readonly clusters: Clusters;
  readonly cluster: Cluster;
  readonly events: LiveEvent[];
  /** Runs virtual time for `ms`. */
  pass(ms: number): Promise<void>;
  /** Runs virtual time until the promise is settled, and answers as it does. */
  wait<T>(promise: Promise<T>): Promise<T>;
};

async function stage(seed = 1): Promise<Stage> {
  const clock = createVirtualClock(start);
  const random = seeded(seed);
  const assess = (object: KubeObject) =>
    object.kind === 'Pod'
      ? ({ status: stringAt(object, 'status', 'phase') === 'Failed' ? 'Degraded' : 'Healthy' } as const)
      : undefined;
  const world = createFakeWorld({ clock, random, assess, latency: () => 1 + random.next() * 4 });
  const clusters = world.clusters();
  const events: LiveEvent[] = [];
  clusters.onEvent((event) => events.push(event));
  const cluster = await clusters.get({ name: 'in-cluster', namespace: '' }, 'default');
  return {
    clock,
    random,
    world,
    own: world.own,
    clusters,
    cluster,
    events,
    pass: (ms) => clock.run(clock.now() + ms),
    async wait(promise) {
      let settled = false;
      const done = (): void => {
        settled = true;
      };
      promise.then(done, done);
      await clock.run(clock.now() + 600_000, () => settled);
      assert.ok(settled, 'it never came to an end');
      return promise;
    },
  };
}

function config(name: string, data: Record<string, string>, app = 'app'): KubeObject {
  const annotations = { 'argocd.argoproj.io/tracking-id': `${app}:/ConfigMap:default/${name}` };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', annotations }, data };
}

async function see(scene: Stage, ...objects: readonly KubeObject[]) {
  return (await scene.wait(scene.cluster.observe({ tracking: 'app', refs: objects.map(refOf) }))).objects;
}

function apply(scene: Stage, object: KubeObject) {
  return scene.wait(scene.cluster.apply(manifestOf(object), serverSide));
}

test('what happened while a watch was away is noticed, and nothing else', async () => {
  const scene = await stage();
  const [kept, changed, removed] = [config('kept', {}), config('changed', { a: '1' }), config('removed', {})];
  await see(scene, kept, changed, removed);
  for (const object of [kept, changed, removed]) await apply(scene, object);
  for (const lose of [() => scene.own.breakWatches(), () => scene.own.compact()]) {
    scene.events.length = 0;
    scene.own.unreachable = true;
    await scene.pass(500);
    scene.own.edit(refOf(changed), (object) => ({ ...object, data: { a: '2' } }));
    scene.own.remove(refOf(removed));
    lose();
    scene.own.unreachable = false;
    await scene.pass(30_000);
    assert.deepEqual(scene.events.map(({ what, id }) => `${what} ${id}`).sort(), [
      'drift /ConfigMap/default/changed',
      'gone /ConfigMap/default/removed',
    ]);
    assert.notEqual((await see(scene, kept)).get(idOf(refOf(kept)))?.matches, undefined);
    for (const object of [changed, removed]) await apply(scene, object);
  }
  await scene.clusters.stop();
});

test('an answer that comes after its echo is still the first to be believed', async () => {
  const scene = await stage();
  const object = config('late', { a: '1' });
  await see(scene, object);
  scene.own.fault = ({ method }) => (method === 'PATCH' ? { kind: 'late', ms: 50 } : undefined);
  await apply(scene, object);
  const second = scene.cluster.apply(manifestOf(config('late', { a: '2' })), serverSide);
  await scene.pass(30);
  // Somebody writes between our write and its answer.
  scene.own.edit(refOf(object), (live) => ({ ...live, data: { a: '3' } }));
  await scene.wait(second);
  await scene.pass(100);
  assert.deepEqual(
    scene.events.map((event) => event.what),
    ['drift'],
  );
  await scene.clusters.stop();
});

const passing: readonly { readonly reason: string; readonly fault: Fault }[] = [
  { reason: 'the server asks to slow down', fault: { kind: 'status', status: 429, retryAfter: 1000 } },
  { reason: 'the server is starting', fault: { kind: 'status', status: 503 } },
  { reason: 'etcd has no leader for a moment', fault: { kind: 'status', status: 500 } },
  { reason: 'the connection broke on the way there', fault: { kind: 'lost-before' } },
  { reason: 'the connection broke on the way back', fault: { kind: 'lost-after' } },
];

for (const { reason, fault } of passing) {
  test(`a write outlasts it: ${reason}`, async () => {
    const scene = await stage();
    const object = config('fault', { a: '1' });
    await see(scene, object);
    let left = 2;
    scene.own.fault = ({ method }) => (method === 'PATCH' && left-- > 0 ? fault : undefined);
    await apply(scene, object);
    await scene.pass(1000);
    assert.deepEqual(scene.events, []);
    assert.equal((await see(scene, object)).get(idOf(refOf(object)))?.matches, manifestOf(object).digest);
    await scene.clusters.stop();
  });
}

test('what does not pass is an error with a code, and waits are bounded', async () => {
  const scene = await stage();
  const object = config('fault', { a: '1' });
  await see(scene, object);
  const cases = [
    ['throttled', { kind: 'status', status: 429, retryAfter: 60_000 }],
    ['cluster-unreachable', { kind: 'status', status: 503 }],
    ['cluster-unreachable', { kind: 'lost-before' }],
    ['cluster-denied', { kind: 'status', status: 401 }],
  ] as const;
  for (const [code, fault] of cases) {
    scene.own.fault = ({ method }) => (method === 'PATCH' ? fault : undefined);
    const begin = scene.clock.now();
    await assert.rejects(apply(scene, object), (error) => error instanceof EngineError && error.code === code);
    assert.ok(scene.clock.now() - begin < 20_000, code);
  }
  await scene.clusters.stop();
});

test('a cluster that goes away is told, answers from memory, and comes back by itself', async () => {
  const scene = await stage();
  const object = config('away', { a: '1' });
  await see(scene, object);
  await apply(scene, object);
  scene.own.unreachable = true;
  await scene.pass(5_000);
  const state = () => scene.clusters.list()[0];
  assert.equal(state()?.connected, false);
  assert.equal((await see(scene, object)).size, 1);
  await assert.rejects(apply(scene, config('away', { a: '2' })));
  scene.own.unreachable = false;
  await scene.pass(15_000);
  assert.deepEqual([state()?.connected, state()?.message], [true, '']);
  await scene.clusters.stop();
});

test('after a restart a thousand objects that match need no request each', async () => {
  const scene = await stage();
  const objects = Array.from({ length: 1000 }, (_, i) => config(`many-${i}`, { a: `${i}` }));
  await see(scene, ...objects);
  await scene.wait(Promise.all(objects.map((object) => scene.cluster.apply(manifestOf(object), serverSide))));
  await scene.clusters.stop();
  const before = scene.own.requests.all;
  const clusters = scene.world.clusters();
  const cluster = await clusters.get({ name: 'in-cluster', namespace: '' }, 'default');
  await scene.wait(cluster.observe({ tracking: 'app', refs: objects.map(refOf) }));
  for (const object of objects) assert.equal((await cluster.predict(manifestOf(object), serverSide)).kind, 'same');
  assert.ok(scene.own.requests.all - before < 10);
  await clusters.stop();
});

test('an object that does not match is asked about once, until it changes', async () => {
  const scene = await stage();
  const [was, wanted] = [config('asked', { a: '1' }), config('asked', { a: '2' })];
  await see(scene, was);
  await apply(scene, was);
  const predict = () => scene.wait(scene.cluster.predict(manifestOf(wanted), serverSide));
  scene.own.edit(refOf(was), (object) => ({ ...object, data: { a: '3' } }));
  await scene.pass(50);
  const first = await predict();
  const before = scene.own.requests.all;
  assert.deepEqual(await predict(), first);
  assert.equal(scene.own.requests.all, before);
  scene.own.edit(refOf(was), (object) => ({ ...object, data: { a: '4' } }));
  await scene.pass(50);
  assert.notDeepEqual(await predict(), first);
  await scene.clusters.stop();
});

const seeds = Number(process.env.PLUMBLINE_SIM_SEEDS ?? 60);

test(`over ${seeds} seeds, what is said to match does match, and everything is known in the end`, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const [first, second] = [await chaos(seed), seed % 20 === 0 ? await chaos(seed) : undefined];
    if (second !== undefined) assert.deepEqual(second, first, `seed ${seed} does not replay`);
  }
});

/** Outside hands and an engine work on the same objects through a bad network; then it is quiet and all is compared. */
async function chaos(seed: number): Promise<readonly string[]> {
  const scene = await stage(seed);
  const { random, own, cluster } = scene;
  const names = ['a', 'b', 'c', 'd'];
  const wanted = new Map<string, Manifest>();
  own.fault = (seen) => badLuck(scene, seen);
  await scene.wait(
    retry(scene, () => cluster.observe({ tracking: 'app', refs: names.map((name) => refOf(config(name, {}))) })),
  );
  const deeds: Promise<unknown>[] = [];
  for (let step = 0; step < 60; step++) {
    const object = config(random.pick(names), { value: `${random.int(3)}` });
    const ref = refOf(object);
    const roll = random.int(10);
    if (roll < 4) {
      const manifest = manifestOf(object);
      wanted.set(idOf(ref), manifest);
      deeds.push(cluster.apply(manifest, serverSide).catch(() => undefined));
    } else if (roll < 6) deeds.push(cluster.predict(manifestOf(object), serverSide).catch(() => undefined));
    else if (roll === 6) own.edit(ref, (live) => ({ ...live, data: { value: `${random.int(3)}`, other: 'x' } }));
    else if (roll === 7) own.remove(ref);
    else if (roll === 8) own.breakWatches();
    else if (random.chance(0.3)) own.compact();
    await scene.pass(random.int(30));
  }
  own.fault = () => undefined;
  await scene.wait(Promise.all(deeds));
  await scene.pass(60_000);
  const log: string[] = scene.events.map(({ what, id }) => `${what} ${id}`);
  const objects = await see(scene, ...names.map((name) => config(name, {})));
  for (const name of names) {
    const ref = refOf(config(name, {}));
    const [live, truth] = [objects.get(idOf(ref)), own.get(ref)];
    assert.equal(live?.uid, truth?.metadata.uid, `seed ${seed}: ${name} is not known as it is`);
    assert.equal(live?.resourceVersion, truth?.metadata.resourceVersion, `seed ${seed}: ${name} is not known as it is`);
    log.push(`${name} ${live?.matches ?? 'differs'}`);
    if (live?.matches !== undefined) checkMatch(seed, live.matches, truth, scene);
  }
  await scene.clusters.stop();
  return log;
}

function checkMatch(seed: number, digest: string, truth: KubeObject | undefined, { own }: Stage): void {
  const values = ['0', '1', '2'].map((value) => config(stringAt(truth?.metadata ?? {}, 'name') ?? '', { value }));
  const wanted = values.find((object) => manifestOf(object).digest === digest);
  assert.ok(truth !== undefined && wanted !== undefined);
  assert.equal(stringAt(truth, 'data', 'value'), stringAt(wanted, 'data', 'value'), `seed ${seed}: it does not match`);
  const route = `/api/v1/namespaces/default/configmaps/${refOf(wanted).name}`;
  const answer = own.apiserver.answer({
    method: 'PATCH',
    path: `${route}?fieldManager=plumbline&force=true&dryRun=All`,
    headers: { 'content-type': 'application/apply-patch+yaml' },
    body: JSON.stringify(wanted),
    timeout: 0,
  });
  assert.ok(sameJson(JSON.parse(answer.text), truth), `seed ${seed}: an apply would change it`);
}

function badLuck({ random }: Stage, { method }: Seen): Fault | undefined {
  if (random.chance(0.7)) return undefined;
  const faults: readonly Fault[] = [
    { kind: 'delay', ms: random.int(200) },
    { kind: 'late', ms: random.int(200) },
    { kind: 'lost-before' },
    { kind: 'status', status: 503 },
    { kind: 'status', status: 429 },
    ...(method === 'GET' ? [] : [{ kind: 'lost-after' } as const, { kind: 'status', status: 409 } as const]),
  ];
  return random.pick(faults);
}

async function retry<T>(scene: Stage, run: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch {
      await scene.clock.sleep(100);
    }
  }
}
