import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  type Alert,
  type Application,
  type CommitRecord,
  type Json,
  stringAt,
  type VerdictState,
} from '../model/index.ts';
import { type Exchange, TestForge } from './forges/test-forge.ts';
import { linkOf, statusService, summarize } from './status-service.ts';

const [one = '', two = '', three = ''] = ['1', '2', '3'].map((digit) => digit.repeat(40));
const forges: TestForge[] = [];
after(() => {
  for (const forge of forges) forge.stop();
});

function recordOf(revision: string, more: Partial<CommitRecord> = {}): CommitRecord {
  return {
    environment: 'prod',
    application: 'argocd/a',
    repository: 'https://forge.example/o/r',
    path: 'a',
    revisions: [revision],
    digest: 'd',
    stages: {},
    outcome: 'open',
    changes: [],
    before: [],
    rollback: false,
    ...more,
  };
}

function stateOf(record: CommitRecord, more: Partial<VerdictState> = {}): VerdictState {
  return { record, stalled: record.outcome === 'stalled', outbox: [], lived: [], ...more };
}

function appOf(key: string, verdict: VerdictState | undefined): Application {
  const [namespace = '', name = ''] = key.split('/');
  const report = { verdict };
  return {
    key,
    namespace,
    name,
    project: 'p',
    sources: [{ targetRevision: 'main' }],
    report,
  } as unknown as Application;
}

function alertOf(kind: Alert['kind'], record: CommitRecord, at = 0): Alert {
  return { id: `${kind}${at}`, kind, at: new Date(at).toISOString(), record, differences: [], message: '' };
}

async function service(applications: () => readonly Application[], answers: Readonly<Record<string, Exchange>> = {}) {
  const calls = [one, two, three].map(
    (sha) => [`POST /api/repos/o/r/statuses/${sha}`, { status: 201, body: {} }] as const,
  );
  const forge = await TestForge.start({ ...Object.fromEntries(calls), ...answers });
  forges.push(forge);
  const clock = { now: 0 };
  const made = statusService({
    settings: { forges: [{ host: forge.host, kind: 'gitea', api: `http://${forge.host}/api` }], link: '' },
    login: async () => forge.access('o/r'),
    applications,
    normalize: (url) => url,
    pauses: new Map(),
    now: () => clock.now,
  });
  const said = () =>
    forge.asked.map(
      ({ path, body }) =>
        `${path.slice(-1)} ${stringAt(body as Json, 'state')}: ${stringAt(body as Json, 'description')}`,
    );
  return { made, said, clock };
}

test('pending, then success; the same status is not set twice', async () => {
  let state = stateOf(recordOf(one));
  const { made, said } = await service(() => [appOf('argocd/a', state)]);
  await made.tell(alertOf('committed', state.record), appOf('argocd/a', state));
  await made.tell(alertOf('committed', state.record), appOf('argocd/a', state));
  state = stateOf(recordOf(one, { outcome: 'converged' }));
  await made.tell(alertOf('converged', state.record), appOf('argocd/a', state));
  assert.deepEqual(said(), ['1 pending: converging', '1 success: converged']);
});

test('success waits for every application of the environment, for a while', async () => {
  const done = stateOf(recordOf(two, { outcome: 'converged' }));
  let other = stateOf(recordOf(one, { application: 'argocd/b', outcome: 'converged' }));
  const elsewhere = stateOf(recordOf(one, { application: 'argocd/c', environment: 'test' }));
  const all = () => [appOf('argocd/a', done), appOf('argocd/b', other), appOf('argocd/c', elsewhere)];
  const { made, said, clock } = await service(all);
  const alert = alertOf('converged', done.record);
  await assert.rejects(
    made.tell(alert, appOf('argocd/a', done)),
    (error: { readonly code?: string }) => error.code === 'busy',
  );
  other = { ...other, reached: [two] };
  await made.tell(alert, appOf('argocd/a', done));
  assert.deepEqual(said(), ['2 pending: 1 of 2 applications converged', '2 success: 2 of 2 applications converged']);
  other = stateOf(recordOf(one, { application: 'argocd/b' }));
  clock.now = 60_000;
  await made.tell(alert, appOf('argocd/a', done));
  assert.equal(said().at(-1), '2 success: converged', 'who has not looked by then does not count');
});

test('a commit that gave way to a newer one is told so, one that failed stays failed', async () => {
  let state = stateOf(recordOf(one));
  const app = () => appOf('argocd/a', state);
  const { made, said } = await service(() => [app()]);
  await made.tell(alertOf('committed', state.record), app());
  state = stateOf(recordOf(two, { before: [one] }));
  await made.tell(alertOf('committed', state.record, 1), app());
  const blocked = { what: 'image not found', advice: '' };
  state = stateOf(recordOf(two, { before: [one], outcome: 'stalled', blocked }));
  await made.tell(alertOf('stalled', state.record, 2), app());
  state = stateOf(recordOf(three, { before: [two] }));
  await made.tell(alertOf('committed', state.record, 3), app());
  assert.deepEqual(said(), [
    '1 pending: converging',
    '1 warning: superseded by 2222222',
    '2 pending: converging',
    '2 failure: argocd/a stalled: image not found',
    '3 pending: converging',
  ]);
});

test('what converged before is not called superseded', async () => {
  const state = stateOf(recordOf(two, { before: [one] }), { lived: [[one]] });
  const { made, said } = await service(() => [appOf('argocd/a', state)]);
  await made.tell(alertOf('committed', state.record), appOf('argocd/a', state));
  assert.deepEqual(said(), ['2 pending: converging']);
});

test('a forge that is away is tried again, but not for ever', async () => {
  const state = stateOf(recordOf(one));
  const { made, clock } = await service(() => [appOf('argocd/a', state)], {
    [`POST /api/repos/o/r/statuses/${one}`]: { status: 503 },
  });
  const retried = (retry: string) => (error: { readonly code?: string; readonly retry?: unknown }) =>
    error.code === 'forge-unreachable' && error.retry === retry;
  const tell = () => made.tell(alertOf('committed', state.record), appOf('argocd/a', state));
  await assert.rejects(tell(), retried('backoff'));
  clock.now = 3_600_000;
  await assert.rejects(tell(), retried('never'));
});

test('charts and files have no commits to stand beside', async () => {
  const { made } = await service(() => []);
  const app = appOf('argocd/a', undefined);
  assert.equal(made.wants(alertOf('converged', recordOf('1.2.3')), app), false);
  assert.equal(made.wants(alertOf('diff', recordOf(one)), app), false);
  assert.equal(made.wants(alertOf('converged', recordOf(one)), app), true);
});

test('links name the application', () => {
  const link = linkOf('https://x.example/{namespace}/{name}', { namespace: 'n', name: 'a/b' });
  assert.equal(link, 'https://x.example/n/a%2Fb');
});

test('a stalled application fails its environment', () => {
  const stalled = stateOf(recordOf(one, { outcome: 'stalled' }));
  const done = stateOf(recordOf(one, { outcome: 'converged' }));
  assert.equal(summarize(one, [stalled, done]).state, 'failure');
  assert.equal(summarize(one, [done, done]).state, 'success');
  assert.equal(summarize(one, [stateOf(recordOf(one)), done]).state, 'pending');
});
