/** Cuts a YAML stream at its `---` lines, the way kubectl and Argo CD do before they parse; parsing pieces is faster too. */

/** A piece of a stream; `line` (from 1) is where it starts. */
export type Piece = { readonly text: string; readonly line: number };

const separator = /^---[ \t]*(?:#.*)?\r?$/gm;
const directive = /^%/m;

/** The pieces that hold anything but white space and comments, in order. */
export function splitDocuments(text: string): Piece[] {
  if (!text.includes('---')) return blank(text) ? [] : [{ text, line: 1 }];
  // A directive belongs to the document behind its separator.
  if (directive.test(text)) return [{ text, line: 1 }];
  const pieces: Piece[] = [];
  let start = 0;
  let line = 1;
  separator.lastIndex = 0;
  for (let match = separator.exec(text); ; match = separator.exec(text)) {
    const end = match === null ? text.length : match.index;
    const piece = text.slice(start, end);
    if (!blank(piece)) pieces.push({ text: piece, line });
    if (match === null) return pieces;
    line += lines(piece);
    start = end + match[0].length;
  }
}

/** Line feeds in `text`. */
export function lines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Answers on which line of `piece` a position is; quick when positions ascend. */
export function lineFinder(piece: Piece): (position: number) => number {
  let known = 0;
  let line = piece.line;
  return (position) => {
    if (position < known) {
      known = 0;
      line = piece.line;
    }
    line += lines(piece.text.slice(known, position));
    known = position;
    return line;
  };
}

/** True when no line begins with anything but a comment. */
function blank(text: string): boolean {
  return !/^[ \t]*[^\s#]/m.test(text);
}
