// Commands that wait: how they end, and what they say on the way.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeContext } from '../../test/doubles/fake-context.ts';
import { sampleDetail, shaA, shaB } from '../../test/doubles/sample-applications.ts';
import type { CommitApplication, CommitVerdict } from '../contract/index.ts';
import { EngineError, type Hold } from '../model/index.ts';
import { runCli } from './run.ts';

test('a sync is followed to its end, and its own request told from others', async () => {
  const before = sampleDetail();
  const operation = {
    phase: 'Running' as const,
    message: '',
    startedAt: '2026-03-01T12:00:00Z',
    retryCount: 0,
    by: 'ada',
    dryRun: false,
    request: 'r1',
    revisions: [shaB],
  };
  const endings: readonly (readonly [code: number, out: RegExp, last: Partial<typeof before.view>])[] = [
    [
      0,
      /guestbook synced to 9f8e7d6/,
      { operation: { ...operation, phase: 'Succeeded', finishedAt: '2026-03-01T12:00:01Z' } },
    ],
    [
      2,
      /sync failed[\s\S]*bad manifest/,
      { operation: { ...operation, phase: 'Failed', message: 'bad manifest', finishedAt: 'x' } },
    ],
    [2, /another sync took its place/, { operation: { ...operation, request: 'r2' } }],
  ];
  for (const [code, out, last] of endings) {
    const fake = fakeContext({
      details: [sampleDetail({ requested: true })],
      answers: { sync: async () => ({ request: 'r1' }) },
    });
    const running = runCli(['app', 'sync', 'guestbook'], fake.context);
    await settled();
    fake.tell({ kind: 'put', detail: sampleDetail({ operation }) });
    await settled();
    fake.tell({ kind: 'put', detail: sampleDetail(last) });
    assert.equal(await running, code, fake.out());
    assert.match(fake.out(), out);
  }
});

test('waiting ends with 3 when time is up, with 130 when it is interrupted', async () => {
  const late = fakeContext();
  const waiting = runCli(['app', 'wait', 'shop', '--timeout', '30s'], late.context);
  await settled();
  late.advance(30_000);
  assert.equal(await waiting, 3);
  assert.match(late.out(), /timed out after 30s: 1 of 1 application not converged/);
  assert.match(late.err(), /argocd\/shop: OutOfSync, Progressing, waits-for-health/);
  const stopped = fakeContext();
  const interrupted = runCli(['app', 'wait', 'shop'], stopped.context);
  await settled();
  stopped.stop();
  assert.equal(await interrupted, 130);
});

