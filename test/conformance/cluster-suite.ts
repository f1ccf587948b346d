// What every implementation of the cluster ports promises, told by an outside hand that changes things and an engine's
// eye that looks. It runs over the apiserver in memory and over a real one.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  canonical,
  defaultSettings,
  EngineError,
  idOf,
  type JsonObject,
  type KubeObject,
  type LiveObject,
  type Manifest,
  type ObjectRef,
  objectAt,
  type Prediction,
  refOf,
  stringAt,
} from '../../src/model/index.ts';
import type { ApplyOptions, Cluster, ClusterCredential, Clusters, LiveEvent } from '../../src/ports/index.ts';

/** A cluster with an outside hand. */
export type ClusterWorld = {
  /** A namespace that only this suite uses. */
  readonly namespace: string;
  /** Clusters as a new process opens them. */
  open(): Clusters;
  /** A credential for the same cluster under another address, and for one that does not answer. */
  credential(more: Partial<ClusterCredential>): void;
  put(object: KubeObject, manager: string): Promise<void>;
  /** A JSON merge patch as another field manager. */
  patch(ref: ObjectRef, patch: JsonObject, manager: string): Promise<void>;
  setStatus(ref: ObjectRef, status: JsonObject): Promise<void>;
  remove(ref: ObjectRef): Promise<void>;
  get(ref: ObjectRef): Promise<KubeObject | undefined>;
  close(): Promise<void>;
};

const patience = 10_000;
const serverSide: ApplyOptions = { how: 'server-side', dryRun: false, validate: true, migrateManagers: true };

export function manifestOf(object: KubeObject): Manifest {
  const digest = createHash('sha256').update(canonical(object)).digest('hex');
  return { ref: refOf(object), digest, body: JSON.stringify(object), steering: {}, origin: '', source: 0 };
}

/** Everything that one test needs to say what it means in a line. */
class Scene {
  readonly world: ClusterWorld;
  readonly clusters: Clusters;
  readonly events: LiveEvent[] = [];
  readonly app: string;
  #waiting: (() => void)[] = [];

