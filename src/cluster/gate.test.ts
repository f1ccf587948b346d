import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGate } from './gate.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the gate lets those who wait take turns', async () => {
  const gate = createGate(1);
  const order: string[] = [];
  assert.equal(gate.enter('first'), undefined);
  for (const who of ['big', 'big', 'big', 'small', 'other']) gate.enter(who)?.then(() => order.push(who));
  for (let i = 0; i < 5; i++) {
    gate.leave(false);
    await settle();
  }
  assert.deepEqual(order, ['big', 'small', 'other', 'big', 'big']);
  assert.equal(gate.waiting, 0);
});

test('the gate narrows under overload and widens again', () => {
  const gate = createGate(16);
  for (const overloaded of [true, true, true, true, true]) {
    gate.enter('x');
    gate.leave(overloaded);
  }
  assert.equal(gate.limit, 2);
  for (let i = 0; i < 500; i++) {
    gate.enter('x');
    gate.leave(false);
  }
  assert.equal(gate.limit, 16);
});
