// Seeded lives: safety holds at every step, and when faults stop everything converges. A seed replays exactly:
// PLUMBLINE_SIM_SEED=17 node --test test/sim/simulation.test.ts
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretText } from './scenery.ts';
import { begin, calm, differences, type Simulation, step } from './simulation.ts';

const only = process.env.PLUMBLINE_SIM_SEED;
const seeds =
  only === undefined
    ? Array.from({ length: Number(process.env.PLUMBLINE_SIM_SEEDS ?? 40) }, (_, i) => i + 1)
    : [Number(only)];

/** Longest virtual time from the end of all faults to convergence, ms. */
const patience = 3 * 3_600_000;

async function live(seed: number): Promise<Simulation> {
  const sim = await begin(seed);
  await sim.clock.run(sim.clock.now() + 20_000);
  for (let i = 0; i < 20; i += 1) {
    await step(sim);
    await sim.clock.run(sim.clock.now() + sim.random.int(15_000));
  }
  calm(sim);
  await sim.clock.run(sim.clock.now() + patience, () => differences(sim).length === 0);
  return sim;
}

function leaks(sim: Simulation): readonly string[] {
  const outputs = [
    ...sim.logged,
    ...sim.store.durable.events.map((event) => JSON.stringify(event)),
    ...[...sim.store.durable.resources.values()].map((resource) => JSON.stringify(resource)),
  ];
  return outputs.filter((text) => text.includes(secretText));
}

test(`simulation: ${seeds.length} seeds are safe and live`, async () => {
  const failures: string[] = [];
  for (const seed of seeds) {
    const sim = await live(seed);
    const wrong = [
      ...sim.faults,
      ...differences(sim),
      ...leaks(sim).map((text) => `secret shown: ${text.slice(0, 200)}`),
    ];
    void sim.loop.stop();
    if (wrong.length > 0) failures.push(`seed ${seed}: ${[...new Set(wrong)].slice(0, 4).join('; ')}`);
    if (failures.length >= 5) break;
    if (only !== undefined) for (const line of sim.logged.slice(-60)) console.log(line);
  }
  assert.deepEqual(failures, []);
});
