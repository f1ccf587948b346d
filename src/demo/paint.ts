// Colours, signs and columns of what the demo prints.

/** How a piece of text stands out. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'dim' | 'strong' | 'plain';

/** How this terminal is written to. */
export type Look = {
  readonly color: boolean;
  /** False where a program reads: no signs before words. */
  readonly rich: boolean;
  readonly signs: Readonly<Record<'ok' | 'bad' | 'busy' | 'dot' | 'pin' | 'bar' | 'cut' | 'arrow', string>>;
  readonly frames: readonly string[];
};

const unicode: Look['signs'] = {
  ok: '✓',
  bad: '✗',
  busy: '◐',
  dot: '●',
  pin: '◆',
  bar: '│',
  cut: '…',
  arrow: '→',
};
const ascii: Look['signs'] = {
  ok: '+',
  bad: 'x',
  busy: '~',
  dot: '*',
  pin: '#',
  bar: '|',
  cut: '...',
  arrow: '->',
};

const codes: Readonly<Record<Tone, string>> = {
  good: '32',
  bad: '31',
  warn: '33',
  busy: '36',
  dim: '2',
  strong: '1',
  plain: '',
};

/** The look of a terminal, by the usual variables; `color` false is `--no-color`. */
export function lookOf(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
  color: boolean = true,
): Look {
  const dumb = env.TERM === 'dumb';
  const forced = (env.FORCE_COLOR ?? '') !== '' && env.FORCE_COLOR !== '0';
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || 'utf-8';
  const plain = dumb || env.TERM === 'linux' || !/utf-?8/i.test(locale);
  return {
    color: color && (env.NO_COLOR ?? '') === '' && (forced || (isTerminal && !dumb)),
    rich: isTerminal && !dumb,
    signs: plain ? ascii : unicode,
    frames: plain ? ['|', '/', '-', '\\'] : ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
  };
}

/** Text in a tone. */
export function paint(look: Look, text: string, tone: Tone): string {
  const code = codes[tone];
  return !look.color || code === '' || text === '' ? text : `\u001b[${code}m${text}\u001b[0m`;
}

/** A cell: its text and tone. */
export type Cell = readonly [text: string, tone: Tone];

/** Text from outside on one line, without control characters: no object can move the cursor or forge a line. */
export function clean(text: string): string {
  return text.replace(/[\s\u2028\u2029]+/g, ' ').replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '');
}

/** Aligned lines, each at most `width` cells; the last cell of a line is cut, the others are as wide as the widest. */
export function columns(look: Look, rows: readonly (readonly Cell[])[], width: number): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, [text]] of row.entries())
      widths[i] = Math.max(widths[i] ?? 0, i === row.length - 1 ? 0 : text.length);
  }
  return rows.map((row) => {
    let room = width;
    const pieces = row.map(([text, tone], i) => {
      const last = i === row.length - 1;
      const shown = cut(look, text, Math.max(0, room));
      const padding = last ? '' : ' '.repeat(Math.max(0, Math.min(room, (widths[i] ?? 0) + 2) - shown.length));
      room -= shown.length + padding.length;
      return paint(look, shown, tone) + padding;
    });
    return pieces.join('').trimEnd();
  });
}

/** The text in at most `width` cells. */
export function cut(look: Look, text: string, width: number): string {
  if (text.length <= width) return text;
  const room = width - look.signs.cut.length;
  return room <= 0 ? '' : text.slice(0, room).trimEnd() + look.signs.cut;
}

/** `38 ms`, `1.24 s`, `12.3 s`, `2:05 min`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}

/** `1 object`, `3 objects`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