  constructor(world: ClusterWorld, app: string) {
    this.world = world;
    this.app = app;
    this.clusters = world.open();
    this.clusters.onEvent((event) => {
      this.events.push(event);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  get cluster(): Promise<Cluster> {
    return this.clusters.get({ name: 'in-cluster', namespace: '' }, 'default');
  }

  object(kind: string, name: string, more: JsonObject = {}, tracked = true): KubeObject {
    const { namespace } = this.world;
    const [version, group = ''] = (kinds[kind] ?? 'v1').split('/').reverse();
    const tracking = { 'argocd.argoproj.io/tracking-id': `${this.app}:${group}/${kind}:${namespace}/${name}` };
    const { metadata, ...rest } = more;
    return {
      apiVersion: group === '' ? `${version}` : `${group}/${version}`,
      kind,
      ...rest,
      metadata: {
        name,
        namespace,
        ...(tracked ? { annotations: tracking } : {}),
        ...objectAt({ metadata: metadata ?? {} }, 'metadata'),
      },
    };
  }

  config(name: string, data: JsonObject, tracked = true): KubeObject {
    return this.object('ConfigMap', name, { data }, tracked);
  }

  async predict(object: KubeObject, options: Partial<ApplyOptions> = {}): Promise<Prediction> {
    return (await this.cluster).predict(manifestOf(object), { ...serverSide, ...options });
  }

  async apply(object: KubeObject, options: Partial<ApplyOptions> = {}) {
    return (await this.cluster).apply(manifestOf(object), { ...serverSide, ...options });
  }

  async see(...objects: readonly KubeObject[]): Promise<ReadonlyMap<string, LiveObject>> {
    const refs = objects.map(refOf);
    return (await (await this.cluster).observe({ tracking: this.app, refs })).objects;
  }

  async live(object: KubeObject): Promise<LiveObject | undefined> {
    return (await this.see(object)).get(idOf(refOf(object)));
  }

  /** Waits until `condition` holds, looking again after every event. */
  async until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const end = Date.now() + patience;
    while (!(await condition())) {
      if (Date.now() > end) assert.fail(`${what}: never; events: ${JSON.stringify(this.events)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async event(what: LiveEvent['what'], object: KubeObject): Promise<LiveEvent> {
    const id = idOf(refOf(object));
    const find = (): LiveEvent | undefined => this.events.find((event) => event.what === what && event.id === id);
    await this.until(() => find() !== undefined, `${what} of ${id}`);
    return find() as LiveEvent;
  }

  /** Waits until the watch has passed everything up to now: an object made from outside has appeared. */
  async flush(): Promise<void> {
    const marker = this.config(`marker-${this.events.length}-${Math.floor(Math.random() * 1e6)}`, {});
    await this.see(marker);
    await this.world.put(marker, 'marker');
    await this.event('appeared', marker);
    this.events.pop();
  }
}

const kinds: Readonly<Record<string, string>> = { Deployment: 'apps/v1', ReplicaSet: 'apps/v1', Pod: 'v1' };

function deployment(scene: Scene, name: string, image = 'nginx'): KubeObject {
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image, env: [{ name: 'A', value: '1' }] }] },
  };
  return scene.object('Deployment', name, { spec: { replicas: 0, selector: { matchLabels: labels }, template } });
}

/** Runs the suite. */
export function describeCluster(
  name: string,
  open: () => Promise<ClusterWorld>,
  { skip }: { readonly skip: string | false },
): void {
  describe(`cluster: ${name}`, { skip }, () => {
    let world: ClusterWorld;
    let count = 0;
    before(async () => {
      world = await open();
    });
    after(() => world?.close());
    const promise = (title: string, run: (scene: Scene) => Promise<void>): void => {
      test(title, async () => {
        const scene = new Scene(world, `app-${++count}`);
        try {
          await run(scene);
        } finally {
          await scene.clusters.stop();
        }
      });
    };
    for (const part of [writes, drift, adoption, answers, kindsComeAndGo, deletion, otherWays, places]) part(promise);
  });
}

type Tell = (title: string, run: (scene: Scene) => Promise<void>) => void;

function writes(promise: Tell): void {
  promise('what is applied matches at once, and applying it again changes nothing', async (scene) => {
    const object = deployment(scene, 'writes');
    assert.equal(await scene.live(object), undefined);
    assert.equal((await scene.predict(object)).kind, 'create');
    const applied = await scene.apply(object);
    assert.equal(applied.kind, 'created');
    assert.equal(applied.live.matches, manifestOf(object).digest);
    assert.equal((await scene.predict(object)).kind, 'same');
    assert.equal((await scene.apply(object)).kind, 'unchanged');
    assert.deepEqual((await scene.live(object))?.images, ['nginx']);
    const config = scene.config('writes', { a: '1' });
    const first = await scene.apply(config);
    assert.equal((await scene.apply(config)).live.resourceVersion, first.live.resourceVersion);
  });

  promise('the echo of our own write wakes nobody', async (scene) => {
    const object = scene.config('echo', { a: '1' });
    await scene.see(object);
    await scene.apply(object);
    await scene.apply(scene.config('echo', { a: '2' }));
    await scene.flush();
    assert.deepEqual(scene.events, []);
  });

  promise('a dry run writes nothing and is not remembered', async (scene) => {
    const object = scene.config('dry', { a: '1' });
    await scene.see(object);
    assert.equal((await scene.apply(object, { dryRun: true })).kind, 'created');
    assert.equal(await scene.world.get(refOf(object)), undefined);
    assert.equal(await scene.live(object), undefined);
  });

  promise('what a later manifest no longer has is removed', async (scene) => {
    await scene.apply(scene.config('less', { a: '1', b: '2' }));
    const less = scene.config('less', { a: '1' });
    await scene.see(less);
    const prediction = await scene.predict(less);
    assert.deepEqual(prediction, { kind: 'update', fields: [{ ...change(prediction), path: '/data/b', live: '"2"' }] });
    assert.equal((await scene.apply(less)).kind, 'configured');
    assert.deepEqual((await scene.world.get(refOf(less)))?.data, { a: '1' });
  });

  promise('after a restart what matches is known again without a dry run', async (scene) => {
    const object = deployment(scene, 'restart');
    await scene.apply(object);
    const later = new Scene(scene.world, scene.app);
    try {
      const live = await later.live(object);
      assert.equal(live?.matches, undefined);
      assert.equal(live?.drifted, false);
      assert.equal((await later.predict(object)).kind, 'same');
      assert.equal((await later.live(object))?.matches, manifestOf(object).digest);
      assert.equal((await later.predict(deployment(scene, 'restart', 'other'))).kind, 'update');
    } finally {
      await later.clusters.stop();
    }
  });
}

function change(prediction: Prediction): object {
  const [first] = prediction.kind === 'update' ? prediction.fields : [];
  return { ...first };
}

function drift(promise: Tell): void {
  promise('a field of ours that somebody changes is drift, and can be put back', async (scene) => {
    const object = scene.config('drift', { a: '1' });
    await scene.see(object);
    await scene.apply(object);
    await scene.world.patch(refOf(object), { data: { a: '2' } }, 'intruder');
    const event = await scene.event('drift', object);
    assert.deepEqual(event.tracking, [scene.app]);
    const live = await scene.live(object);
    assert.equal(live?.drifted, true);
    assert.equal(live?.matches, undefined);
    const prediction = await scene.predict(object);
    assert.equal(prediction.kind, 'update');
    const [field] = prediction.kind === 'update' ? prediction.fields : [];
    assert.deepEqual([field?.path, field?.live, field?.desired, field?.owner], ['/data/a', '"2"', '"1"', 'intruder']);
    assert.ok(!Number.isNaN(Date.parse(field?.since ?? '')));
    assert.equal((await scene.apply(object)).kind, 'configured');
    assert.equal((await scene.live(object))?.drifted, false);
    await scene.flush();
    assert.equal(scene.events.length, 1);
  });

  promise('a field of ours that somebody removes is drift', async (scene) => {
    const object = scene.config('removed', { a: '1', b: '2' });
    await scene.see(object);
    await scene.apply(object);
    await scene.world.patch(refOf(object), { data: { b: null } }, 'intruder');
    await scene.event('drift', object);
    assert.equal((await scene.predict(object)).kind, 'update');
  });

  promise('what others add to an object of ours is theirs', async (scene) => {
    const object = deployment(scene, 'added');
    await scene.see(object);
    await scene.apply(object);
    const patch = { metadata: { labels: { theirs: 'yes' }, annotations: { theirs: 'yes' } } };
    await scene.world.patch(refOf(object), patch, 'friend');
    await scene.flush();
    assert.deepEqual(
      scene.events.filter((event) => event.what !== 'health'),
      [],
    );
    assert.equal((await scene.live(object))?.matches, manifestOf(object).digest);
    assert.equal((await scene.predict(object)).kind, 'same');
  });

  promise('a change that is taken back matches again', async (scene) => {
    const object = scene.config('back', { a: '1' });
    await scene.see(object);
    await scene.apply(object);
    await scene.world.patch(refOf(object), { data: { a: '2' } }, 'intruder');
    await scene.event('drift', object);
    await scene.world.patch(refOf(object), { data: { a: '1' } }, 'intruder');
    // The value is right, but it is the intruder's: to be taken over again.
    await scene.until(() => scene.events.filter((event) => event.what === 'drift').length === 2, 'a second drift');
    assert.deepEqual(await scene.predict(object), { kind: 'update', fields: [] });
    await scene.apply(object);
    assert.equal((await scene.predict(object)).kind, 'same');
  });

  promise('a change of health wakes the owner, other status does not', async (scene) => {
    const object = scene.object('Pod', 'health', { spec: { containers: [{ name: 'main', image: 'nginx' }] } });
    await scene.see(object);
    await scene.apply(object);
    await scene.world.setStatus(refOf(object), { phase: 'Failed', reason: 'Tested' });
    await scene.event('health', object);
    assert.equal((await scene.live(object))?.health?.status, 'Degraded');
    assert.equal((await scene.live(object))?.matches, manifestOf(object).digest);
  });

  promise('values of Secrets are never shown', async (scene) => {
    const secret = (value: string): KubeObject =>
      scene.object('Secret', 'masked', { type: 'Opaque', data: { key: Buffer.from(value).toString('base64') } });
    await scene.apply(secret('tiger'));
    const prediction = await scene.predict(secret('lion'));
    assert.equal(prediction.kind, 'update');
    const text = JSON.stringify(prediction);
    assert.ok(
      !text.includes(Buffer.from('tiger').toString('base64')) && !text.includes(Buffer.from('lion').toString('base64')),
    );
    assert.ok(text.includes('/data/key'));
  });
}

function adoption(promise: Tell): void {
  promise('an object that was asked for and that somebody else makes appears, and can be adopted', async (scene) => {
    const object = scene.config('foundling', { a: '1' });
    await scene.see(object);
    await scene.world.put(scene.config('foundling', { a: '1', b: '2' }, false), 'somebody');
    const event = await scene.event('appeared', object);
    assert.deepEqual(event.tracking, [scene.app]);
    const live = await scene.live(object);
    assert.equal(live?.tracking, '');
    assert.equal((await scene.predict(object)).kind, 'update');
    assert.equal((await scene.apply(object)).kind, 'configured');
    assert.deepEqual((await scene.world.get(refOf(object)))?.data, { a: '1', b: '2' });
    assert.equal((await scene.live(object))?.matches, manifestOf(object).digest);
  });

  promise('what kubectl applied becomes ours, so that it can be removed later', async (scene) => {
    const object = scene.config('kubectl', { a: '1' });
    await scene.see(object);
    await scene.world.put(scene.config('kubectl', { a: '1', b: '2' }, false), 'kubectl-client-side-apply');
    await scene.event('appeared', object);
    await scene.apply(object);
    const live = await scene.world.get(refOf(object));
    assert.deepEqual(live?.data, { a: '1' });
    assert.equal((await scene.predict(object)).kind, 'same');
    await scene.flush();
    assert.equal(scene.events.length, 1);
  });

  promise('a tracking id that names another object does not count', async (scene) => {
    const original = scene.config('original', {});
    const copy = { ...original, metadata: { ...original.metadata, name: 'copy' } };
    await scene.see(original);
    await scene.world.put(copy, 'somebody');
    await scene.flush();
    assert.equal((await scene.see(original)).has(idOf(refOf(copy))), false);
    const seen = (await scene.see(copy)).get(idOf(refOf(copy)));
    assert.equal(seen?.tracking, stringAt(original.metadata, 'annotations', 'argocd.argoproj.io/tracking-id'));
  });

  promise('what is tracked is seen although nobody names it', async (scene) => {
    const [kept, forgotten] = [scene.config('kept', {}), scene.config('forgotten', {})];
    await scene.apply(kept);
    await scene.apply(forgotten);
    const objects = await scene.see(kept);
    assert.ok(objects.has(idOf(refOf(forgotten))));
  });

  promise('objects can be tracked by label', async (scene) => {
    const labelled = { ...scene.config('labelled', {}, false) };
    const object = {
      ...labelled,
      metadata: { ...labelled.metadata, labels: { 'app.kubernetes.io/instance': scene.app } },
    };
    await scene.world.put(object, 'somebody');
    const other = scene.config('unlabelled', {});
    assert.equal((await scene.see(other)).size, 0);
    scene.clusters.configure({ ...defaultSettings, trackingMethod: 'label' });
    const seen = (await scene.see(other)).get(idOf(refOf(object)));
    assert.equal(seen?.tracking, scene.app);
  });
}

function answers(promise: Tell): void {
  promise('what the server rejects says why, on one line', async (scene) => {
    const bad = { ...scene.config('bad', {}), dta: { a: '1' } };
    const prediction = await scene.predict(bad);
    assert.equal(prediction.kind, 'rejected');
    assert.ok(
      prediction.kind === 'rejected' && prediction.message.includes('dta') && !prediction.message.includes('\n'),
    );
    await assert.rejects(scene.apply(bad), code('object-rejected'));
  });

  promise('a name that leads elsewhere is no name', async (scene) => {
    for (const name of ['..', '.', 'a/../b', 'x/status', 'a%2fb']) {
      const object = scene.config('plain', {});
      const named = { ...object, metadata: { ...object.metadata, name } };
      const spaced = { ...object, metadata: { ...object.metadata, namespace: name } };
      await assert.rejects(scene.predict(named), code('object-rejected'));
      await assert.rejects(scene.apply(spaced), code('object-rejected'));
      await assert.rejects((await scene.cluster).read(refOf(named)), code('object-rejected'));
    }
  });

  promise('a missing namespace and an unknown kind are told apart', async (scene) => {
    const elsewhere = scene.config('elsewhere', {});
    const away = { ...elsewhere, metadata: { ...elsewhere.metadata, namespace: 'there-is-no-such-namespace' } };
    assert.deepEqual(await scene.predict(away), { kind: 'no-namespace' });
    const strange = { ...elsewhere, apiVersion: 'strange.example.com/v1', kind: 'Strange' };
    assert.deepEqual(await scene.predict(strange), { kind: 'unknown-kind' });
    await assert.rejects(scene.apply(strange), code('kind-unknown'));
    const seen = await (await scene.cluster).observe({ tracking: scene.app, refs: [refOf(strange), refOf(elsewhere)] });
    assert.deepEqual(seen.unknownKinds, ['strange.example.com/Strange']);
  });

  promise('whole objects, versions and kinds can be asked for', async (scene) => {
    const object = scene.config('whole', { a: '1' });
    await scene.apply(object);
    const cluster = await scene.cluster;
    assert.deepEqual((await cluster.read(refOf(object)))?.data, { a: '1' });
    assert.equal(await cluster.read({ ...refOf(object), name: 'nothing' }), undefined);
    const { kubeVersion, apiVersions } = await cluster.version();
    assert.match(kubeVersion, /^v1\.\d+/);
    assert.ok(
      apiVersions.includes('apps/v1') && apiVersions.includes('apps/v1/Deployment') && apiVersions.includes('v1'),
    );
    const kind = await cluster.kind('apps', 'Deployment');
    assert.deepEqual([kind?.plural, kind?.namespaced, kind?.version], ['deployments', true, 'v1']);
    assert.equal(await cluster.kind('apps', 'Deployment', 'v1beta1'), undefined);
  });

  promise('the tree holds what the objects own, and what that owns', async (scene) => {
    const root = scene.config('root', {});
    await scene.see(root);
    const { live } = await scene.apply(root);
    const owned = (name: string, uid: string, owner: string): KubeObject => {
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid }];
      const spec = { replicas: 0, selector: { matchLabels: { a: 'b' } }, template: podTemplate };
      return {
        ...scene.object('ReplicaSet', name, { spec }, false),
        metadata: { name, namespace: scene.world.namespace, ownerReferences },
      };
    };
    await scene.world.put(owned('child', live.uid, 'root'), 'somebody');
    const cluster = await scene.cluster;
    const nodes = await cluster.tree(scene.app, [refOf(root)]);
    assert.deepEqual(
      nodes.map((node) => node.ref.name),
      ['root', 'child'],
    );
    assert.deepEqual(nodes[1]?.parentUids, [live.uid]);
    assert.deepEqual(nodes[1]?.images, ['nginx']);
  });
}

const podTemplate = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } };

function kindsComeAndGo(promise: Tell): void {
  promise('a kind that its definition brings is told, and can be used', async (scene) => {
    const group = `${scene.world.namespace}.example.com`;
    const definition: KubeObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: openSchema } }],
      },
    };
    const thing: KubeObject = {
      apiVersion: `${group}/v1`,
      kind: 'Thing',
      metadata: { name: 'one', namespace: scene.world.namespace },
      spec: { size: 3, list: [{ b: 1 }, { b: 2 }] },
    };
    await scene.see(thing, definition);
    assert.equal((await scene.predict(thing)).kind, 'unknown-kind');
    await scene.apply(definition);
    await scene.until(
      () => scene.events.some((event) => event.what === 'kinds' && event.id.startsWith(`${group}/Thing`)),
      'kinds',
    );
    assert.equal((await scene.predict(thing)).kind, 'create');
    await scene.see(thing);
    await scene.apply(thing);
    assert.equal((await scene.live(thing))?.matches, manifestOf(thing).digest);
    const later = new Scene(scene.world, scene.app);
    await later.see(thing);
    assert.equal((await later.predict(thing)).kind, 'same');
    await later.clusters.stop();
    await scene.world.remove(refOf(definition));
    await scene.until(async () => (await (await scene.cluster).kind(group, 'Thing')) === undefined, 'the kind is gone');
    assert.equal((await scene.predict(thing)).kind, 'unknown-kind');
  });
}

const openSchema = {
  type: 'object',
  properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
};

function deletion(promise: Tell): void {
  promise('only the very object that was meant is deleted', async (scene) => {
    const object = scene.config('deleted', {});
    await scene.see(object);
    const { live } = await scene.apply(object);
    const cluster = await scene.cluster;
    const remove = (uid: string) => cluster.delete(refOf(object), { uid, propagation: 'background' });
    await remove('00000000-0000-4000-a000-000000000000');
    assert.notEqual(await scene.world.get(refOf(object)), undefined);
    await cluster.delete(refOf(object), { uid: live.uid, propagation: 'background', dryRun: true });
    assert.notEqual(await scene.world.get(refOf(object)), undefined);
    await remove(live.uid);
    await scene.event('gone', object);
    assert.equal(await scene.live(object), undefined);
    await remove(live.uid);
    assert.equal((await scene.predict(object)).kind, 'create');
  });

  promise('an object that somebody deletes is gone, and one made anew under its name is another', async (scene) => {
    const object = scene.config('anew', { a: '1' });
    await scene.see(object);
    const { live } = await scene.apply(object);
    await scene.world.remove(refOf(object));
    await scene.event('gone', object);
    const again = await scene.apply(object);
    assert.equal(again.kind, 'created');
    assert.notEqual(again.live.uid, live.uid);
  });

  promise('an object that a finalizer holds is seen going', async (scene) => {
    const object = scene.config('held', {});
    const held = { ...object, metadata: { ...object.metadata, finalizers: ['example.com/hold'] } };
    await scene.see(held);
    await scene.apply(held);
    const cluster = await scene.cluster;
    await cluster.delete(refOf(held), { propagation: 'background' });
    await scene.until(async () => (await scene.live(held))?.deletedAt !== undefined, 'deletedAt');
    assert.deepEqual((await scene.live(held))?.finalizers, ['example.com/hold']);
    await scene.world.patch(refOf(held), { metadata: { finalizers: null } }, 'holder');
    await scene.event('gone', held);
  });
}

function otherWays(promise: Tell): void {
  promise('replace writes the whole object', async (scene) => {
    const object = scene.config('replaced', { a: '1' });
    await scene.see(object);
    assert.equal((await scene.predict(object, { how: 'replace' })).kind, 'create');
    await scene.apply(object, { how: 'replace' });
    await scene.world.patch(refOf(object), { data: { a: '2', b: '2' } }, 'somebody');
    await scene.event('drift', object);
    assert.equal((await scene.predict(object, { how: 'replace' })).kind, 'update');
    assert.equal((await scene.apply(object, { how: 'replace' })).kind, 'configured');
    assert.deepEqual((await scene.world.get(refOf(object)))?.data, { a: '1' });
    assert.equal((await scene.predict(object, { how: 'replace' })).kind, 'same');
  });

  promise('client-side apply leaves what others have added, and removes what it had', async (scene) => {
    const how = 'client-side';
    await scene.apply(scene.config('client', { a: '1', b: '2' }), { how });
    const object = scene.config('client', { a: '1' });
    await scene.see(object);
    await scene.world.patch(refOf(object), { data: { c: '3' } }, 'somebody');
    assert.equal((await scene.predict(object, { how })).kind, 'update');
    await scene.apply(object, { how });
    assert.deepEqual((await scene.world.get(refOf(object)))?.data, { a: '1', c: '3' });
    assert.equal((await scene.predict(object, { how })).kind, 'same');
    assert.equal((await scene.apply(object, { how })).kind, 'unchanged');
  });

  promise('what only server-side apply refuses is applied as kubectl would', async (scene) => {
    const unknown = { ...scene.config('lenient', { a: '1' }), dta: {} };
    await scene.see(unknown);
    assert.equal((await scene.predict(unknown, { validate: false })).kind, 'create');
    assert.equal((await scene.apply(unknown, { validate: false })).kind, 'created');
    assert.equal((await scene.predict(unknown, { validate: false })).kind, 'same');
  });

  promise('create refuses what exists, recreate makes it anew', async (scene) => {
    const object = scene.config('made', { a: '1' });
    await scene.see(object);
    const { live } = await scene.apply(object, { how: 'create' });
    await assert.rejects(scene.apply(object, { how: 'create' }), code('object-conflict'));
    const again = await scene.apply(object, { how: 'recreate' });
    assert.notEqual(again.live.uid, live.uid);
    assert.equal((await scene.live(object))?.matches, manifestOf(object).digest);
  });

  promise('the server makes up the name of a generated object', async (scene) => {
    const { metadata, ...rest } = scene.config('x', {}, false);
    const { name: _name, ...others } = metadata;
    const object = { ...rest, metadata: { ...others, generateName: 'made-up-' } } as unknown as KubeObject;
    const { live } = await scene.apply(object, { how: 'create' });
    assert.match(live.ref.name, /^made-up-.+/);
  });
}

function places(promise: Tell): void {
  promise('a destination that names no cluster, or several, is an error', async (scene) => {
    const get = (destination: object) => scene.clusters.get({ namespace: '', ...destination }, 'default');
    await assert.rejects(get({ name: 'nowhere' }), code('cluster-not-found'));
    await assert.rejects(get({ server: 'https://nowhere.example.com' }), code('cluster-not-found'));
    await assert.rejects(get({}), code('cluster-not-found'));
    assert.equal((await get({ server: 'https://kubernetes.default.svc/' })).name, 'in-cluster');
  });

  promise('a cluster that does not answer disturbs no other', async (scene) => {
    const server = 'https://127.0.0.1:1';
    scene.world.credential({ name: 'away', server, digest: 'away' });
    const object = scene.config('near', {});
    const away = await scene.clusters.get({ name: 'away', namespace: '' }, 'default');
    await assert.rejects(away.observe({ tracking: 'x', refs: [refOf(object)] }), code('cluster-unreachable'));
    await scene.see(object);
    const state = (name: string) => scene.clusters.list().find((one) => one.name === name);
    assert.equal(state('away')?.connected, false);
    assert.notEqual(state('away')?.message, '');
    assert.deepEqual([state('in-cluster')?.connected, state('in-cluster')?.message], [true, '']);
  });

  promise('a credential for one namespace and one project reaches no further', async (scene) => {
    const { namespace } = scene.world;
    scene.world.credential({ name: 'narrow', namespaces: [namespace], project: 'team', digest: 'narrow' });
    await assert.rejects(scene.clusters.get({ name: 'narrow', namespace: '' }, 'default'), code('cluster-not-found'));
    const narrow = await scene.clusters.get({ name: 'narrow', namespace: '' }, 'team');
    const object = scene.config('narrow', {});
    await narrow.observe({ tracking: scene.app, refs: [refOf(object)] });
    assert.equal((await narrow.apply(manifestOf(object), serverSide)).kind, 'created');
    const outside = { ...object, metadata: { ...object.metadata, namespace: 'default' } };
    await assert.rejects(narrow.apply(manifestOf(outside), serverSide), code('cluster-denied'));
  });
}

function code(wanted: EngineError['code']): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.code, wanted, error.message);
    return true;
  };
}
