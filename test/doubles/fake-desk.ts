// A desk in memory that keeps resources in Argo CD's form, so that what is asked is read back by the dialect.
import { argocd } from '../../src/dialects/index.ts';
import { createOperator, type Depths } from '../../src/engine/index.ts';
import {
  type AppKey,
  EngineError,
  isJsonObject,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../../src/model/index.ts';
import type { Desk, DeskEvent } from '../../src/ports/index.ts';

export const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [string, string, string];

export function resource(
  name: string,
  more: { spec?: JsonObject; status?: JsonObject; metadata?: JsonObject; operation?: JsonObject } = {},
): KubeObject {
  const { spec, status, metadata, operation } = more;
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd', uid: `uid-${name}`, ...metadata },
    spec: {
      project: 'default',
      source: { repoURL: 'https://example.org/r.git', path: name, targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: name },
      ...spec,
    },
    ...(status === undefined ? {} : { status }),
    ...(operation === undefined ? {} : { operation }),
  };
}

export const history = [one, two, three].map((revision, id) => ({
  id,
  revision,
  deployedAt: `2026-03-0${id + 1}T00:00:00Z`,
  source: { repoURL: 'https://example.org/r.git', path: 'web', targetRevision: 'main' },
}));
export const synced: JsonObject = {
  sync: { status: 'Synced', revision: three },
  health: { status: 'Healthy' },
  history,
  operationState: {
    operation: { sync: { revision: three } },
    phase: 'Succeeded',
    startedAt: '2026-03-03T00:00:00Z',
    finishedAt: '2026-03-03T00:00:01Z',
  },
  reconciledAt: '2026-03-03T00:00:01Z',
};
export const automated: JsonObject = { syncPolicy: { automated: { prune: true, selfHeal: true } } };

export function merge(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const out: Record<string, Json> = { ...(isJsonObject(target) ? target : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = merge(out[key], value);
  }
  return out;
}

function fakeDesk(initial: readonly KubeObject[]) {
  const stored = new Map<AppKey, KubeObject>(initial.map((object) => [keyOf(object), object]));
  const patches: JsonObject[] = [];
  const listeners = new Set<(event: DeskEvent) => void>();
  const read = (object: KubeObject) => argocd.readApplication(object, { controlNamespace: 'argocd' });
  const get = (key: AppKey): KubeObject => {
    const found = stored.get(key);
    if (found === undefined) throw new EngineError('not-found', `no such application: ${key}`);
    return found;
  };
  const desk: Desk = {
    applications: async (namespace) =>
      [...stored.values()].map(read).filter((app) => (namespace ?? app.namespace) === app.namespace),
    application: async (key) => read(get(key)),
    resource: async (key) => get(key),
    resources: async () => [...stored.values()],
    createApplication: async (object) => {
      if (stored.has(keyOf(object))) throw new EngineError('already-exists', 'x');
      stored.set(keyOf(object), object);
      return read(object);
    },
    patchApplication: async (key, patch) => {
      patches.push(patch);
      const next = merge(get(key), patch) as KubeObject;
      stored.set(key, next);
      for (const listener of listeners) listener({ kind: 'put', application: read(next) });
      return read(next);
    },
    deleteApplication: async (key) => {
      get(key);
      stored.delete(key);
      for (const listener of listeners) listener({ kind: 'gone', key });
    },
    projects: async () => [],
    watch: (_, listener) => {
      for (const object of stored.values()) listener({ kind: 'put', application: read(object) });
      listener({ kind: 'synced' });
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return { desk, patches, stored, application: (name: string) => read(get(`argocd/${name}`)) };
}

function keyOf(object: KubeObject): AppKey {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}

export function operatorOver(initial: readonly KubeObject[], depths: Partial<Depths> = {}) {
  const fake = fakeDesk(initial);
  let chance = 0;
  const operator = createOperator({
    desk: fake.desk,
    clock: { now: () => 0 },
    random: { next: () => (chance = (chance + 0.37) % 1) },
    depths: async () => depths as Depths,
    close: async () => {},
  });
  return { ...fake, operator };
}
