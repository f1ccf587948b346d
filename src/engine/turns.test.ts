import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVirtualClock } from '../../test/doubles/virtual-clock.ts';
import { createQueue } from './queue.ts';
import { createTurns } from './turns.ts';

test('alone, a cluster has all workers; beside another it leaves a quarter', () => {
  const turns = createTurns(4);
  const begin = (place: string, count: number): number => {
    let begun = 0;
    while (begun < count && turns.admits(place)) {
      turns.begin(`${place}/${turns.running}`, place);
      begun += 1;
    }
    return begun;
  };
  assert.equal(begin('a', 9), 4);
  for (let i = 0; i < 4; i += 1) turns.end(`a/${i}`);
  assert.ok(turns.admits('b'));
  assert.equal(begin('a', 9), 3);
  assert.equal(begin('b', 9), 1);
});

test('passes that drag on stand in the way of their own cluster alone', () => {
  const turns = createTurns(2);
  for (const key of ['hung/1', 'hung/2']) turns.begin(key, 'hung');
  assert.equal(turns.free(), false);
  turns.drags('hung/1');
  turns.drags('hung/1');
  turns.drags('hung/2');
  assert.equal(turns.admits('hung'), false);
  assert.equal(turns.admits('fine'), true);
  turns.begin('fine/1', 'fine');
  turns.end('hung/1');
  turns.end('hung/2');
  turns.end('fine/1');
  assert.equal(turns.running, 0);
  assert.equal(turns.admits('hung'), true);
});

test('places take turns, urgent keys first, and a place that admits nobody is passed over', () => {
  const queue = createQueue(
    createVirtualClock(0),
    () => undefined,
    (key) => key.slice(0, 1),
  );
  for (const key of ['a1', 'a2', 'a3', 'b1', 'b2']) queue.add(key, 'now');
  queue.add('a9', 'soon');
  queue.add('b9', 'first');
  assert.deepEqual(
    Array.from({ length: 4 }, () => queue.take()),
    ['b9', 'a1', 'b1', 'a2'],
  );
  const notB = (place: string): boolean => place !== 'b';
  assert.deepEqual(
    Array.from({ length: 3 }, () => queue.take(notB)),
    ['a3', 'a9', undefined],
  );
  assert.equal(queue.size(), 7, 'one waits, six are taken');
  queue.add('a1', 'now');
  queue.done('a1');
  assert.equal(queue.take(notB), 'a1', 'what came in between comes back');
});
