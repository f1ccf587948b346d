import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { refreshAndWait, withOperator } from '../follow.ts';
import { keyOf } from '../output/data.ts';
import { screenOf } from '../output/screen.ts';
import { healthWord, shortRevisions, syncWord } from '../output/words.ts';

/** `plumb app refresh`. */
export const appRefresh = defineCommand({
  name: 'refresh',
  summary: 'Ask the engine to look at an application again, and wait until it has',
  args: [appArgument],
  flags: {
    hard: { kind: 'boolean', about: 'Forget cached manifests too' },
    timeout: { kind: 'duration', value: 'TIME', default: 60_000, about: 'How long to wait; 0 is without end' },
  },
  examples: [
    { line: 'plumb app refresh guestbook', does: 'Look at Git and at the cluster now' },
    { line: 'plumb app refresh guestbook --hard', does: 'Render again, whatever is cached' },
  ],
  async run({ args, flags, globals }, context) {
    const key = keyOf(args[0] ?? '', globals.namespace);
    return withOperator(context, globals, async (operator) => {
      await refreshAndWait(context, operator, key, flags.hard ? 'hard' : 'normal', flags.timeout);
      const { view } = await operator.getApplication(key);
      const screen = screenOf(context, globals);
      const at = shortRevisions(view.revisions);
      screen.line(view.name, '  ', syncWord(screen, view.sync), '  ', healthWord(screen, view.health), `  at ${at}`);
      return exit.ok;
    });
  },
});
