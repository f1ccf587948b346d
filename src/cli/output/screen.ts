import type { CliContext } from '../context.ts';
import { formatAge } from '../duration.ts';
import type { Globals } from '../flags.ts';
import { paint, type Span, span } from './text.ts';

/** The signs that stand before words on a terminal, with ASCII where nothing else is sure to show. */
export type Signs = {
  readonly ok: string;
  readonly dot: string;
  readonly bad: string;
  readonly busy: string;
  readonly empty: string;
  readonly pause: string;
  readonly unknown: string;
  readonly arrow: string;
  readonly ellipsis: string;
  readonly pin: string;
  readonly branch: string;
  readonly lastBranch: string;
  readonly pipe: string;
  readonly frames: readonly string[];
};

const unicode: Signs = {
  ok: '✓',
  dot: '●',
  bad: '✗',
  busy: '◐',
  empty: '○',
  pause: '‖',
  unknown: '?',
  arrow: '→',
  ellipsis: '…',
  pin: '◆',
  branch: '├─ ',
  lastBranch: '└─ ',
  pipe: '│  ',
  frames: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
};

const ascii: Signs = {
  ok: '+',
  dot: '*',
  bad: 'x',
  busy: '~',
  empty: 'o',
  pause: '=',
  unknown: '?',
  arrow: '->',
  ellipsis: '...',
  pin: '#',
  branch: '|- ',
  lastBranch: '`- ',
  pipe: '|  ',
  frames: ['|', '/', '-', '\\'],
};

/** How output for people looks here and now. */
export type Screen = {
  readonly color: boolean;
  /** False when output is read by a program: no signs, no truncation, no colour. */
  readonly rich: boolean;
  readonly signs: Signs;
  /** Cells in a line; without end where nothing is cut. */
  readonly width: number;
  readonly now: number;
  /** Text of spans, in colour where there is colour. */
  text(...pieces: readonly (Span | string)[]): string;
  line(...pieces: readonly (Span | string)[]): void;
  /** `3m ago` of an RFC 3339 time; '' for ''. */
  ago(time: string): string;
};

/** The screen of standard output. */
export function screenOf(context: CliContext, globals: Globals): Screen {
  const { terminal, env } = context;
  const rich = terminal.outIsTerminal;
  const color = wantsColor(rich, globals, env);
  const text = (...pieces: readonly (Span | string)[]): string =>
    pieces.map((piece) => (typeof piece === 'string' ? piece : paint(piece, color))).join('');
  const now = context.now();
  return {
    color,
    rich,
    signs: signsFor(env),
    width: rich ? Math.max(40, terminal.columns()) : Number.POSITIVE_INFINITY,
    now,
    text,
    line: (...pieces) => terminal.out(`${text(...pieces).trimEnd()}\n`),
    ago: (time) => agoText(time, now),
  };
}

/** Signs that this terminal can show. */
export function signsFor(env: Readonly<Record<string, string | undefined>>): Signs {
  if (env.TERM === 'dumb' || env.TERM === 'linux') return ascii;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return locale === '' || /utf-?8/i.test(locale) ? unicode : ascii;
}

/** The same screen, where nothing is cut: `-o wide`. */
export function unlimited(screen: Screen, wide: boolean): Screen {
  return wide ? { ...screen, width: Number.POSITIVE_INFINITY } : screen;
}

/** NO_COLOR (any value) and `--no-color` win, then FORCE_COLOR, then whether it is a terminal. */
export function wantsColor(
  isTerminal: boolean,
  globals: Pick<Globals, 'color'>,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (!globals.color || (env.NO_COLOR ?? '') !== '') return false;
  if ((env.FORCE_COLOR ?? '') !== '' && env.FORCE_COLOR !== '0') return true;
  return isTerminal && env.TERM !== 'dumb';
}

function agoText(time: string, now: number): string {
  const at = Date.parse(time);
  if (Number.isNaN(at)) return '';
  return at > now + 1000 ? `in ${formatAge(at - now)}` : `${formatAge(now - at)} ago`;
}

/** A dim span. */
export function dim(text: string): Span {
  return span(text, 'dim');
}