/** Lets everything that is ready run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function commit(verdict: CommitVerdict, more: Partial<CommitApplication> = {}): CommitApplication {
  return {
    key: 'argocd/web',
    repo: 'r',
    commit: shaA,
    verdict,
    target: shaA,
    compared: shaB,
    message: 'because',
    holds: [],
    ...more,
  };
}

const hold = (until?: string): Hold => ({
  reason: 'sync-window',
  message: 'nights',
  objects: [],
  ...(until === undefined ? {} : { until }),
});

test('a commit is waited for until it has converged everywhere, or nothing moves any more', async () => {
  const cases: readonly (readonly [
    reason: string,
    states: readonly (readonly CommitApplication[])[],
    code: number,
    out: RegExp,
  ])[] = [
    ['converged at once', [[commit('converged')]], 0, /has converged in 1 of 1 application after/],
    ['after a while', [[commit('pending')], [commit('progressing')], [commit('converged')]], 0, /converged in 1 of 1/],
    ['nobody follows it yet', [[], [commit('converged')]], 0, /converged in 1 of 1/],
    [
      'others follow other branches',
      [[commit('not-targeted', { key: 'argocd/x' }), commit('converged')]],
      0,
      /1 of 1 application/,
    ],
    [
      'one is held',
      [[commit('held', { holds: [hold()] }), commit('converged', { key: 'argocd/x' })]],
      1,
      /held +9f8e7d6 +sync-window: nights[\s\S]*1 of 2/,
    ],
    [
      'a hold that ends by itself',
      [[commit('held', { holds: [hold('2026-03-01T12:01:00Z')] })], [commit('converged')]],
      0,
      /1 of 1/,
    ],
    ['one is stalled', [[commit('stalled')]], 1, /stalled +9f8e7d6 +because/],
    [
      'the commit before it stalled: this one is looked at first',
      [
        [commit('stalled', { unsure: true })],
        [commit('stalled', { unsure: true, refreshing: true })],
        [commit('progressing')],
        [commit('converged')],
      ],
      0,
      /1 of 1/,
    ],
    [
      'it was looked at again, and stalls',
      [[commit('stalled', { unsure: true })], [commit('stalled', { unsure: true })]],
      1,
      /stalled +9f8e7d6 +because/,
    ],
    ['it takes too long', [[commit('progressing')]], 3, /0 of 1 application timed out after 10m/],
  ];
  for (const [reason, states, code, out] of cases) {
    let asked = 0;
    const fake = fakeContext({
      answers: {
        commitState: async () => ({ asked: shaA, applications: states[Math.min(asked++, states.length - 1)] ?? [] }),
        refresh: async () => {},
      },
    });
    let ended = false;
    const running = runCli(['wait', '--commit', shaA], fake.context).finally(() => {
      ended = true;
    });
    for (let i = 0; i < 700 && !ended; i++) {
      await settled();
      fake.advance(1000);
    }
    assert.equal(await running, code, `${reason}\n${fake.out()}${fake.err()}`);
    assert.match(fake.out(), out, reason);
  }
});

test('what was not looked at is nudged, once, unless told otherwise', async () => {
  for (const [words, nudges] of [
    [[], 1],
    [['--no-refresh'], 0],
  ] as const) {
    const fake = fakeContext({
      answers: {
        commitState: async () => ({ asked: shaA, applications: [commit('pending', { refreshing: nudges > 0 })] }),
        refresh: async () => {},
      },
    });
    const running = runCli(['wait', '--commit', shaA, '--timeout', '5s', ...words], fake.context);
    for (let i = 0; i < 6; i++) {
      await settled();
      fake.advance(1000);
    }
    assert.equal(await running, 3);
    assert.equal(/is it running\?/.test(fake.err()), nudges > 0);
    assert.equal(fake.calls.filter((call) => call.startsWith('refresh')).length, nudges);
  }
});

test('HEAD is what the working tree says; without one it has to be named', async () => {
  const here = fakeContext({
    workbench: { localCommit: async (_, name) => (name === 'HEAD' ? shaB : undefined) },
    answers: { commitState: async () => ({ asked: shaB, applications: [commit('converged')] }) },
  });
  assert.equal(await runCli(['wait'], here.context), 0);
  assert.ok(here.calls.some((call) => call.startsWith(`commitState "${shaB}"`)));
  const nowhere = fakeContext({ workbench: { localCommit: async () => undefined } });
  assert.equal(await runCli(['wait'], nowhere.context), 2);
  assert.match(nowhere.err(), /error \[usage\]: which commit\?/);
});

test('of several applications one that refuses keeps back no other', async () => {
  const operation = {
    phase: 'Succeeded' as const,
    message: '',
    startedAt: 'x',
    finishedAt: 'y',
    retryCount: 0,
    by: 'ada',
    dryRun: false,
    request: 'r',
    revisions: [shaA],
  };
  const fake = fakeContext({
    details: [sampleDetail({ name: 'a', operation }), sampleDetail({ name: 'b' })],
    answers: {
      sync: async (key) => {
        if (key === 'argocd/b') throw new EngineError('busy', 'a sync runs already');
        return { request: 'r' };
      },
    },
  });
  assert.equal(await runCli(['app', 'sync', 'a', 'b'], fake.context), 2);
  assert.match(fake.out(), /a synced to 1a2b3c4/);
  assert.match(fake.err(), /error \[busy\]: a sync runs already/);
});

test('a lost connection is said, and that it is back; a first one is no news', async () => {
  const fake = fakeContext();
  const running = runCli(['app', 'wait', 'shop', '--timeout', '9s'], fake.context);
  await settled();
  for (const message of ['', 'no answer', '']) fake.tell({ kind: 'state', message });
  fake.advance(9000);
  assert.equal(await running, 3);
  assert.match(fake.err(), /connection lost: no answer\nconnected again\n/);
  assert.equal(fake.err().match(/connected again/g)?.length, 1);
});

test('deletion is waited for until nothing is left', async () => {
  let there = true;
  const web = sampleDetail({ name: 'web', deleting: true });
  const fake = fakeContext({
    details: [web],
    answers: { deleteApplication: async () => {}, listApplications: async () => (there ? [web.view] : []) },
  });
  const running = runCli(['app', 'delete', 'web', '-y'], fake.context);
  await settled();
  there = false;
  fake.tell({ kind: 'gone', key: 'argocd/web' });
  assert.equal(await running, 0, fake.err());
  assert.equal(fake.out(), 'argocd/web: deleted\n');
});
