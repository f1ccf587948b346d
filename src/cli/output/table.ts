import type { Screen } from './screen.ts';
import { clean, type Span, span, truncate, widthOf } from './text.ts';

/** A column of a table; `shrink` lets it be cut where the terminal is narrow, those with the higher number first. */
export type Column = { readonly title: string; readonly shrink?: number; readonly align?: 'right' };

/** A cell: text, or spans that stay side by side. */
export type Cell = string | Span | readonly Span[];

const gap = 2;
const narrowest = 8;

/** Writes aligned rows under titles; the last column is not padded. Nothing at all when there are no rows. */
export function writeTable(
  screen: Screen,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: { readonly indent?: number; readonly titles?: boolean } = {},
): void {
  if (rows.length === 0) return;
  const cells = rows.map((row) => columns.map((_, i) => spansOf(row[i] ?? '')));
  const used = columns.map((column, i) => column.title !== '' || cells.some((row) => row[i]?.some((s) => s.text)));
  const widths = columns.map((column, i) => Math.max(widthOf(column.title), ...cells.map((row) => spansWidth(row[i]))));
  const indent = options.indent ?? 0;
  shrink(widths, columns, screen.width - indent - gap * (used.filter(Boolean).length - 1));
  const write = (row: readonly (readonly Span[])[]): void => {
    const shown = row
      .map((spans, i) => fit(screen, spans, widths[i] ?? 0, columns[i]?.align))
      .filter((_, i) => used[i]);
    screen.line(' '.repeat(indent), shown.join(' '.repeat(gap)));
  };
  if (options.titles !== false) write(columns.map((column) => [span(column.title, 'dim')]));
  for (const row of cells) write(row);
}

function spansOf(cell: Cell): readonly Span[] {
  const list = typeof cell === 'string' ? [span(cell)] : 'text' in cell ? [cell] : cell;
  return list.map((piece) => ({ text: clean(piece.text), tone: piece.tone }));
}

function spansWidth(spans: readonly Span[] | undefined): number {
  return (spans ?? []).reduce((sum, piece) => sum + widthOf(piece.text), 0);
}

function shrink(widths: number[], columns: readonly Column[], room: number): void {
  const order = columns.map((column, i) => ({ i, rank: column.shrink ?? 0 })).filter((one) => one.rank > 0);
  order.sort((a, b) => b.rank - a.rank);
  let over = widths.reduce((sum, width) => sum + width, 0) - room;
  for (const { i } of order) {
    if (!(over > 0)) return;
    const width = widths[i] ?? 0;
    const less = Math.min(over, Math.max(0, width - Math.max(narrowest, widthOf(columns[i]?.title ?? ''))));
    widths[i] = width - less;
    over -= less;
  }
}

function fit(screen: Screen, spans: readonly Span[], width: number, align: Column['align']): string {
  let room = width;
  const shown: Span[] = [];
  for (const piece of spans) {
    const text = truncate(piece.text, room, screen.signs.ellipsis);
    room -= widthOf(text);
    shown.push({ text, tone: piece.tone });
    if (text !== piece.text) break;
  }
  const padding = ' '.repeat(Math.max(0, room));
  return align === 'right' ? padding + screen.text(...shown) : screen.text(...shown) + padding;
}
