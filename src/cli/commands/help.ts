import { type Command, type CommandGroup, defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { writeHelp } from '../help.ts';
import { screenOf } from '../output/screen.ts';
import { parseArgv } from '../parse.ts';

/** `plumb help`; it tells of the commands of `catalog`. */
export function helpCommand(catalog: () => readonly (Command | CommandGroup)[]): Command {
  return defineCommand({
    name: 'help',
    summary: 'Show help for a command',
    args: [{ name: 'COMMAND', about: 'The words of the command', repeat: true }],
    flags: {},
    examples: [{ line: 'plumb help app sync', does: 'The same as plumb app sync --help' }],
    async run({ args, globals }, context) {
      const parsed = parseArgv([...args, '--help'], catalog(), context.env);
      if (parsed.kind === 'help') writeHelp(screenOf(context, globals), catalog(), parsed.entry, parsed.path);
      return exit.ok;
    },
  });
}
