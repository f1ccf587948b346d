import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { dim, screenOf } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { shortRevisions, sourceText } from '../output/words.ts';

/** `plumb app history`. */
export const appHistory = defineCommand({
  name: 'history',
  summary: 'List what was deployed, newest first',
  args: [appArgument],
  flags: { output: outputFlag('wide', 'name', 'json', 'yaml') },
  examples: [
    { line: 'plumb app history guestbook', does: 'Revisions, times and people; the ID is what a rollback takes' },
    { line: 'plumb app history guestbook -o wide', does: 'With full revisions and their sources' },
  ],
  async run({ args, flags, globals }, context) {
    const key = keyOf(args[0] ?? '', globals.namespace);
    return withOperator(context, globals, async (operator) => {
      const entries = await operator.history(key);
      if (writeData(context, flags.output, entries)) return exit.ok;
      if (flags.output === 'name') {
        for (const entry of entries) context.terminal.out(`${entry.id}\n`);
        return exit.ok;
      }
      const screen = screenOf(context, globals);
      const wide = flags.output === 'wide';
      if (entries.length === 0) context.terminal.err('Nothing was deployed yet.\n');
      writeTable(
        screen,
        [
          { title: 'ID', align: 'right' },
          { title: 'REVISION' },
          { title: 'DEPLOYED' },
          { title: 'BY' },
          { title: 'SOURCE', shrink: 1 },
          { title: '' },
        ],
        entries.map((entry, i) => [
          String(entry.id),
          wide ? entry.revisions.join(', ') : shortRevisions(entry.revisions),
          wide ? entry.deployedAt : screen.ago(entry.deployedAt),
          entry.initiatedBy.automated ? 'automated' : entry.initiatedBy.username,
          entry.sources.map(sourceText).join('; '),
          i === 0 && screen.rich ? dim('current') : '',
        ]),
      );
      return exit.ok;
    });
  },
});
