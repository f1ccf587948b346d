import { EngineError } from '../../model/index.ts';
import { appsArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { follow, needNames, withOperator } from '../follow.ts';
import { keyOf } from '../output/data.ts';
import { startProgress } from '../output/progress.ts';
import { count } from '../output/text.ts';

/** `plumb app delete`. */
export const appDelete = defineCommand({
  name: 'delete',
  aliases: ['rm'],
  summary: 'Delete applications, and with them their objects unless told otherwise',
  args: [appsArgument],
  flags: {
    cascade: {
      kind: 'string',
      value: 'HOW',
      default: 'foreground',
      choices: ['foreground', 'background', 'none'],
      about: 'What happens to their objects: foreground (wait for what they own), background, or none (they stay)',
    },
    yes: { kind: 'boolean', short: 'y', about: 'Do not ask' },
    wait: { kind: 'boolean', default: true, about: 'Return at once' },
    timeout: { kind: 'duration', value: 'TIME', default: 600_000, about: 'How long to wait; 0 is without end' },
  },
  examples: [
    { line: 'plumb app delete guestbook', does: 'The application and everything it deployed' },
    { line: 'plumb app delete guestbook --cascade none -y', does: 'Only the application; its objects stay' },
  ],
  async run({ args, flags, globals }, context) {
    needNames(args, false, 'plumb app delete');
    const cascade = flags.cascade as 'foreground' | 'background' | 'none';
    return withOperator(context, globals, async (operator) => {
      const keys = args.map((word) => keyOf(word, globals.namespace));
      const details = await Promise.all(keys.map((key) => operator.getApplication(key)));
      if (!flags.yes) {
        const objects = details.reduce((sum, detail) => sum + detail.objects.length, 0);
        const what = cascade === 'none' ? 'their objects stay' : `and ${count(objects, 'object')}`;
        context.terminal.err(`Delete ${keys.join(', ')} (${what})? [y/N] `);
        const answer = (await context.terminal.line()).trim().toLowerCase();
        if (answer !== 'y' && answer !== 'yes') {
          throw new EngineError('usage', 'nothing was deleted: it was not confirmed', { about: '-y does not ask' });
        }
      }
      for (const key of keys) await operator.deleteApplication(key, { cascade });
      if (!flags.wait) {
        for (const key of keys) context.terminal.out(`${key}: is being deleted\n`);
        return exit.ok;
      }
      const progress = startProgress(context, globals);
      const left = new Set(keys);
      const ending = await follow(context, operator, { keys }, { timeout: flags.timeout, progress }, async (seen) => {
        for (const key of left) if (!seen.has(key) && (await isGone(operator, key))) left.delete(key);
        const [key] = left;
        if (key === undefined) return true;
        const holds = seen.get(key)?.view.holds ?? [];
        progress.show(`${key}: ${holds[0]?.message ?? 'being deleted'}`);
        return undefined;
      }).finally(() => progress.end());
      for (const key of keys) if (!left.has(key)) context.terminal.out(`${key}: deleted\n`);
      for (const key of left) context.terminal.err(`${key}: still being deleted: timed out\n`);
      return ending.kind === 'done' ? exit.ok : exit.timedOut;
    });
  },
});

async function isGone(
  operator: { listApplications(filter: { keys: string[] }): Promise<readonly unknown[]> },
  key: string,
) {
  return (await operator.listApplications({ keys: [key] })).length === 0;
}
