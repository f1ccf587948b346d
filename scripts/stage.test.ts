import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepared, runStages, type Stage, verdict } from './stage.ts';

const quiet = { begin: () => undefined, tell: () => undefined, end: () => undefined };

test('a stage runs after those that it needs, and not at all when one of them failed', async () => {
  const ran: string[] = [];
  const stage = (name: string, needs: string[], failures: string[] = []): Stage => ({
    name,
    needs,
    run: async () => {
      ran.push(name);
      return verdict(failures);
    },
  });
  const stages = [
    stage('last', ['broken']),
    stage('b', ['a']),
    stage('a', []),
    stage('broken', ['b'], ['why']),
    stage('after', ['last']),
  ];
  const finished = await runStages(stages, 2, quiet);
  assert.deepEqual(ran, ['a', 'b', 'broken']);
  const undone = finished.filter(({ outcome }) => outcome === undefined).map(({ name }) => name);
  assert.deepEqual(undone, ['last', 'after']);
});

test('no more run at once than there are lanes, besides those in the background', async () => {
  let now = 0;
  let most = 0;
  const stages = ['a', 'b', 'c', 'd'].map(
    (name): Stage => ({
      name,
      needs: [],
      background: name === 'a',
      run: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        now--;
        return prepared('');
      },
    }),
  );
  await runStages(stages, 1, quiet);
  assert.equal(most, 2);
});

test('a stage that throws has failed', async () => {
  const [done] = await runStages([{ name: 'x', needs: [], run: () => Promise.reject(new Error('why')) }], 1, quiet);
  assert.deepEqual(done?.outcome, { passed: 0, failed: 1, skipped: 0, failures: ['why'] });
});
