import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healDue, healed } from './retry.ts';

const second = 1_000;

test('heals of one object in a row are followed by growing pauses, and forgotten after a quiet time', () => {
  let healing = healed(undefined, ['a'], 0);
  const pauses: number[] = [];
  let now = 0;
  for (let i = 0; i < 8; i++) {
    const due = healDue(healing, 'a', now);
    pauses.push(Math.max(0, due - now));
    now = Math.max(now, due);
    healing = healed(healing, ['a'], now);
  }
  assert.deepEqual(
    pauses,
    [0, 0, 0, 0, 2, 6, 18, 54].map((pause) => pause * second),
  );
  assert.equal(healDue(healing, 'a', now + 600 * second), 0);
});

test('heals of many objects, one after another, are no fight', () => {
  let healing = healed(undefined, ['0'], 0);
  for (let i = 1; i < 15; i++) {
    assert.equal(healDue(healing, `${i}`, i), 0);
    healing = healed(healing, [`${i}`], i);
  }
  assert.equal(healing.attempts, 1);
});

test('a rival that changes two objects by turns is a fight all the same', () => {
  let healing = healed(undefined, ['a'], 0);
  for (let i = 1; i < 12; i++) healing = healed(healing, [i % 2 === 0 ? 'a' : 'b'], i);
  assert.ok(healDue(healing, 'a', 12) > 12 && healDue(healing, 'b', 12) > 12);
});
