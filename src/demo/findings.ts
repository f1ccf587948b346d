// The little table at the end of `plumb up --exit`.
import type { Finding } from './acts.ts';
import type { Live } from './live.ts';
import { type Cell, columns, duration, paint } from './paint.ts';

/** Writes what was seen; true when all of it went well. */
export function writeFindings(live: Live, findings: readonly Finding[]): boolean {
  const { look } = live;
  const titles: Cell[] = ['WHAT HAPPENED', 'LIVE AFTER', 'WHAT THE CLUSTER SAYS'].map((title): Cell => [title, 'dim']);
  const rows = findings.map(({ what, took, evidence, ok }): Cell[] => [
    [`${ok ? look.signs.ok : look.signs.bad} ${what}`, ok ? 'good' : 'bad'],
    [duration(took).padStart(10), 'strong'],
    [evidence, ok ? 'plain' : 'bad'],
  ]);
  const width = live.replaces ? live.width() - 3 : 200;
  if (!live.replaces) live.print();
  for (const line of columns(look, [titles, ...rows], width)) live.print(`  ${line}`);
  const bad = findings.filter(({ ok }) => !ok).length;
  live.print();
  live.print(
    bad === 0
      ? paint(look, 'Git, the engine and the cluster agree.', 'good')
      : paint(look, `${bad} of ${findings.length} did not go well.`, 'bad'),
  );
  return bad === 0;
}
