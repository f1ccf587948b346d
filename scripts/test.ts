// `plumb test`: everything that can be known about this checkout, in one command. `--quick` is what a person runs while working.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Board, openBoard, seconds } from './board.ts';
import { type Finished, runStages, type Stage } from './stage.ts';
import { findChromium, stagesOf } from './stages.ts';

const usage = `usage: plumb test [--quick] [--seeds N] [STAGE ...]

Prepares what is missing (the toolbox, Kubernetes, Gitea), then runs types, lint, unused, tidy, unit, golden, sim,
conformance and e2e, or only the stages named. The last line counts the tests.

  --quick      without a control plane and with few simulated seeds: under a minute
  --seeds N    how many seeds the simulation plays (1000; with --quick 25)`;

/** Runs the stages that the arguments ask for; returns the exit code: 0, 1 when something failed, 2 for a wrong command line. */
export async function runTests(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if (asked === undefined) return 2;
  const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
  const all = stagesOf(root, asked.quick);
  const unknown = asked.names.find((name) => all.every((stage) => stage.name !== name));
  if (unknown !== undefined)
    return wrong(`no stage named ${unknown}; there are: ${all.map(({ name }) => name).join(' ')}`);
  const stages = asked.names.length === 0 ? all : withNeeds(all, asked.names);
  process.env.PLUMBLINE_SIM_SEEDS = asked.seeds;
  const board = openBoard();
  prepareBrowser(board);
  const finished = await runStages(stages, Math.max(1, availableParallelism()), {
    begin: ({ name }) => board.now(name, ''),
    tell: ({ name }, text) => board.now(name, text),
    end: (done) => {
      board.now(done.name, undefined);
      report(board, done);
    },
  });
  board.close();
  return conclude(finished);
}

type Asked = { readonly quick: boolean; readonly seeds: string; readonly names: readonly string[] };

function readArguments(args: readonly string[]): Asked | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        seeds: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) throw new Error('');
    const seeds = values.seeds ?? (values.quick ? '25' : '1000');
    if (!/^\d+$/.test(seeds)) throw new Error(`--seeds: not a number: ${seeds}`);
    return { quick: values.quick, seeds, names: positionals };
  } catch (error) {
    wrong(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function wrong(message: string): number {
  process.stderr.write(`${message === '' ? '' : `plumb test: ${message}\n`}${usage}\n`);
  return 2;
}

// The stages named, and those that they need.
function withNeeds(all: readonly Stage[], names: readonly string[]): readonly Stage[] {
  const wanted = new Set(names);
  for (const stage of [...all].reverse()) {
    if (wanted.has(stage.name)) for (const need of stage.needs) wanted.add(need);
  }
  return all.filter(({ name }) => wanted.has(name));
}

function prepareBrowser(board: Board): void {
  const chromium = process.env.PLUMBLINE_CHROMIUM ?? findChromium();
  if (chromium === undefined) board.line('no Chromium on PATH: browser tests are skipped');
  else process.env.PLUMBLINE_CHROMIUM = chromium;
}

function report(board: Board, { name, ms, outcome }: Finished): void {
  const label = name.padEnd(12);
  if (outcome === undefined) {
    board.line(`${label} not run: something that it needs failed`);
    return;
  }
  const { passed, failed, skipped, failures, note } = outcome;
  const counts = [
    passed > 1 && `${passed} passed`,
    failed > 0 && `${failed} failed`,
    skipped > 0 && `${skipped} skipped`,
    note,
  ];
  const word = failed > 0 ? 'FAILED' : 'ok';
  board.line(`${label} ${word.padEnd(6)} ${seconds(ms).padStart(9)}  ${counts.filter(Boolean).join(', ')}`.trimEnd());
  for (const failure of failures) board.line(failure.replaceAll(/^/gm, '  '));
}

// The last line is for machines too: its form must not change.
function conclude(finished: readonly Finished[]): number {
  const sum = (key: 'passed' | 'failed' | 'skipped') =>
    finished.reduce((all, { outcome }) => all + (outcome?.[key] ?? 0), 0);
  const failed = sum('failed');
  process.stdout.write(`tests: ${sum('passed')} passed, ${failed} failed, ${sum('skipped')} skipped\n`);
  return failed > 0 || finished.some(({ outcome }) => outcome === undefined) ? 1 : 0;
}

if (import.meta.main) process.exit(await runTests(process.argv.slice(2)));
