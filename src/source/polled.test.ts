import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../model/index.ts';
import { Polled } from './polled.ts';
import { FakeClock } from './testing/room.ts';

function harness(interval = { every: 100_000, jitter: 10_000 }) {
  const clock = new FakeClock();
  const state = { asked: 0, answer: 1, failing: false, settled: 0 };
  const polled = new Polled<number>({
    clock,
    random: { next: () => 0.5 },
    interval: () => interval,
    ask: async () => {
      state.asked++;
      if (state.failing) throw new EngineError('repo-unreachable', 'down');
      return state.answer;
    },
    settled: () => void state.settled++,
  });
  return { clock, state, polled };
}

const quiet = () => new Promise((resolve) => setImmediate(resolve));

test('many callers share one question, and memory answers while it is fresh', async () => {
  const { clock, state, polled } = harness();
  await Promise.all(Array.from({ length: 1000 }, () => polled.get(false)));
  assert.equal(state.asked, 1);
  clock.advance(100_000);
  await polled.get(false);
  assert.equal(state.asked, 1, 'within interval and jitter');
  clock.advance(20_000);
  await polled.get(false);
  assert.equal(state.asked, 2, 'after them');
  await Promise.all(Array.from({ length: 50 }, () => polled.get(true)));
  assert.equal(state.asked, 3, 'fresh answers are shared too');
});

test('what is watched asks by itself, once an interval', async () => {
  const { clock, state, polled } = harness();
  await polled.get(false);
  polled.watch(true);
  for (let i = 0; i < 10; i++) {
    clock.advance(105_000);
    await quiet();
  }
  assert.equal(state.asked, 11);
  polled.watch(false);
  clock.advance(1_000_000);
  await quiet();
  assert.equal(state.asked, 11, 'no longer');
});

test('failures keep the last answer, say since when, and are followed by growing pauses', async () => {
  const { clock, state, polled } = harness();
  await polled.get(false);
  polled.watch(true);
  state.failing = true;
  const since = clock.now() + 105_000;
  clock.advance(105_000);
  await quiet();
  const known = await polled.get(false);
  assert.equal(known.value, 1);
  assert.equal(known.failing?.since, since);
  const before = state.asked;
  for (let second = 0; second < 60; second++) {
    clock.advance(1_000);
    await quiet();
  }
  assert.ok(state.asked - before >= 4 && state.asked - before <= 6, `${state.asked - before} questions in a minute`);
  assert.equal(polled.known?.failing?.since, since, 'since the first failure');
  state.failing = false;
  clock.advance(100_000);
  await quiet();
  assert.equal(polled.known?.failing, undefined);
});

test('what was never known is an error, and is not asked for by everybody at once', async () => {
  const { clock, state, polled } = harness();
  state.failing = true;
  for (let i = 0; i < 100; i++) await assert.rejects(polled.get(false), { code: 'repo-unreachable' });
  assert.equal(state.asked, 1);
  clock.advance(3_000);
  state.failing = false;
  assert.equal((await polled.get(false)).value, 1);
});

test('an amendment is not undone by an older answer that is still on its way', async () => {
  let release: (value: number) => void = () => {};
  const clock = new FakeClock();
  let asked = 0;
  const polled = new Polled<number>({
    clock,
    random: { next: () => 0 },
    interval: () => ({ every: 1000, jitter: 0 }),
    ask: () => {
      asked++;
      if (asked !== 2) return Promise.resolve(asked === 1 ? 1 : 7);
      return new Promise((resolve) => {
        release = resolve;
      });
    },
    settled: () => {},
  });
  await polled.get(false);
  const asking = polled.ask();
  polled.amend(polled.moment, () => 7);
  release(1);
  await asking;
  assert.equal(polled.known?.value, 7);
  await quiet();
  assert.equal(asked, 3, 'and it is asked again');
  const before = polled.moment;
  await polled.get(true);
  polled.amend(before, () => 1);
  assert.equal(polled.known?.value, 7, 'nor is a later answer undone by an older amendment');
});
