import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '../../test/doubles/virtual-clock.ts';
import {
  type Application,
  type CommitRecord,
  EngineError,
  type SignedRecord,
  type VerdictState,
} from '../model/index.ts';
import type { BranchMove, NotesChange } from '../ports/index.ts';
import { liveCommit } from './live-commit.ts';
import { mergeLines } from './record-lines.ts';
import { branchRef, notesRef } from './ref-names.ts';
import { createWriteback } from './writeback.ts';

const url = 'https://git.example/repo';
const sha = (digit: string) => digit.repeat(40);

function recordOf(name: string, more: Partial<CommitRecord> = {}): CommitRecord {
  return {
    environment: 'prod',
    application: `argocd/${name}`,
    repository: url,
    path: name,
    revisions: [sha('1')],
    digest: 'd',
    stages: { seen: '2026-01-01T00:00:00.000Z' },
    outcome: 'converged',
    endedAt: '2026-01-01T00:00:05.000Z',
    changes: [],
    before: [],
    rollback: false,
    ...more,
  };
}

function appOf(
  name: string,
  more: Partial<CommitRecord> = {},
  state: Partial<VerdictState> = {},
  target = 'main',
): Application {
  const verdict = { record: recordOf(name, more), stalled: false, outbox: [], lived: [], ...state };
  const sources = [{ repoURL: url, path: name, targetRevision: target }];
  return { key: `argocd/${name}`, project: 'default', sources, report: { verdict } } as unknown as Application;
}

const cases: readonly {
  readonly reason: string;
  readonly apps: readonly Application[];
  readonly want: string | undefined;
  readonly back?: boolean;
}[] = [
  { reason: 'all have converged there', apps: [appOf('a'), appOf('b')], want: sha('1') },
  { reason: 'one is on its way', apps: [appOf('a'), appOf('b', { outcome: 'open' })], want: undefined },
  { reason: 'one cannot converge', apps: [appOf('a'), appOf('b', { outcome: 'stalled' })], want: undefined },
  {
    reason: 'one is still at the commit before',
    apps: [appOf('a', { revisions: [sha('2')] }), appOf('b')],
    want: undefined,
  },
  {
    reason: 'the commit changes nothing of one of them',
    apps: [appOf('a', { revisions: [sha('2')] }), appOf('b', {}, { reached: [sha('2')] })],
    want: sha('2'),
  },
  {
    reason: 'another environment is not asked',
    apps: [appOf('a'), appOf('b', { environment: 'test', outcome: 'open' })],
    want: sha('1'),
  },
  {
    reason: 'one follows a tag, most the branch',
    apps: [appOf('a'), appOf('b'), appOf('c', { revisions: [sha('9')] }, {}, 'v1')],
    want: sha('1'),
  },
  {
    reason: 'one has not been looked at yet',
    apps: [appOf('a'), { ...appOf('b'), report: undefined } as unknown as Application],
    want: undefined,
  },
  { reason: 'somebody went back', apps: [appOf('a', { rollback: true }), appOf('b')], want: sha('1'), back: true },
];
for (const { reason, apps, want, back = false } of cases) {
  test(`live commit: ${reason}`, () => {
    const found = liveCommit(apps, 'prod', (one) => one === url);
    assert.deepEqual(found, want === undefined ? undefined : { commit: want, back });
  });
}

test('lines of a note: each record once, in one order, the later form of it, and nothing of others lost', () => {
  const a: SignedRecord = { record: recordOf('a', { outcome: 'stalled' }) };
  const later: SignedRecord = { record: recordOf('a', { endedAt: '2026-01-01T00:01:00.000Z' }) };
  const b: SignedRecord = { record: recordOf('b'), signature: { keyId: 'k', value: 'v' } };
  const one = mergeLines(mergeLines('', [a]), [b]);
  assert.equal(one, mergeLines(mergeLines('', [b]), [a]));
  assert.equal(mergeLines(one, [a, b]), one);
  const healed = mergeLines(one, [later]);
  assert.equal(healed.split('\n').length, 3);
  assert.match(healed, /"outcome":"converged".*\n.*argocd\/b/);
  assert.equal(mergeLines(healed, [a]), healed, 'an older form does not come back');
  assert.match(mergeLines('somebody wrote this\n', [a]), /somebody wrote this\n/);
});

