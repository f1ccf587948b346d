import { asEngineError, type EngineError, type ErrorCode } from '../model/index.ts';
import { catalog } from './catalog.ts';
import type { CliContext } from './context.ts';
import { type ExitCode, exit } from './exit.ts';
import type { Globals } from './flags.ts';
import { writeHelp } from './help.ts';
import { Interrupted } from './interrupted.ts';
import { screenOf, wantsColor } from './output/screen.ts';
import { clean, paint, span } from './output/text.ts';
import { parseArgv } from './parse.ts';

const noGlobals: Globals = {
  kubeconfig: undefined,
  context: undefined,
  namespace: 'argocd',
  color: true,
  verbose: false,
};

/**
 * Runs one command line (without `node` and the script) and answers the exit code; never throws. Everything it does to
 * the world goes through `context`.
 */
export async function runCli(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  let globals: Globals = { ...noGlobals, color: !argv.includes('--no-color') };
  try {
    const parsed = parseArgv(argv, catalog, context.env);
    if (parsed.kind === 'help') {
      const screen = screenOf(context, globals);
      if (parsed.asked || parsed.path.length === 0) {
        writeHelp(screen, catalog, parsed.entry, parsed.path);
        return exit.ok;
      }
      writeHelp(
        { ...screen, line: (...pieces) => context.terminal.err(`${screen.text(...pieces)}\n`) },
        catalog,
        parsed.entry,
        parsed.path,
      );
      return exit.error;
    }
    globals = parsed.input.globals;
    const work = parsed.command.run(parsed.input, context);
    return await (parsed.command.stopsItself ? work : interruptible(work, context.signal));
  } catch (thrown) {
    if (thrown instanceof Interrupted) return exit.interrupted;
    const error = asEngineError(thrown);
    writeError(error, context, globals);
    return error.code === 'timed-out' ? exit.timedOut : exit.error;
  }
}

/** The answer, or Interrupted as soon as the person wants to stop. */
function interruptible<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Interrupted());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

const hints: Partial<Record<ErrorCode, string>> = {
  'cluster-unreachable': 'is the cluster up? --kubeconfig and --context choose another one; `plumb up` starts one',
  'cluster-config': '--kubeconfig and --context choose another one; `plumb up` starts a cluster of its own',
  'cluster-denied': 'do the credentials of the kubeconfig allow this? try: kubectl auth whoami',
  'kind-unknown': 'are the Application resources installed in this cluster? `plumb up` installs them',
  'not-found': '-n chooses the namespace of the Applications; see: plumb app list -A',
  'repo-denied': 'the repository asks for other credentials',
  busy: 'wait for it with `plumb app wait`, or end it with `plumb app terminate`',
  internal: 'this should not happen; run again with -v, and tell us what it says',
};

function writeError(error: EngineError, context: CliContext, globals: Globals): void {
  const color = wantsColor(context.terminal.errIsTerminal, globals, context.env);
  const write = (text: string): void => context.terminal.err(`${text}\n`);
  const label = paint(span(`error [${error.code}]`, 'bad'), color);
  write(`${label}: ${clean(error.message)}`);
  // What to do next takes the place of what it is about.
  const isHint = error.code === 'usage' || /^(see|try): /.test(error.about);
  if (error.about !== '' && !error.message.includes(error.about)) {
    write(`  ${paint(span(isHint ? 'hint' : 'about', 'dim'), color)}: ${clean(error.about)}`);
  }
  const hint = isHint ? undefined : hints[error.code];
  if (hint !== undefined) write(`  ${paint(span('hint', 'dim'), color)}: ${hint}`);
  if (globals.verbose) write(error.stack ?? '');
}
