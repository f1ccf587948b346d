// The results: as JSON with the facts of the machine, as a table for people, and in the README.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { Bulk } from './scenarios/bulk.ts';
import type { Commits } from './scenarios/commit.ts';
import type { Drifts } from './scenarios/drift.ts';
import type { Floor } from './scenarios/floor.ts';
import type { Idle } from './scenarios/idle.ts';
import type { Monorepo } from './scenarios/monorepo.ts';
import type { Restart } from './scenarios/restart.ts';
import type { Times } from './statistics.ts';

/** Everything that a run has measured; what was not asked for is absent. */
export type Results = {
  floors: Floor[];
  bulk?: Bulk;
  commits?: Commits;
  drifts?: Drifts;
  monorepo?: Monorepo;
  idle?: Idle;
  restarts?: { readonly term: Restart; readonly kill: Restart };
};

/** What the numbers were measured on. `load` is the load average before the run: other work shares the machine. */
export type Machine = {
  readonly at: string;
  readonly commit: string;
  readonly cpus: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly kubernetes: string;
  readonly git: string;
  readonly load: number;
};

/** The facts of this machine. */
export function machineFacts(kubernetes: string, load: number): Machine {
  const all = cpus();
  const tell = (command: string, args: readonly string[]): string => {
    try {
      return execFileSync(command, [...args], { encoding: 'utf8' }).trim();
    } catch {
      return 'unknown';
    }
  };
  return {
    at: new Date().toISOString(),
    commit: tell('git', ['rev-parse', '--short', 'HEAD']),
    cpus: `${all.length} × ${all[0]?.model ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    kubernetes,
    git: tell('git', ['--version']).replace('git version ', ''),
    load,
  };
}

type Row = readonly [what: string, measured: string, target: string];

/** The rows of the table: what, measured, target. */
function rowsOf(results: Results): readonly Row[] {
  const { bulk, commits, drifts, monorepo, idle, restarts } = results;
  const rows: Row[] = [];
  for (const floor of results.floors) {
    rows.push([`floor: ${floor.objects} objects, dry run and apply, no engine`, `${floor.seconds} s`, '']);
  }
  if (bulk !== undefined) {
    const what = `${bulk.apps} Applications × 4 objects, created → all Synced and Healthy`;
    rows.push([what, `${bulk.seconds} s (${bulk.ratio} × the floor)`, '1.3 ×, never above 2 ×']);
    rows.push(['… CPU of engine and control plane', `${bulk.cpuRatio} × the floor`, '']);
    const memory = `${bulk.peakTreeMiB} MiB (engine alone ${bulk.peakEngineMiB})`;
    rows.push(['… peak memory of the engine with its toolbox', memory, 'under 250 MiB']);
  }
  if (commits !== undefined) {
    const target = 'p50 under 300 ms, p95 under 1 s';
    rows.push(['commit → converged, 10 objects, manifests', times(commits.plain), target]);
    rows.push(['commit → converged, 10 objects, Helm chart', times(commits.helm), target]);
  }
  if (drifts !== undefined) {
    rows.push(['drift → corrected, a changed field', times(drifts.changed), 'p50 under 100 ms']);
    rows.push(['drift → corrected, a deleted object', times(drifts.deleted), 'p50 under 100 ms']);
  }
  if (monorepo !== undefined) {
    const what = `commit → converged, one folder of ${bulk?.apps ?? 'all'} in one repository`;
    const single = commits === undefined ? '' : `, ${(monorepo.times.p50 / commits.plain.p50).toFixed(2)} × single`;
    rows.push([what, `${times(monorepo.times)}${single}`, 'within 2 × single']);
    rows.push(['… applications rendered for it', String(monorepo.rendersPerCommit), '1']);
  }
  if (idle !== undefined) {
    rows.push([`idle for ${idle.seconds} s: CPU of one core`, `${idle.cpuPercent} %`, 'under 1 %']);
    rows.push(['… writes to the apiserver', String(idle.writes), '0']);
    const polls = `${idle.gitRequests} (${idle.repositories} repositories, ${idle.polls} polls each)`;
    rows.push(['… Git requests', polls, 'one per repository and poll']);
    rows.push(['… memory', `${idle.treeMiB} MiB`, '']);
  }
  for (const [signal, restart] of Object.entries(restarts ?? {})) {
    const name = signal === 'term' ? 'restart (SIGTERM)' : 'restart (kill -9)';
    rows.push([`${name}: all applications known`, `${restart.seconds} s`, 'within 10 s']);
    rows.push(['… objects written', String(restart.written), '0']);
  }
  return rows;
}

function times({ n, p50, p95 }: Times): string {
  return `p50 ${p50} ms, p95 ${p95} ms (n ${n})`;
}

/** The table as Markdown. */
export function tableOf(results: Results, machine: Machine): string {
  const rows = rowsOf(results).map((row) => `| ${row.join(' | ')} |`);
  const facts = `${machine.cpus}, ${machine.memoryGiB} GiB, Kubernetes ${machine.kubernetes}, Node ${machine.node}`;
  return ['| what | measured | target |', '|---|---|---|', ...rows, '', `Measured on ${facts}.`].join('\n');
}

/** Writes the results as JSON. */
export function writeResults(file: string, results: Results, machine: Machine): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine, ...results }, undefined, 2)}\n`);
}

/** Puts the table between the marks of a README. */
export function updateReadme(file: string, table: string): void {
  const [start, end] = ['<!-- bench:start -->', '<!-- bench:end -->'];
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file}: has no ${start} … ${end}`);
  writeFileSync(file, `${text.slice(0, from + start.length)}\n${table}\n${text.slice(to)}`);
}
