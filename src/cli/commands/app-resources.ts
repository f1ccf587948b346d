import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { screenOf, unlimited } from '../output/screen.ts';
import { refText } from '../output/words.ts';
import { writeObjects } from './app-get.ts';

/** `plumb app resources`. */
export const appResources = defineCommand({
  name: 'resources',
  summary: 'List the objects of an application',
  args: [appArgument],
  flags: {
    output: outputFlag('wide', 'name', 'json', 'yaml'),
    kind: { kind: 'list', value: 'KIND', about: 'Only objects of this kind', commas: true },
    'out-of-sync': { kind: 'boolean', about: 'Only what differs from Git' },
  },
  examples: [
    { line: 'plumb app resources guestbook', does: 'Every object with status, health and holds' },
    { line: 'plumb app resources guestbook --out-of-sync -o name', does: 'What differs, as KIND.GROUP/NAMESPACE/NAME' },
  ],
  async run({ args, flags, globals }, context) {
    const key = keyOf(args[0] ?? '', globals.namespace);
    return withOperator(context, globals, async (operator) => {
      const kinds = flags.kind.map((kind) => kind.toLowerCase());
      const objects = (await operator.resources(key)).filter(
        (object) =>
          (kinds.length === 0 || kinds.includes(object.ref.kind.toLowerCase())) &&
          (!flags['out-of-sync'] || object.status === 'OutOfSync'),
      );
      if (writeData(context, flags.output, objects)) return exit.ok;
      if (flags.output === 'name') {
        for (const { ref } of objects)
          context.terminal.out(`${refText(ref)}
`);
        return exit.ok;
      }
      if (objects.length === 0) context.terminal.err('No objects.\n');
      writeObjects(
        unlimited(screenOf(context, globals), flags.output === 'wide'),
        objects,
        flags.output === 'wide',
        false,
      );
      return exit.ok;
    });
  },
});
