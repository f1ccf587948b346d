// The benchmark: `node bench/run.ts`. It brings its own control plane, measures, prints a table, and writes a JSON file.
import { loadavg } from 'node:os';
import { readOptions, type ScenarioName, usage } from './options.ts';
import { machineFacts, type Results, tableOf, updateReadme, writeResults } from './results.ts';
import { bulk, createFleet, type Fleet } from './scenarios/bulk.ts';
import { commits } from './scenarios/commit.ts';
import { drifts } from './scenarios/drift.ts';
import { floor, warmUp } from './scenarios/floor.ts';
import { idle } from './scenarios/idle.ts';
import { monorepo } from './scenarios/monorepo.ts';
import { quiet } from './scenarios/quiet.ts';
import { restarts } from './scenarios/restart.ts';
import { Scene } from './scene.ts';

const begin = performance.now();
const say = (text: string): void => {
  process.stderr.write(`${((performance.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
};
const options = readOptions(process.argv.slice(2), say);

/** Minutes that one scenario may take, whatever happens. */
const longest = 15;

async function phase<T>(name: string, run: () => Promise<T>): Promise<T> {
  say(`${name} …`);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${name}: not done in ${longest} minutes`)), longest * 60_000);
  });
  try {
    const result = await Promise.race([run(), late]);
    say(`${name}: ${JSON.stringify(result)}`);
    return result;
  } finally {
    clearTimeout(timer);
  }
}

async function measure(scene: Scene, results: Results): Promise<void> {
  const wants = (name: ScenarioName): boolean => scene.options.only.has(name);
  await warmUp(scene);
  if (wants('floor')) results.floors.push(await phase('floor', () => floor(scene)));
  await scene.startEngine();
  // Right behind its floor: the speed of a machine drifts.
  const fleet = await createFleet(scene);
  results.bulk = await phase('bulk', () => bulk(scene, fleet, results.floors[0]));
  await quiet(scene);
  await onFleet(scene, fleet, results, wants);
}

async function onFleet(scene: Scene, fleet: Fleet, results: Results, wants: (name: ScenarioName) => boolean) {
  if (wants('commit')) results.commits = await phase('commit', () => commits(scene));
  if (wants('drift')) results.drifts = await phase('drift', () => drifts(scene, fleet));
  if (wants('monorepo')) results.monorepo = await phase('monorepo', () => monorepo(scene, fleet));
  const repositories = wants('commit') ? 3 : 1;
  if (wants('idle')) results.idle = await phase('idle', () => idle(scene, repositories));
  if (wants('restart')) results.restarts = await phase('restart', () => restarts(scene, fleet));
}

async function main(): Promise<number> {
  if (options === undefined) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const load = loadavg()[0] ?? 0;
  const results: Results = { floors: [] };
  const scene = await Scene.open(options);
  // The control plane ends with this process, whatever happens to it; the engine has to be told.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void scene.close().finally(() => process.exit(130)));
  }
  let failure: unknown;
  try {
    const version = await scene.api.send('GET', '/version');
    await measure(scene, results).catch((error: unknown) => {
      failure = error;
    });
    const machine = machineFacts(String(version.gitVersion), load);
    writeResults(options.out, results, machine);
    const table = tableOf(results, machine);
    process.stdout.write(`${table}\n`);
    if (options.readme && failure === undefined) updateReadme('README.md', table);
  } finally {
    await scene.close();
  }
  if (failure === undefined) return 0;
  say(`failed: ${failure instanceof Error ? failure.message : String(failure)}`);
  return 1;
}

process.exitCode = await main();
