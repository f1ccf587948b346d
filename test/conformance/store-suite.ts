// What every Store promises, whether it lives in memory or on a real API server.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { argocd } from '../../src/dialects/index.ts';
import {
  type AppKey,
  type JsonObject,
  type KubeObject,
  listAt,
  objectAt,
  type Report,
  stringAt,
} from '../../src/model/index.ts';
import type { Store } from '../../src/ports/index.ts';

/** A place where resources live, and stores on it. */
export type World = {
  /** Namespace in which the suite may do as it likes; the control namespace. */
  readonly namespace: string;
  /** A new store on the same resources; stores opened before are stopped or crashed by the suite. */
  open(): Promise<Store>;
  /** Ends a store without letting it write anything more. */
  crash(store: Store): Promise<void>;
  create(resource: KubeObject): Promise<void>;
  /** A JSON merge patch by a person. */
  patch(key: AppKey, patch: JsonObject): Promise<void>;
  remove(key: AppKey): Promise<void>;
  read(key: AppKey): Promise<KubeObject | undefined>;
  createProject(resource: KubeObject): Promise<void>;
  close(): Promise<void>;
};

/** Waits until a condition holds; the deadline is only there for failures. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Runs the suite; `open` makes a fresh world. */
export function describeStore(
  name: string,
  openWorld: () => Promise<World>,
  options: { readonly skip: string | false },
) {
  describe(`store: ${name}`, { skip: options.skip, concurrency: false }, () => {
    for (const [promise, check] of Object.entries(promises))
      test(promise, async () => {
        const world = await openWorld();
        try {
          await check(world);
        } finally {
          await world.close();
        }
      });
  });
}

