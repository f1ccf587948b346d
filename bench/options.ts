// The words of the benchmark's command line.

/** What is measured, in the order in which it runs. */
export const scenarioNames = ['floor', 'bulk', 'commit', 'drift', 'monorepo', 'idle', 'restart'] as const;

export type ScenarioName = (typeof scenarioNames)[number];

/** How the benchmark runs. */
export type Options = {
  readonly apps: number;
  /** Samples of the scenarios that time something again and again. */
  readonly samples: number;
  readonly idleSeconds: number;
  readonly only: ReadonlySet<ScenarioName>;
  /** Write the table into the README. */
  readonly readme: boolean;
  readonly out: string;
  /** Where the engine's log goes; nowhere when ''. */
  readonly log: string;
  /** Arguments for the Node of the engine. */
  readonly node: readonly string[];
  readonly say: (text: string) => void;
};

export const usage = `usage: node bench/run.ts [--quick] [--apps N] [--samples N] [--idle SECONDS] [--only NAME,…] [--readme] [--out FILE]

  --quick      100 applications, fewer samples, 15 s of idling: a check that everything works, not a measurement
  --only       some of: ${scenarioNames.join(' ')} (bulk is always needed by what follows it)
  --readme     put the table between the bench marks of README.md
  --node ARG   an argument for the engine's Node, such as --cpu-prof (may be repeated)
  --log FILE   keep the engine's log`;

/** Reads the command line; undefined when it cannot be read. */
export function readOptions(args: readonly string[], say: (text: string) => void): Options | undefined {
  const given = new Map<string, string>();
  const node: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [name = '', inline] = (args[i] ?? '').split(/=(.*)/s, 2);
    const flag = ['--quick', '--readme'].includes(name);
    if (!flag && !['--apps', '--samples', '--idle', '--only', '--out', '--log', '--node'].includes(name))
      return undefined;
    const value = flag ? 'true' : (inline ?? args[++i] ?? '');
    if (name === '--node') node.push(value);
    else given.set(name.slice(2), value);
  }
  const quick = given.has('quick');
  const number = (name: string, otherwise: number): number => Number(given.get(name) ?? otherwise);
  const only = (given.get('only')?.split(',') ?? scenarioNames) as readonly ScenarioName[];
  if (!only.every((name) => scenarioNames.includes(name))) return undefined;
  return {
    apps: number('apps', quick ? 100 : 1_000),
    samples: number('samples', quick ? 10 : 40),
    idleSeconds: number('idle', quick ? 15 : 60),
    only: new Set(only),
    readme: given.has('readme'),
    out: given.get('out') ?? 'bench/results/latest.json',
    log: given.get('log') ?? '',
    node,
    say,
  };
}
