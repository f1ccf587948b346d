// One suite on the apiserver in memory and on a real one, so that the fake cannot drift.
import { type Connection, createClusters, createKubeApi } from '../../src/cluster/index.ts';
import {
  EngineError,
  type Health,
  type JsonObject,
  type KubeObject,
  type ObjectRef,
  stringAt,
} from '../../src/model/index.ts';
import { isExcludedKind } from '../../src/policy/index.ts';
import type { Clock, ClusterCredential, Log, Random } from '../../src/ports/index.ts';
import { createFakeWorld } from '../doubles/fake-cluster.ts';
import { freshNamespace, sharedControlPlane } from '../harness/control-plane.ts';
import type { ClusterWorld } from './cluster-scene.ts';
import { describeCluster } from './cluster-suite.ts';

const clock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const random: Random = { next: Math.random };
const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

function assess(object: KubeObject): Health | undefined {
  if (object.kind !== 'Pod') return undefined;
  return { status: stringAt(object, 'status', 'phase') === 'Failed' ? 'Degraded' : 'Progressing' };
}

function bare(more: Partial<ClusterCredential>): ClusterCredential {
  const server = 'https://other.example.com';
  return { name: '', server, namespaces: [], clusterResources: false, project: '', digest: '', ...more };
}

describeCluster('in memory', fakeWorld, { skip: false });
describeCluster('real', realWorld, {
  skip: process.env.PLUMBLINE_TEST_CLUSTER === 'none' ? 'no control plane' : false,
});

async function fakeWorld(): Promise<ClusterWorld> {
  const world = createFakeWorld({ clock, random, assess, log });
  const { own } = world;
  own.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'suite' } });
  return {
    namespace: 'suite',
    open: () => world.clusters(),
    credential: (more) => {
      // A second way into the own cluster, or a cluster that is not there.
      if (more.name === 'away') world.cluster(bare(more)).unreachable = true;
      else world.alias(bare(more));
    },
    put: async (object, manager) => void own.put(object, manager),
    patch: async (ref, patch, manager) => own.edit(ref, (object) => merge(object, patch) as KubeObject, manager),
    setStatus: async (ref, status) => own.setStatus(ref, status),
    remove: async (ref) => own.remove(ref),
    get: async (ref) => own.get(ref),
    close: async () => undefined,
  };
}

function merge(target: JsonObject, patch: JsonObject): JsonObject {
  const out: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const old = out[key];
    if (value === null) delete out[key];
    else if (isMap(value)) out[key] = merge(isMap(old) ? old : {}, value);
    else out[key] = value;
  }
  return out as JsonObject;
}

function isMap(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function realWorld(): Promise<ClusterWorld> {
  const { kubeconfig } = await sharedControlPlane();
  const { server, ca, cert, key } = kubeconfig;
  const own: Connection = { server, ca, cert, key, insecure: false, identity: { kind: 'none' }, namespace: '' };
  const api = createKubeApi(own, clock, random);
  const credentials: ClusterCredential[] = [];
  const namespace = await freshNamespace('cluster');
  const pathOf = (ref: ObjectRef): string => {
    const plural = ref.kind === 'Ingress' ? 'ingresses' : `${ref.kind.toLowerCase()}s`;
    const root = ref.group === '' ? `/api/${ref.version}` : `/apis/${ref.group}/${ref.version}`;
    const place = ref.namespace === '' ? root : `${root}/namespaces/${ref.namespace}`;
    return `${place}/${plural}/${ref.name}`;
  };
  const refOfObject = (object: KubeObject): ObjectRef => {
    const [version = '', group = ''] = object.apiVersion.split('/').reverse();
    const text = (field: string): string => stringAt(object.metadata, field) ?? '';
    return { group, version, kind: object.kind, namespace: text('namespace'), name: text('name') };
  };
  return {
    namespace,
    open: () => {
      const judging = { assess, isExcluded: isExcludedKind };
      return createClusters({ own, credentials: () => credentials, ...judging, clock, random, log, environment: {} });
    },
    credential: (more) => {
      const mine = { caData: ca, certData: cert, keyData: key, server: `${server}/` };
      credentials.push(bare({ ...mine, ...more }));
    },
    async put(object, manager) {
      const path = pathOf(refOfObject(object));
      const collection = path.slice(0, path.lastIndexOf('/'));
      await api.request('POST', `${collection}?fieldManager=${manager}`, { body: object });
    },
    async patch(ref, patch, manager) {
      const options = { body: patch, contentType: 'application/merge-patch+json' } as const;
      await api.request('PATCH', `${pathOf(ref)}?fieldManager=${manager}`, options);
    },
    async setStatus(ref, status) {
      const options = { body: { status }, contentType: 'application/merge-patch+json' } as const;
      await api.request('PATCH', `${pathOf(ref)}/status?fieldManager=kubelet`, options);
    },
    async remove(ref) {
      await api.request('DELETE', pathOf(ref));
    },
    async get(ref) {
      try {
        return (await api.request('GET', pathOf(ref))) as KubeObject;
      } catch (error) {
        if (error instanceof EngineError && error.code === 'object-not-found') return undefined;
        throw error;
      }
    },
    async close() {
      await api.request('DELETE', `/api/v1/namespaces/${namespace}`);
      await api.close();
    },
  };
}
