import { EngineError } from '../../model/index.ts';
import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { keyOf, outputFlag } from '../output/data.ts';
import { screenOf } from '../output/screen.ts';
import { span } from '../output/text.ts';
import { shortRevisions } from '../output/words.ts';
import { finishSyncs } from '../sync-progress.ts';
import { showFinished, userOf } from './app-sync.ts';

/** `plumb app rollback`. */
export const appRollback = defineCommand({
  name: 'rollback',
  summary: 'Go back to something that was deployed before, and stay there',
  details:
    'Syncs to an entry of the history (the one before the current, unless an ID is given). With automated sync the rollback is a pin: it holds until Git moves past the revision that was rolled back, or until `plumb app unpin`.',
  args: [appArgument, { name: 'ID', about: 'Entry of the history; the previous one unless given' }],
  flags: {
    reason: { kind: 'string', value: 'TEXT', default: '', about: 'Why; shown to everybody who looks' },
    prune: { kind: 'boolean', about: 'Delete objects that did not exist then' },
    'dry-run': { kind: 'boolean', about: 'Ask the API server what it would do, change nothing' },
    async: { kind: 'boolean', about: 'Do not wait' },
    timeout: { kind: 'duration', value: 'TIME', default: 0, about: 'How long to wait; 0 is without end' },
    output: outputFlag('wide', 'name', 'json', 'yaml'),
  },
  examples: [
    { line: 'plumb app rollback guestbook --reason "login is broken"', does: 'Back to what ran before' },
    { line: 'plumb app rollback guestbook 12', does: 'Back to entry 12 of `plumb app history guestbook`' },
  ],
  async run({ args, flags, globals }, context) {
    const key = keyOf(args[0] ?? '', globals.namespace);
    const id = args[1] === undefined ? undefined : Number(args[1]);
    if (id !== undefined && !Number.isInteger(id)) {
      throw new EngineError('usage', `not an entry of the history: ${args[1]}`, {
        about: 'see: plumb app history APP',
      });
    }
    return withOperator(context, globals, async (operator) => {
      const answer = await operator.rollback(key, {
        by: userOf(context),
        reason: flags.reason,
        ...(id === undefined ? {} : { historyId: id }),
        ...(flags.prune ? { prune: true } : {}),
        ...(flags['dry-run'] ? { dryRun: true } : {}),
      });
      const screen = screenOf(context, globals);
      const quiet = flags.output !== undefined && flags.output !== 'wide';
      if (!quiet) screen.line(`Rolling back to entry ${answer.historyId} (${shortRevisions(answer.revisions)}).`);
      if (answer.pinned && !quiet) {
        const sign = screen.rich ? `${screen.signs.pin} ` : '';
        screen.line(span(`${sign}Pinned`, 'warn'), `: holds until Git moves, or: plumb app unpin ${args[0]}`);
      }
      if (flags.async) return exit.ok;
      const finished = await finishSyncs(context, operator, globals, new Map([[key, answer.request]]), flags.timeout);
      return showFinished(context, globals, finished, flags.output);
    });
  },
});
