// A store over an API server in memory, with time that only moves when told to.
import { createMemoryKubeApi, type MemoryKubeApi } from '../../test/doubles/memory-kube-api.ts';
import { createVirtualClock, type VirtualClock } from '../../test/doubles/virtual-clock.ts';
import { argocd } from '../dialects/index.ts';
import type { Notice, Report } from '../model/index.ts';
import { createResourceStore, type ResourceStore } from './index.ts';

/** Path of the API group of applications. */
export const group = '/apis/argoproj.io/v1alpha1';
/** When the clock begins, ms since the epoch. */
export const start = Date.parse('2026-01-02T03:04:05Z');

/** What a test has in its hands. */
export type World = {
  readonly api: MemoryKubeApi;
  readonly clock: VirtualClock;
  readonly store: ResourceStore;
  readonly warnings: string[];
};

/** A started store over as many applications, `a0` and so on. */
export async function world(
  applications: number,
  prepare: (api: MemoryKubeApi) => Promise<void> = async () => {},
): Promise<World> {
  const api = createMemoryKubeApi();
  for (let n = 0; n < applications; n++) await create(api, 'argocd', `a${n}`);
  await prepare(api);
  const clock = createVirtualClock(start);
  const warnings: string[] = [];
  const store = createResourceStore({
    api,
    dialect: argocd,
    clock,
    random: { next: () => 0.5 },
    log: { debug() {}, info() {}, warn: (message) => void warnings.push(message), error() {} },
    controlNamespace: 'argocd',
    matchesName: (pattern, name) => pattern === name,
  });
  await store.start();
  return { api, clock, store, warnings };
}

/** Declares an application. */
export async function create(api: MemoryKubeApi, namespace: string, name: string): Promise<void> {
  const body = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace },
    spec: { source: { repoURL: 'https://h/r', path: name }, destination: { server: 'https://s', namespace: 'web' } },
  };
  await api.request('POST', `${group}/namespaces/${namespace}/applications`, { body });
}

/** Lets `ms` of virtual time pass, slowly enough for requests to be answered, or until `done`. */
export async function pass(clock: VirtualClock, ms: number, done: () => boolean = () => false): Promise<void> {
  const end = clock.now() + ms;
  const step = Math.max(10, ms / 200);
  while (clock.now() < end) {
    for (let n = 0; n < 20; n++) {
      if (done()) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await clock.run(Math.min(end, clock.now() + step), done);
  }
}

/** A report that is told apart by its digest. */
export function report(digest: string, status: Report['sync']['status'] = 'Synced'): Report {
  return {
    sync: { status, revisions: ['r'], sources: [] },
    health: { status: 'Healthy', since: 's' },
    resources: [],
    conditions: [],
    history: [],
    summary: { images: [], urls: [], isAppOfApps: false },
    sourceTypes: [],
    holds: [],
    reconciledAt: 's',
    desiredDigest: digest,
  };
}

/** A notice of a changed sync status. */
export function notice(message: string, level: Notice['level'] = 'normal'): Notice {
  return { kind: 'sync-status', level, reason: 'ResourceUpdated', message };
}