const promises: Readonly<Record<string, (world: World) => Promise<void>>> = {
  'start knows what exists': async (world) => {
    await world.create(application(world, 'a'));
    const store = await started(world);
    assert.equal(store.application(`${world.namespace}/a`)?.sources[0]?.path, 'apps/a');
    assert.equal(store.applications().length, 1);
    assert.equal(store.application(`${world.namespace}/none`), undefined);
    await store.stop();
  },

  'a person creates, changes and deletes': async (world) => {
    const store = await started(world);
    const news = listen(store);
    const key = `${world.namespace}/a`;
    await world.create(application(world, 'a'));
    await until('created', () => news.includes(key) && store.application(key) !== undefined);
    news.length = 0;
    await world.patch(key, { spec: { project: 'other' } });
    await until('changed', () => store.application(key)?.project === 'other');
    assert.deepEqual(news, [key]);
    await world.remove(key);
    await until('gone', () => store.application(key) === undefined);
    assert.equal(news.length, 2);
    await store.stop();
  },

  'a saved report is known at once, written, and read after a restart': async (world) => {
    const key = `${world.namespace}/a`;
    await world.create(application(world, 'a'));
    const store = await started(world);
    const news = listen(store);
    const saved = report(store, key, 'Synced');
    store.save(key, saved, { urgency: 'now' });
    assert.deepEqual(store.application(key)?.report, saved);
    await store.flush();
    assert.equal(stringAt((await world.read(key))?.status, 'sync', 'status'), 'Synced');
    assert.deepEqual(news, [], 'an own write is no news');
    await store.stop();
    const next = await started(world);
    assert.deepEqual(next.application(key)?.report, saved);
    await next.stop();
  },

  'what vanished from a report vanishes from the status': async (world) => {
    const key = `${world.namespace}/a`;
    await world.create(application(world, 'a'));
    const store = await started(world);
    const bad = { type: 'SyncError', message: 'no', since: '2026-01-02T03:04:05Z' };
    store.save(key, { ...report(store, key, 'OutOfSync'), conditions: [bad] }, { urgency: 'now' });
    await store.flush();
    assert.equal(listAt((await world.read(key))?.status, 'conditions').length, 1);
    store.save(key, report(store, key, 'Synced'), { urgency: 'now' });
    await store.flush();
    const status = (await world.read(key))?.status;
    assert.deepEqual([stringAt(status, 'sync', 'status'), listAt(status, 'conditions').length], ['Synced', 0]);
    await store.stop();
  },

  'an unchanged status is not written': async (world) => {
    const key = `${world.namespace}/a`;
    await world.create(application(world, 'a'));
    const store = await started(world);
    store.save(key, report(store, key, 'Synced'), { urgency: 'now' });
    await store.flush();
    const before = await world.read(key);
    store.save(key, { ...report(store, key, 'Synced'), reconciledAt: '2027-01-01T00:00:00Z' }, { urgency: 'now' });
    await store.flush();
    assert.deepEqual(await world.read(key), before);
    await store.stop();
  },

  'nothing is written again after a restart': async (world) => {
    const key = `${world.namespace}/a`;
    await world.create(application(world, 'a'));
    const store = await started(world);
    store.save(key, report(store, key, 'Synced'), { urgency: 'now' });
    await store.stop();
    const before = await world.read(key);
    const next = await started(world);
    next.save(key, report(next, key, 'Synced'), { urgency: 'now' });
    await next.flush();
    assert.deepEqual(await world.read(key), before);
    await next.stop();
  },

  'of several reports the newest is written': async (world) => {
    const key = `${world.namespace}/a`;
    await world.create(application(world, 'a'));
    const store = await started(world);
    for (let n = 0; n < 20; n++)
      store.save(
        key,
        { ...report(store, key, 'Synced'), desiredDigest: `d${n}` },
        { urgency: n % 2 ? 'now' : 'later' },
      );
    await store.flush();
    assert.equal(argocd.readReport((await world.read(key))?.status)?.desiredDigest, 'd19');
    await store.stop();
  },

  'an operation is asked for, picked up and cleared, without news of our own': async (world) => {
    const key = `${world.namespace}/a`;
    await world.create(application(world, 'a'));
    const store = await started(world);
    const news = listen(store);
    await world.patch(key, { operation: { sync: { revision: 'r1', prune: true } } });
    await until('asked', () => store.application(key)?.operation !== undefined);
    assert.deepEqual(news, [key]);
    const operation = store.application(key)?.operation;
    assert.ok(operation);
    const state = {
      operation,
      phase: 'Running' as const,
      message: 'begins',
      startedAt: '2026-01-02T03:04:05Z',
      retryCount: 0,
      revisions: ['r1'],
      sources: store.application(key)?.sources ?? [],
      results: [],
    };
    store.save(key, { ...report(store, key, 'OutOfSync'), operation: state }, { urgency: 'now', clearOperation: true });
    assert.equal(store.application(key)?.operation, undefined, 'at once');
    await store.flush();
    const written = await world.read(key);
    assert.equal(written?.operation, undefined);
    assert.equal(stringAt(written?.status, 'operationState', 'phase'), 'Running');
    await world.patch(key, { metadata: { labels: { seen: 'yes' } } });
    await until('the next change', () => store.application(key)?.labels.seen === 'yes');
    assert.equal(store.application(key)?.operation, undefined);
    assert.equal(news.length, 2, `only the person's two changes: ${news}`);
    await store.stop();
  },

  'another operation that came meanwhile is not lost': async (world) => {
    const key = `${world.namespace}/a`;
    await world.create({ ...application(world, 'a'), operation: { sync: { revision: 'r1' } } });
    const store = await started(world);
    const asked = world.patch(key, { operation: { sync: { revision: 'r2' } } });
    store.save(key, report(store, key, 'OutOfSync'), { urgency: 'now', clearOperation: true });
    await asked;
    await store.flush();
    await until('the second is seen', () => store.application(key)?.operation?.revisions[0] === 'r2');
    assert.deepEqual((await world.read(key))?.operation, { sync: { revision: 'r2' } });
    assert.equal(stringAt((await world.read(key))?.status, 'sync', 'status'), 'OutOfSync');
    await store.stop();
  },

  'a refresh is honoured once': async (world) => {
    const key = `${world.namespace}/a`;
    await world.create(application(world, 'a'));
    const store = await started(world);
    await world.patch(key, { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'hard', keep: 'me' } } });
    await until('asked', () => store.application(key)?.refresh === 'hard');
    store.save(key, report(store, key, 'Synced'), { urgency: 'now', clearRefresh: true });
    assert.equal(store.application(key)?.refresh, undefined);
    await store.flush();
    assert.deepEqual(objectAt((await world.read(key))?.metadata, 'annotations'), { keep: 'me' });
    await store.stop();
  },

  'a deleted application stays until it is released': async (world) => {
    const key = `${world.namespace}/a`;
    const ours = ['resources-finalizer.argocd.argoproj.io/background'];
    await world.create(application(world, 'a', { finalizers: ours }));
    const store = await started(world);
    await world.remove(key);
    await until('marked', () => store.application(key)?.deletion?.cascade === 'background');
    assert.ok(await world.read(key));
    await store.release(key);
    await until('gone', async () => store.application(key) === undefined && (await world.read(key)) === undefined);
    store.save(key, saved(), { urgency: 'now' });
    await store.flush();
    await store.release(key);
    await store.stop();
  },

  'a foreign finalizer is left alone': async (world) => {
    const key = `${world.namespace}/a`;
    const finalizers = ['example.com/theirs', 'resources-finalizer.argocd.argoproj.io'];
    await world.create(application(world, 'a', { finalizers }));
    const store = await started(world);
    await store.release(key);
    assert.deepEqual(objectAt(await world.read(key), 'metadata').finalizers, ['example.com/theirs']);
    await store.stop();
    await world.patch(key, { metadata: { finalizers: null } });
  },

  'a pin is read and lifted': async (world) => {
    const key = `${world.namespace}/a`;
    const pin = { sources: [], revisions: ['a'], untilRevisionChangesFrom: ['b'], by: 'ada', reason: 'broken' };
    const annotations = { [argocd.pinAnnotation]: argocd.writePin(pin) };
    await world.create(application(world, 'a', { annotations }));
    const store = await started(world);
    const news = listen(store);
    assert.deepEqual(store.application(key)?.pin, pin);
    await store.unpin(key);
    await until('lifted', () => store.application(key)?.pin === undefined);
    assert.equal(argocd.pinAnnotation in objectAt((await world.read(key))?.metadata, 'annotations'), false);
    assert.deepEqual(news, []);
    await store.stop();
  },

  'a crash loses what was not written, and nothing else': async (world) => {
    const key = `${world.namespace}/a`;
    await world.create(application(world, 'a'));
    const store = await started(world);
    store.save(key, report(store, key, 'Synced'), { urgency: 'now' });
    await store.flush();
    store.save(key, report(store, key, 'OutOfSync'), { urgency: 'later' });
    await world.crash(store);
    const next = await started(world);
    assert.match(next.application(key)?.report?.sync.status ?? '', /^(Synced|OutOfSync)$/);
    await next.stop();
  },

  'an application that is created anew starts without a report': async (world) => {
    const key = `${world.namespace}/a`;
    await world.create(application(world, 'a'));
    const store = await started(world);
    store.save(key, report(store, key, 'Synced'), { urgency: 'now' });
    await store.flush();
    const uid = store.application(key)?.uid;
    await world.remove(key);
    await world.create(application(world, 'a'));
    await until('the new one', () => (store.application(key)?.uid ?? uid) !== uid);
    assert.equal(store.application(key)?.report, undefined);
    await store.stop();
  },

  'the default project is always there, others when they are declared': async (world) => {
    const store = await started(world);
    assert.deepEqual(store.project('default')?.sourceRepos, ['*']);
    assert.equal(store.project('team'), undefined);
    await world.createProject({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'team', namespace: world.namespace },
      spec: { sourceRepos: ['https://example.com/*'] },
    });
    await until('declared', () => store.project('team')?.sourceRepos[0] === 'https://example.com/*');
    await store.stop();
  },

  'notices for an application that is gone harm nobody': async (world) => {
    const store = await started(world);
    store.notify(`${world.namespace}/none`, [
      { kind: 'sync-status', level: 'normal', reason: 'ResourceUpdated', message: 'Updated sync status: -> Synced' },
    ]);
    await store.flush();
    await store.stop();
  },
};

