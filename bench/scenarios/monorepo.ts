// Monorepo: a commit to one folder of a repository that all applications of the fleet come from.
import { total } from '../engine.ts';
import type { Scene } from '../scene.ts';
import { type Times, timesOf } from '../statistics.ts';
import { type Fleet, fleetFiles } from './bulk.ts';
import { timeCommit } from './commit.ts';
import { quiet } from './quiet.ts';

/** `renders` of all commits, the most for one of them, and the ms until all applications knew of the last commit. */
export type Monorepo = {
  readonly times: Times;
  readonly rendersPerCommit: number;
  readonly statusWritesPerCommit: number;
};

/** Commits to one folder after another; each waits until the engine rests. */
export async function monorepo(scene: Scene, fleet: Fleet): Promise<Monorepo> {
  const samples: number[] = [];
  let [renders, writes] = [0, 0];
  const rounds = Math.max(5, Math.floor(scene.options.samples / 4));
  for (let i = 0; i < rounds; i++) {
    const name = fleet.names[(i * 13 + 5) % fleet.names.length] ?? '';
    const [rendered, written] = [await rendersOf(scene), scene.applications.writes];
    samples.push(await timeCommit(scene, fleet.repository, name, fleetFiles(name, `commit ${i}`)));
    await quiet(scene);
    renders = Math.max(renders, (await rendersOf(scene)) - rendered);
    writes += scene.applications.writes - written;
  }
  return {
    times: timesOf(samples),
    rendersPerCommit: renders,
    statusWritesPerCommit: Math.round(writes / rounds),
  };
}

/** Renderings so far: what the cache could not answer. */
async function rendersOf(scene: Scene): Promise<number> {
  return total(await scene.engine.metrics(), 'plumbline_render_total');
}
