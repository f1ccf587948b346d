// Shows applications as they converge: one table that changes in place, or one line for each transition.
import type { Applications } from './applications.ts';
import type { Live } from './live.ts';
import { type Cell, clean, columns, count, cut, duration, paint } from './paint.ts';
import { healthCell, type Row, syncCell } from './row.ts';

/** More applications than this are counted, not shown. */
const mostRows = 24;
const redrawMs = 60;

/** Shows applications until `close`, which leaves the last state on the screen. `began` is where times start. */
export function openBoard(live: Live, applications: Applications, began: number): { close(): void } {
  const convergedAfter = new Map<string, number>();
  let open = true;
  let drawn: NodeJS.Timeout | undefined;
  const draw = (): void => {
    clearTimeout(drawn);
    drawn = undefined;
    live.show(table(live, applications.rows(), convergedAfter, performance.now() - began));
  };
  applications.onChange((row, before) => {
    if (!open) return;
    if (row.converged) {
      if (!convergedAfter.has(row.key)) convergedAfter.set(row.key, performance.now() - began);
    } else convergedAfter.delete(row.key);
    if (!live.replaces) {
      const line = transition(live, row, before, `+${((performance.now() - began) / 1000).toFixed(2)} s`);
      if (line !== undefined) live.print(line);
    } else drawn ??= setTimeout(draw, redrawMs);
  });
  // Times go on even where nothing happens.
  const tick = live.replaces ? setInterval(draw, 1000) : undefined;
  return {
    close() {
      open = false;
      clearInterval(tick);
      draw();
    },
  };
}

/** One line for what changed of an application, undefined when it looks the same as before. */
export function transition(live: Live, row: Row, before: Row | undefined, when: string): string | undefined {
  const unseen = row.sync === 'Unknown' && row.health === 'Unknown' && row.why === '';
  if (unseen || (before !== undefined && signature(row) === signature(before))) return undefined;
  const { look } = live;
  const cells: Cell[] = [
    [when.padStart(9), 'dim'],
    [row.name.padEnd(18), 'strong'],
    padded(syncCell(look, row.sync), 11),
    padded(healthCell(look, row.health), 13),
    [`${row.good}/${row.total}`.padStart(4), 'plain'],
    [row.revision.padEnd(7), 'dim'],
    [row.why || (row.running ? 'syncing' : ''), row.pinned ? 'warn' : 'plain'],
  ];
  return lineOf(live, cells);
}

/** One line of cells; the last is cut where the terminal ends. */
export function lineOf(live: Live, cells: readonly Cell[]): string {
  const used = cells.slice(0, -1).reduce((sum, [text]) => sum + text.length + 2, 2);
  const shown = cells.map(([text, tone], i): string => {
    const last = i === cells.length - 1;
    return paint(
      live.look,
      last ? cut(live.look, clean(text), live.replaces ? live.width() - used - 1 : 200) : text,
      tone,
    );
  });
  return `  ${shown.join('  ')}`.trimEnd();
}

function padded([text, tone]: Cell, width: number): Cell {
  return [text.padEnd(width), tone];
}

function signature(row: Row): string {
  const problem = row.sync === 'Unknown' ? row.why : '';
  return [row.sync, row.health, row.revision, row.running, row.pinned, problem].join('|');
}

function table(
  live: Live,
  all: readonly Row[],
  convergedAfter: ReadonlyMap<string, number>,
  now: number,
): readonly string[] {
  const { look } = live;
  // Where there are too many, those that need a look come first.
  const many = all.length > mostRows;
  const shown = many ? [...all].sort((a, b) => Number(a.converged) - Number(b.converged)).slice(0, mostRows) : all;
  // As wide as they will ever be, so that the columns stand still.
  const titles = ['APPLICATION'.padEnd(18), 'SYNC'.padEnd(11), 'HEALTH'.padEnd(13), 'OBJECTS', 'COMMIT ', 'LIVE AFTER'];
  const rows = shown.map((row): Cell[] => [
    [row.name, 'strong'],
    syncCell(look, row.sync),
    healthCell(look, row.health),
    [`${row.good}/${row.total}`.padStart(7), 'plain'],
    [row.revision, 'dim'],
    lastCell(row, convergedAfter.get(row.key), now),
  ]);
  const lines = columns(look, [titles.map((title): Cell => [title, 'dim']), ...rows], live.width() - 3);
  const rest = many ? [paint(look, `… and ${count(all.length - shown.length, 'more application')}`, 'dim')] : [];
  return [...lines, ...rest].map((line) => `  ${line}`);
}

function lastCell(row: Row, after: number | undefined, now: number): Cell {
  if (row.converged) return [duration(after ?? now), 'good'];
  return [row.why || (row.running ? 'syncing' : ''), 'dim'];
}
