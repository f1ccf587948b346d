/** How a piece of text stands out on a terminal. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'dim' | 'strong' | 'plain';

/** Text with a tone; the unit of all output for people. */
export type Span = { readonly text: string; readonly tone: Tone };

/** A span; plain unless told. */
export function span(text: string, tone: Tone = 'plain'): Span {
  return { text, tone };
}

const codes: Readonly<Record<Tone, string>> = {
  good: '\u001b[32m',
  bad: '\u001b[31m',
  warn: '\u001b[33m',
  busy: '\u001b[36m',
  dim: '\u001b[2m',
  strong: '\u001b[1m',
  plain: '',
};

/** A span as it is written: in colour or not. */
export function paint(piece: Span, color: boolean): string {
  const code = codes[piece.tone];
  return !color || code === '' || piece.text === '' ? piece.text : `${code}${piece.text}\u001b[0m`;
}

/**
 * Text from outside made safe for a terminal: control characters (escape sequences, backspaces, line ends) become a
 * space or go, so that no object can move the cursor or forge a line.
 */
export function clean(text: string): string {
  return text
    .replace(/[\t\n\v\f\r]+/g, ' ')
    .replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '');
}

/** The same for text of several lines, which stay lines; tabs become spaces. */
export function cleanLines(text: string): string {
  return text
    .split(/\r\n|\n|\r/)
    .map((line) => clean(line.replaceAll('\t', '    ')))
    .join('\n');
}

/** Cells that a text takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += charWidth(char.codePointAt(0) ?? 0, char);
  return width;
}

function charWidth(code: number, char: string): number {
  if (code < 0x300) return 1;
  if (/\p{Mn}|\p{Me}|\u200d/u.test(char)) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff);
  return wide ? 2 : 1;
}

/** The text in at most `width` cells; what was cut shows as `ellipsis`. */
export function truncate(text: string, width: number, ellipsis: string): string {
  if (widthOf(text) <= width) return text;
  const room = width - widthOf(ellipsis);
  if (room <= 0) return ellipsis.slice(0, Math.max(0, width));
  let used = 0;
  let out = '';
  for (const char of text) {
    used += charWidth(char.codePointAt(0) ?? 0, char);
    if (used > room) break;
    out += char;
  }
  return out.trimEnd() + ellipsis;
}

/** `1 object`, `3 objects`; the plural where it is not made with an s. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}