const names: readonly (readonly [string, string])[] = [
  ['prod', 'refs/heads/plumbline/prod'],
  ['in-cluster/default', 'refs/heads/plumbline/in-cluster/default'],
  ['a b..c~^:?*[\\', 'refs/heads/plumbline/a-b-c-'],
  ['/../.x.lock/', 'refs/heads/plumbline/x'],
];
for (const [given, want] of names) test(`ref of ${given}`, () => assert.equal(branchRef('plumbline/', given), want));

type Written = { readonly notes: readonly NotesChange[]; readonly branches: readonly BranchMove[] };

function setUp(applications: readonly Application[], fails: () => EngineError | undefined = () => undefined) {
  const clock = createVirtualClock(0);
  const written: Written[] = [];
  const warned: string[] = [];
  const log = { debug() {}, info() {}, warn: (message: string) => void warned.push(message), error() {} };
  const writer = {
    write: async (_: unknown, change: Written) => {
      written.push(change);
      const error = fails();
      if (error !== undefined) throw error;
      return { attempts: 1, moved: [] };
    },
    note: async () => undefined,
    notes: async () => [],
  };
  const writeback = createWriteback({
    writer,
    settings: () => ({ notes: true, refs: true, refPrefix: 'plumbline/' }),
    applications: () => applications,
    normalize: (one) => one,
    clock,
    log,
    metrics: { count() {}, observe() {} },
  });
  return { clock, written, warned, writeback };
}

test('writeback: what a hundred applications say at once goes in one push', async () => {
  const apps = Array.from({ length: 100 }, (_, i) => appOf(`a${i}`));
  const { clock, written, writeback } = setUp(apps);
  const kept = Promise.all(apps.map((app) => writeback.keep({ record: recordOf(app.key.slice(7)) }, app)));
  for (const app of apps) writeback.moved?.(app);
  await clock.run(10_000);
  await kept;
  assert.equal(written.length, 1);
  const [change] = written;
  assert.deepEqual(change?.branches, [{ ref: 'refs/heads/plumbline/prod', to: sha('1'), back: false }]);
  const text = change?.notes[0]?.texts.get(sha('1'))?.('') ?? '';
  assert.equal(change?.notes[0]?.ref, notesRef('prod'));
  assert.equal(text.trim().split('\n').length, 100);
});

test('writeback: without the right to write it is said once, and nobody waits', async () => {
  const app = appOf('a');
  const denied = new EngineError('repo-denied', 'no', { retry: 'backoff' });
  let meanwhile: Promise<void> | undefined;
  const { clock, written, warned, writeback } = setUp([app], () => {
    meanwhile = writeback.keep({ record: recordOf('a') }, app);
    return denied;
  });
  const kept = writeback.keep({ record: recordOf('a') }, app);
  await clock.run(1_000);
  await kept;
  await meanwhile;
  await writeback.keep({ record: recordOf('a') }, app);
  writeback.moved?.(app);
  await clock.run(100_000);
  assert.deepEqual([written.length, warned.length], [1, 1]);
});

test('writeback: a repository that does not answer is tried again', async () => {
  const app = appOf('a');
  let away = true;
  const gone = new EngineError('repo-unreachable', 'away', { retry: 'backoff' });
  const { clock, written, writeback } = setUp([app], () => (away ? gone : undefined));
  const kept = writeback.keep({ record: recordOf('a') }, app).then(
    () => 'kept',
    () => 'again',
  );
  writeback.moved?.(app);
  await clock.run(1_000);
  assert.equal(await kept, 'again');
  away = false;
  await clock.run(60_000);
  assert.deepEqual(written.at(-1)?.branches.length, 1);
});
