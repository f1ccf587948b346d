import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { outputFlag, writeData } from '../output/data.ts';

/** `plumb version`. */
export const version = defineCommand({
  name: 'version',
  summary: 'Print the version',
  flags: { output: outputFlag('json', 'yaml') },
  examples: [{ line: 'plumb version', does: 'The version, and what it runs on' }],
  run({ flags }, context) {
    const { version: own, runtime } = context.version;
    if (!writeData(context, flags.output, context.version)) context.terminal.out(`plumb ${own} (${runtime})\n`);
    return Promise.resolve(exit.ok);
  },
});
