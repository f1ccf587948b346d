import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { keyOf } from '../output/data.ts';

/** `plumb app unpin`. */
export const appUnpin = defineCommand({
  name: 'unpin',
  summary: 'Lift what a rollback holds: automated sync follows Git again',
  args: [appArgument],
  flags: {},
  examples: [{ line: 'plumb app unpin guestbook', does: 'Follow Git again' }],
  async run({ args, globals }, context) {
    const key = keyOf(args[0] ?? '', globals.namespace);
    return withOperator(context, globals, async (operator) => {
      const lifted = await operator.unpin(key);
      context.terminal.out(lifted ? `${key}: unpinned, follows Git again\n` : `${key}: was not pinned\n`);
      return exit.ok;
    });
  },
});
