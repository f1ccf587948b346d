import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { keyOf } from '../output/data.ts';

/** `plumb app terminate`. */
export const appTerminate = defineCommand({
  name: 'terminate',
  aliases: ['terminate-op'],
  summary: 'End the sync that runs',
  args: [appArgument],
  flags: {},
  examples: [{ line: 'plumb app terminate guestbook', does: 'End its sync; what was written stays' }],
  async run({ args, globals }, context) {
    const key = keyOf(args[0] ?? '', globals.namespace);
    return withOperator(context, globals, async (operator) => {
      await operator.terminate(key);
      context.terminal.out(`${key}: asked its sync to end\n`);
      return exit.ok;
    });
  },
});
