// Idle: what a converged fleet costs while nothing happens.
import { requestCounts, since } from '../api.ts';
import { total } from '../engine.ts';
import { mebibytes } from '../processes.ts';
import { pause, type Scene } from '../scene.ts';
import { round } from '../statistics.ts';
import { quiet } from './quiet.ts';

/** CPU as a share of one core; writes and Git requests of the whole stretch. */
export type Idle = {
  readonly seconds: number;
  readonly cpuPercent: number;
  readonly writes: number;
  readonly gitRequests: number;
  readonly repositories: number;
  readonly polls: number;
  readonly treeMiB: number;
  readonly requests: Readonly<Record<string, number>>;
};

/** Does nothing for a while. `repositories` are those that applications use. */
export async function idle(scene: Scene, repositories: number): Promise<Idle> {
  const { engine, api, options } = scene;
  await settled(scene);
  const [git, requests, seen] = [await gitRequests(scene), await requestCounts(api), scene.applications.writes];
  engine.resetPeak();
  const [cpu, start] = [engine.cpu, performance.now()];
  await pause(options.idleSeconds * 1000);
  const seconds = (performance.now() - start) / 1000;
  const used = engine.cpu - cpu;
  const asked = since(requests, await requestCounts(api));
  const writes = Object.entries(asked).reduce((sum, [name, n]) => (isWrite(name) ? sum + n : sum), 0);
  return {
    seconds: round(seconds),
    cpuPercent: round((100 * used) / seconds, 2),
    writes: Math.max(writes, scene.applications.writes - seen),
    gitRequests: (await gitRequests(scene)) - git,
    repositories,
    // The interval is half a minute (scene.ts).
    polls: Math.round(seconds / 30),
    treeMiB: mebibytes(engine.peak.tree),
    requests: asked,
  };
}

// Events are written at leisure behind everything else: the minute begins when they are through.
async function settled(scene: Scene): Promise<void> {
  await quiet(scene);
  let before = new Map<string, number>() as ReadonlyMap<string, number>;
  await scene.until('the last writes', 120_000, async () => {
    const now = await requestCounts(scene.api);
    const more = Object.keys(since(before, now)).some(isWrite);
    before = now;
    if (more) await pause(1_000);
    return !more;
  });
}

function isWrite(name: string): boolean {
  return /^(?:POST|PUT|PATCH|APPLY|DELETE|DELETECOLLECTION|CREATE|UPDATE) /.test(name);
}

async function gitRequests(scene: Scene): Promise<number> {
  return total(await scene.engine.metrics(), 'argocd_git_request_total');
}
