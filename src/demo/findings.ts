// The little table at the end of `plumb up --exit`.
import type { Finding } from './acts.ts';
import type { Live } from './live.ts';
import { type Cell, columns, duration, paint } from './paint.ts';

/** Writes what was seen; true when all of it went well. */
export function writeFindings(live: Live, findings: readonly Finding[]): boolean {
  const { look } = live;
  const titles = ['WHAT HAPPENED', 'AFTER'.padStart(10), 'WHAT THE CLUSTER AND GIT SAY'].map(
    (title): Cell => [title, 'dim'],
  );
  const rows = findings.map(({ what, took, evidence, ok }): Cell[] => [
    [`${ok ? look.signs.ok : look.signs.bad} ${what}`, ok ? 'good' : 'bad'],
    [duration(took).padStart(10), 'strong'],
    [evidence, ok ? 'plain' : 'bad'],
  ]);
  if (!live.replaces) live.print();
  const width = live.replaces ? live.width() - 3 : Number.POSITIVE_INFINITY;
  const wide = columns(look, [titles, ...rows], Number.POSITIVE_INFINITY);
  // Evidence is never cut: where the lines are too short for it, it gets lines of its own.
  const fits = longest(rows) <= width;
  const lines = fits
    ? wide
    : columns(
        look,
        [titles, ...rows].map((row) => row.slice(0, 2)),
        width,
      );
  for (const [i, line] of lines.entries()) {
    live.print(`  ${line}`);
    if (!fits && i > 0) live.print(`    ${paint(look, findings[i - 1]?.evidence ?? '', 'dim')}`);
  }
  const bad = findings.filter(({ ok }) => !ok).length;
  live.print();
  live.print(
    bad === 0
      ? paint(look, 'Git, the engine and the cluster agree.', 'good')
      : paint(look, `${bad} of ${findings.length} did not go well.`, 'bad'),
  );
  return bad === 0;
}

function longest(rows: readonly (readonly Cell[])[]): number {
  const widest = (i: number): number => Math.max(...rows.map((row) => row[i]?.[0].length ?? 0));
  return widest(0) + widest(1) + widest(2) + 4;
}
