import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryKubeApi } from '../../test/doubles/memory-kube-api.ts';
import { createVirtualClock } from '../../test/doubles/virtual-clock.ts';
import { type CommitRecord, formatInstant, stringAt } from '../model/index.ts';
import { RecordWriter, type Retention } from './record-writer.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

function record(more: Partial<CommitRecord> & { readonly seen?: number } = {}): CommitRecord {
  const { seen = start, ...rest } = more;
  return {
    environment: 'in-cluster/default',
    application: 'argocd/shop',
    repository: 'https://git.example/repo',
    path: 'shop',
    revisions: ['1234567890123456789012345678901234567890'],
    digest: 'd',
    stages: { seen: formatInstant(seen) },
    outcome: 'converged',
    endedAt: formatInstant(seen + 5_000),
    changes: [],
    before: [],
    rollback: false,
    ...rest,
  };
}

function setUp(retention: Retention = { keep: 50, maxAge: 0 }) {
  const api = createMemoryKubeApi();
  const clock = createVirtualClock(start);
  const warned: string[] = [];
  const log = { debug() {}, info() {}, warn: (message: string) => void warned.push(message), error() {} };
  const state = { busy: false };
  const open = () => new RecordWriter({ api, clock, log, retention: () => retention, busy: () => state.busy });
  const kept = () =>
    api.objects().map((one) => `${stringAt(one.metadata, 'name')} ${stringAt(one.spec, 'record', 'outcome')}`);
  const writes = () => api.requests.filter(({ method }) => method !== 'GET').length;
  return { api, clock, warned, state, open, kept, writes };
}

const n = start.toString(36);

test('records: one that is given again, by this or by another process, changes nothing', async () => {
  const { open, kept, writes } = setUp();
  for (const writer of [open(), open()]) {
    for (let i = 0; i < 2; i++) {
      const done = writer.keep({ record: record(), signature: { keyId: 'k', value: 'v' } });
      await writer.flush();
      await done;
    }
  }
  assert.deepEqual(kept(), [`shop-1234567-${n} converged`]);
  assert.equal(writes(), 1);
});

test('records: a stalled one that converges later is the same one, without what blocked it', async () => {
  const { api, open, kept } = setUp();
  const writer = open();
  const blocked = { what: 'it is refused', advice: 'fix it' };
  void writer.keep({ record: record({ outcome: 'stalled', blocked }) });
  await writer.flush();
  void writer.keep({ record: record({ endedAt: formatInstant(start + 60_000) }) });
  await writer.flush();
  assert.deepEqual(kept(), [`shop-1234567-${n} converged`]);
  assert.equal(stringAt(api.objects()[0]?.spec, 'record', 'blocked', 'what'), undefined);
});

test('records: the same commit that comes again later is another one', async () => {
  const { open, kept } = setUp();
  const writer = open();
  void writer.keep({ record: record() });
  void writer.keep({ record: record({ seen: start + 1, rollback: true }) });
  await writer.flush();
  assert.equal(kept().length, 2);
});

test('records: a process that ends between the write and its answer writes it once', async () => {
  const { api, open, kept } = setUp();
  const first = open();
  api.after = ({ method }) => {
    if (method === 'POST') throw new Error('the process ends here');
  };
  void first.keep({ record: record() });
  await first.flush();
  first.stop();
  api.after = () => undefined;
  const second = open();
  const done = second.keep({ record: record() });
  await second.flush();
  await done;
  assert.equal(kept().length, 1);
});

test('records: beyond the retention the oldest go', async () => {
  const { open, kept } = setUp({ keep: 2, maxAge: 0 });
  const writer = open();
  for (let i = 0; i < 4; i++) {
    void writer.keep({ record: record({ seen: start + i * 1_000, revisions: [`${i}`.repeat(40)] }) });
    await writer.flush();
  }
  assert.deepEqual(
    kept().map((one) => one.split('-')[1]),
    ['2222222', '3333333'],
  );
  const aged = setUp({ keep: 50, maxAge: 1_000 });
  const other = aged.open();
  for (const seen of [start - 5_000, start]) {
    void other.keep({ record: record({ seen, application: `argocd/a${start - seen}` }) });
    await other.flush();
  }
  assert.deepEqual(aged.kept().length, 1);
});

test('records: without the kind or the rights nothing waits, and it is said once', async () => {
  const { api, clock, open, warned, writes } = setUp();
  api.fault = ({ method }) => (method === 'GET' ? undefined : 'cluster-denied');
  const writer = open();
  const done = [1, 2].map((i) => writer.keep({ record: record({ seen: start + i }) }));
  await writer.flush();
  await Promise.all(done);
  await writer.keep({ record: record() });
  assert.ok(writes() <= 2);
  assert.ok(warned.length <= 2);
  assert.equal(clock.now(), start);
});

test('records: when the kind is there at last, what could not be kept is kept', async () => {
  const { api, clock, open, kept, warned } = setUp();
  api.fault = () => 'object-not-found';
  const writer = open();
  for (const i of [1, 2, 3]) void writer.keep({ record: record({ seen: start + i }) });
  await clock.run(start + 60_000);
  assert.equal(kept().length, 0);
  assert.ok(warned.length <= 2, 'it is said, and not again and again');
  void writer.keep({ record: record({ seen: start + 4 }) });
  api.fault = () => undefined;
  for (let at = start + 60_000; kept().length < 4 && at < start + 400_000; at += 500) await clock.run(at);
  assert.equal(kept().length, 4);
});

test('records: they wait until it is quiet, but not for ever', async () => {
  const { clock, state, open, writes } = setUp();
  const writer = open();
  state.busy = true;
  const done = writer.keep({ record: record() });
  await clock.run(start + 20_000);
  assert.equal(writes(), 0);
  await clock.run(start + 35_000);
  await done;
  assert.equal(writes(), 1);
});
