import { defineCommand, exit } from '../command.ts';
import { writeHelp } from '../help.ts';
import { screenOf } from '../output/screen.ts';
import { parseArgv } from '../parse.ts';

/** `plumb help`. */
export const help = defineCommand({
  name: 'help',
  summary: 'Show help for a command',
  args: [{ name: 'COMMAND', about: 'The words of the command', repeat: true }],
  flags: {},
  examples: [{ line: 'plumb help app sync', does: 'The same as plumb app sync --help' }],
  async run({ args, globals }, context) {
    const { catalog } = await import('../catalog.ts');
    const parsed = parseArgv([...args, '--help'], catalog, context.env);
    if (parsed.kind === 'help') writeHelp(screenOf(context, globals), catalog, parsed.entry, parsed.path);
    return exit.ok;
  },
});