async function started(world: World): Promise<Store> {
  const store = await world.open();
  await store.start();
  return store;
}

/** Keys of the applications that the store has told of since. */
function listen(store: Store): AppKey[] {
  const news: AppKey[] = [];
  store.onChange((change) => {
    if (change.kind === 'application') news.push(change.key);
  });
  return news;
}

function application(world: World, name: string, metadata: JsonObject = {}): KubeObject {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: world.namespace, ...metadata },
    spec: {
      project: 'default',
      source: { repoURL: 'https://example.com/r.git', path: `apps/${name}`, targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
    },
  };
}

function report(store: Store, key: AppKey, status: Report['sync']['status']): Report {
  return saved(status, store.application(key)?.sources);
}

function saved(status: Report['sync']['status'] = 'Synced', sources: Report['sync']['sources'] = []): Report {
  return {
    sync: { status, revisions: ['c'.repeat(40)], sources },
    health: { status: 'Healthy', since: '2026-01-02T03:04:05Z' },
    resources: [
      {
        ref: { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'web', name: 'x' },
        status,
        health: { status: 'Healthy' },
        hook: false,
        requiresPruning: false,
        wave: 0,
      },
    ],
    conditions: [],
    history: [],
    summary: { images: [], urls: [], isAppOfApps: false },
    sourceTypes: ['Directory'],
    holds: [],
    reconciledAt: '2026-01-02T03:04:05Z',
  };
}
