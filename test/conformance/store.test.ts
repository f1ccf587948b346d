// One suite on the store in memory and on the real one, over an API server in memory and over a real one, so that the
// doubles cannot drift.
import { argocd } from '../../src/dialects/index.ts';
import { asEngineError, type KubeObject } from '../../src/model/index.ts';
import { matchesName } from '../../src/policy/index.ts';
import type { KubeApi, Store } from '../../src/ports/index.ts';
import { createResourceStore } from '../../src/store/index.ts';
import { createFakeStore, emptyDurable, type FakeStore } from '../doubles/fake-store.ts';
import { createMemoryKubeApi } from '../doubles/memory-kube-api.ts';
import { installCrds, sharedKubeApi } from '../harness/application-crds.ts';
import { clusterVariable, freshNamespace } from '../harness/control-plane.ts';
import { describeStore, type World } from './store-suite.ts';

describeStore('in memory', async () => fakeWorld(), { skip: false });
describeStore('over an API server in memory', async () => apiWorld(createMemoryKubeApi(), 'argocd'), { skip: false });

const cluster = process.env[clusterVariable];
describeStore('over a real API server', realWorld, {
  skip: cluster ? false : `${clusterVariable} names no control plane`,
});

async function realWorld(): Promise<World> {
  const api = await sharedKubeApi();
  await installCrds(api);
  const world = apiWorld(api, await freshNamespace('store'));
  return { ...world, close: () => api.close() };
}

function fakeWorld(): World {
  const durable = emptyDurable();
  const schedule = (run: () => void) => void setImmediate(run);
  let hand: FakeStore = createFakeStore({ schedule, durable });
  return {
    namespace: 'argocd',
    async open() {
      hand = createFakeStore({ schedule, durable });
      return hand;
    },
    async crash(store) {
      (store as FakeStore).crash();
    },
    async create(resource) {
      hand.put(resource);
    },
    async patch(key, patch) {
      hand.patch(key, patch);
    },
    async remove(key) {
      hand.remove(key);
    },
    async read(key) {
      return durable.resources.get(key);
    },
    async createProject(resource) {
      hand.putProject(resource);
    },
    async close() {},
  };
}

function apiWorld(api: KubeApi, namespace: string): World {
  const group = `/apis/argoproj.io/v1alpha1/namespaces/${namespace}`;
  const path = (key: string) => `${group}/applications/${key.slice(key.indexOf('/') + 1)}`;
  const crashed = new WeakMap<Store, () => void>();
  return {
    namespace,
    async open() {
      let dead = false;
      const store = createResourceStore({
        api: mortal(api, () => dead),
        dialect: argocd,
        clock: { now: Date.now, after },
        random: { next: () => 0.5 },
        log: { debug() {}, info() {}, warn() {}, error() {} },
        controlNamespace: namespace,
        matchesName,
      });
      crashed.set(store, () => {
        dead = true;
      });
      return store;
    },
    async crash(store) {
      crashed.get(store)?.();
    },
    async create(resource) {
      await api.request('POST', `${group}/applications`, { body: resource });
    },
    async patch(key, patch) {
      await api.request('PATCH', path(key), { body: patch, contentType: 'application/merge-patch+json' });
    },
    async remove(key) {
      await api.request('DELETE', path(key));
    },
    async read(key) {
      try {
        return (await api.request('GET', path(key))) as KubeObject;
      } catch (thrown) {
        if (asEngineError(thrown).code === 'object-not-found') return undefined;
        throw thrown;
      }
    },
    async createProject(resource) {
      await api.request('POST', `${group}/appprojects`, { body: resource });
    },
    async close() {},
  };
}

/** A process that has crashed asks for nothing more. */
function mortal(api: KubeApi, dead: () => boolean): KubeApi {
  return {
    server: api.server,
    watch: (path, handlers) => api.watch(path, handlers),
    request: (method, path, options) => (dead() ? new Promise(() => undefined) : api.request(method, path, options)),
  };
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
