import type { OrphansView } from '../../contract/index.ts';
import { EngineError } from '../../model/index.ts';
import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { exit } from '../exit.ts';
import type { Globals } from '../flags.ts';
import { withOperator } from '../follow.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { screenOf, unlimited } from '../output/screen.ts';
import { refText } from '../output/words.ts';
import { writeObjects } from './app-get.ts';
import { writeTree } from './app-tree.ts';

/** `plumb app resources`. */
export const appResources = defineCommand({
  name: 'resources',
  summary: 'List the objects of an application',
  args: [appArgument],
  flags: {
    output: outputFlag('wide', 'name', 'json', 'yaml'),
    kind: { kind: 'list', value: 'KIND', about: 'Only objects of this kind', commas: true },
    'out-of-sync': { kind: 'boolean', about: 'Only what differs from Git' },
    orphaned: { kind: 'boolean', about: 'Instead what lives in its namespace and belongs to no application' },
  },
  examples: [
    { line: 'plumb app resources guestbook', does: 'Every object with status, health and holds' },
    { line: 'plumb app resources guestbook --orphaned', does: 'What somebody made by hand, or left behind' },
    { line: 'plumb app resources guestbook --out-of-sync -o name', does: 'What differs, as KIND.GROUP/NAMESPACE/NAME' },
  ],
  async run({ args, flags, globals }, context) {
    const key = keyOf(args[0] ?? '', globals.namespace);
    return withOperator(context, globals, async (operator) => {
      const kinds = flags.kind.map((kind) => kind.toLowerCase());
      if (flags.orphaned) {
        if (flags['out-of-sync'])
          throw new EngineError('usage', 'orphans have no place in Git: not with --out-of-sync');
        writeOrphans(context, globals, flags.output, await operator.orphans(key), kinds);
        return exit.ok;
      }
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

function writeOrphans(
  context: CliContext,
  globals: Globals,
  output: string | undefined,
  { asked, nodes }: OrphansView,
  kinds: readonly string[],
): void {
  const isMeant = ({ ref }: OrphansView['nodes'][number]): boolean =>
    kinds.length === 0 || kinds.includes(ref.kind.toLowerCase());
  const found = nodes.filter(isMeant);
  if (writeData(context, output, found)) return;
  if (output === 'name') {
    const uids = new Set(found.map(({ uid }) => uid));
    const roots = found.filter(({ parentUids }) => !parentUids.some((uid) => uids.has(uid)));
    for (const { ref } of roots) context.terminal.out(`${refText(ref)}\n`);
    return;
  }
  if (!asked) context.terminal.err('Nobody looks for orphans: the project has no orphanedResources.\n');
  else if (found.length === 0) context.terminal.err('No orphans.\n');
  else writeTree(unlimited(screenOf(context, globals), output === 'wide'), found, output === 'wide');
}
