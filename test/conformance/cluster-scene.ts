// The scene of the cluster suite: a cluster with an outside hand, an engine's eye on it, and words for what tests do.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  canonical,
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
/** The usual way of writing. */
export const serverSide: ApplyOptions = { how: 'server-side', dryRun: false, validate: true, migrateManagers: true };

/** The manifest that says this object. */
export function manifestOf(object: KubeObject): Manifest {
  const digest = createHash('sha256').update(canonical(object)).digest('hex');
  return { ref: refOf(object), digest, body: JSON.stringify(object), steering: {}, origin: '', source: 0 };
}

/** Everything that one test needs to say what it means in a line. */
export class Scene {
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

/** A Deployment of no replicas. */
export function deployment(scene: Scene, name: string, image = 'nginx'): KubeObject {
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image, env: [{ name: 'A', value: '1' }] }] },
  };
  return scene.object('Deployment', name, { spec: { replicas: 0, selector: { matchLabels: labels }, template } });
}

/** How a part of the suite states a promise. */
export type Tell = (title: string, run: (scene: Scene) => Promise<void>) => void;

/** A check that an error has this code. */
export function code(wanted: EngineError['code']): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof EngineError, String(error));
    assert.equal(error.code, wanted, error.message);
    return true;
  };
}
