import type { CliContext } from '../context.ts';
import type { Globals } from '../flags.ts';
import { signsFor, wantsColor } from './screen.ts';
import { clean, paint, span, truncate } from './text.ts';

/** What is going on, while a command waits; on standard error, so that output stays clean. */
export type Progress = {
  /** Says where things are. On a terminal the line is replaced, elsewhere a line is written when the text is new. */
  show(text: string): void;
  /** A line that stays. */
  note(text: string): void;
  /** Says that a connection was lost (why), or is back (''). */
  connection(message: string): void;
  /** Takes the line away. */
  end(): void;
};

const frameMs = 100;
const linePause = 2_000;

/** A progress line; `quiet` writes nothing but notes. */
export function startProgress(context: CliContext, globals: Globals, quiet = false): Progress {
  const { terminal } = context;
  if (!terminal.errIsTerminal || context.env.TERM === 'dumb') return plainLines(context, quiet);
  const signs = signsFor(context.env);
  const color = wantsColor(true, globals, context.env);
  let text = '';
  let frame = 0;
  let ended = quiet;
  const draw = (): void => {
    if (ended || text === '') return;
    const sign = paint(span(signs.frames[frame++ % signs.frames.length] ?? '', 'busy'), color);
    terminal.err(`\r\u001b[K${sign} ${truncate(text, terminal.columns() - 3, signs.ellipsis)}`);
  };
  const tick = (): void => {
    draw();
    cancel = context.after(frameMs, tick);
  };
  let cancel = ended ? () => {} : context.after(frameMs, tick);
  const wipe = (): void => terminal.err('\r\u001b[K');
  const note = (line: string): void => {
    if (!ended) wipe();
    terminal.err(`${clean(line)}\n`);
    draw();
  };
  return {
    show: (next) => {
      const fresh = clean(next);
      if (fresh === text) return;
      text = fresh;
      draw();
    },
    note,
    connection: (message) => note(connectionText(message)),
    end: () => {
      cancel();
      if (!ended) wipe();
      ended = true;
    },
  };
}

function connectionText(message: string): string {
  return message === '' ? 'connected again' : `connection lost: ${message}`;
}

// A log is read later: a line when something is new, but not one for each of a thousand applications.
function plainLines(context: CliContext, quiet: boolean): Progress {
  let last = '';
  let next = Number.NEGATIVE_INFINITY;
  const note = (text: string): void => context.terminal.err(`${clean(text)}\n`);
  return {
    show: (text) => {
      const line = clean(text);
      if (quiet || line === last || context.now() < next) return;
      last = line;
      next = context.now() + linePause;
      context.terminal.err(`${line}\n`);
    },
    note,
    connection: (message) => note(connectionText(message)),
    end: () => {},
  };
}
