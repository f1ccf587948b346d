import { type Command, type CommandGroup, defineCommand } from '../command.ts';
import { candidates } from '../complete.ts';
import { exit } from '../exit.ts';

/** `plumb __complete -- WORDS` of the commands of `catalog`: what the completion scripts ask. The last line says what kind of answer it is. */
export function completeCommand(catalog: () => readonly (Command | CommandGroup)[]): Command {
  return defineCommand({
    name: '__complete',
    summary: 'List what the last word can become',
    hidden: true,
    args: [{ name: 'WORD', about: 'Words so far', repeat: true }],
    flags: {},
    examples: [{ line: "plumb __complete -- app ''", does: 'The commands of app' }],
    async run({ args, globals }, context) {
      const answer = await candidates(args, catalog(), context, globals);
      for (const { word, about } of answer.words) context.terminal.out(`${word}\t${about}\n`);
      context.terminal.out(`:${answer.kind}\n`);
      return exit.ok;
    },
  });
}
