import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { keyOf, outputFlag } from '../output/data.ts';
import { dumpYamlStream } from '../output/yaml.ts';

/** `plumb app manifests`. */
export const appManifests = defineCommand({
  name: 'manifests',
  summary: 'Print the objects of an application, as Git has them or as they are live',
  args: [appArgument],
  flags: {
    source: {
      kind: 'string',
      value: 'SIDE',
      default: 'git',
      choices: ['git', 'live'],
      about: 'Which side: git or live',
    },
    revision: { kind: 'list', value: 'REVISION', about: 'Render this revision instead; one per source' },
    output: outputFlag('yaml', 'json'),
  },
  examples: [
    { line: 'plumb app manifests guestbook', does: 'What Git asks for' },
    { line: 'plumb app manifests guestbook --source live', does: 'What is in the cluster' },
    { line: 'plumb app manifests guestbook --revision v1.4.0', does: 'What another revision would ask for' },
  ],
  async run({ args, flags, globals }, context) {
    const key = keyOf(args[0] ?? '', globals.namespace);
    return withOperator(context, globals, async (operator) => {
      const revisions = flags.revision.length === 0 ? {} : { revisions: flags.revision };
      const request = flags.source === 'live' ? ({ from: 'live' } as const) : ({ from: 'git', ...revisions } as const);
      const { objects } = await operator.manifests(key, request);
      if (flags.output === 'json') context.terminal.out(`${JSON.stringify(objects, null, 2)}\n`);
      else context.terminal.out(dumpYamlStream(objects));
      return exit.ok;
    });
  },
});
