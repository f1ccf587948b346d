import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { keyOf } from '../output/data.ts';
import { screenOf } from '../output/screen.ts';
import { clean, cleanLines, span } from '../output/text.ts';

/** `plumb app logs`. */
export const appLogs = defineCommand({
  name: 'logs',
  summary: "Print the logs of an application's pods",
  args: [appArgument],
  flags: {
    kind: { kind: 'string', value: 'KIND', about: 'Only pods below objects of this kind' },
    name: { kind: 'string', value: 'NAME', about: 'Only pods below objects of this name' },
    container: { kind: 'string', short: 'c', value: 'NAME', about: 'Which container; the first unless given' },
    tail: { kind: 'number', value: 'LINES', default: 100, about: 'Only the last lines' },
  },
  examples: [
    { line: 'plumb app logs guestbook', does: 'The last lines of every pod' },
    { line: 'plumb app logs guestbook --kind Deployment --name frontend --tail 20', does: 'Only one Deployment' },
  ],
  async run({ args, flags, globals }, context) {
    const key = keyOf(args[0] ?? '', globals.namespace);
    return withOperator(context, globals, async (operator) => {
      const logs = await operator.logs(key, {
        tailLines: flags.tail,
        ...(flags.kind === undefined ? {} : { kind: flags.kind }),
        ...(flags.name === undefined ? {} : { name: flags.name }),
        ...(flags.container === undefined ? {} : { container: flags.container }),
      });
      const screen = screenOf(context, globals);
      if (logs.length === 0) context.terminal.err('No pods.\n');
      for (const { pod, text, error } of logs) {
        if (error !== undefined) {
          context.terminal.err(`${clean(pod)}: ${clean(error)}\n`);
          continue;
        }
        // On a terminal a log could forge lines and move the cursor; a program gets it as it is.
        const lines = (screen.rich ? cleanLines(text) : text).replace(/\n$/, '').split('\n');
        for (const line of lines)
          context.terminal.out(`${logs.length > 1 ? screen.text(span(`${clean(pod)} `, 'dim')) : ''}${line}\n`);
      }
      return logs.length > 0 && logs.every((log) => log.error !== undefined) ? exit.error : exit.ok;
    });
  },
});
