import { defineCommand } from '../command.ts';
import { commitNamed } from '../commit-name.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { outcomeWord, proofWord, tookText } from '../output/record-words.ts';
import { screenOf, unlimited } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { clean } from '../output/text.ts';
import { shortRevisions } from '../output/words.ts';

/** `plumb log`. */
export const log = defineCommand({
  name: 'log',
  summary: 'List what went live: who, what, reviewed by, when, and how long it took',
  details:
    'The audit log: the records of commits that the engine keeps and signs, newest first, with those that are still on their way. TOOK is from the commit to its end.',
  flags: {
    env: { kind: 'string', value: 'NAME', about: 'Only this environment' },
    app: { kind: 'list', value: 'APP', about: 'Only this application', completes: 'application' },
    commit: { kind: 'string', value: 'REVISION', about: 'Only this commit' },
    git: { kind: 'boolean', about: 'Read the notes in Git too: what the cluster keeps no more' },
    limit: { kind: 'number', value: 'N', default: 30, about: 'How many; 0 is all' },
    'all-namespaces': { kind: 'boolean', short: 'A', about: 'Applications of all namespaces' },
    output: outputFlag('wide', 'json', 'yaml'),
  },
  examples: [
    { line: 'plumb log --env production', does: 'What went live in production lately' },
    {
      line: 'plumb log --env production --git --limit 0',
      does: 'Also what the retention, or a new cluster, has forgotten',
    },
    { line: 'plumb log --app guestbook --limit 0 -o json', does: 'Everything that is known of an application' },
  ],
  async run({ flags, globals }, context) {
    const commit = flags.commit === undefined ? undefined : await commitNamed(context, flags.commit);
    return withOperator(context, globals, async (operator) => {
      const views = await operator.records({
        ...(flags['all-namespaces'] ? {} : { namespace: globals.namespace }),
        ...(flags.app.length === 0 ? {} : { keys: flags.app.map((word) => keyOf(word, globals.namespace)) }),
        ...(flags.env === undefined ? {} : { environment: flags.env }),
        ...(commit === undefined ? {} : { commit }),
        ...(flags.git ? { git: true } : {}),
        limit: flags.limit > 0 ? flags.limit : 100_000,
      });
      if (writeData(context, flags.output, views)) return exit.ok;
      const wide = flags.output === 'wide';
      const screen = unlimited(screenOf(context, globals), wide);
      const about = [
        flags.env === undefined ? [] : `of ${flags.env}`,
        commit === undefined ? [] : `of ${commit}`,
      ].flat();
      if (views.length === 0) context.terminal.err(`Nothing is recorded ${about.join(' ') || 'yet'}.\n`);
      writeTable(
        screen,
        [
          { title: 'WHEN' },
          { title: 'ENVIRONMENT', shrink: 1 },
          { title: 'APPLICATION', shrink: 1 },
          { title: 'COMMIT' },
          { title: 'OUTCOME' },
          { title: 'TOOK', align: 'right' },
          { title: 'BY', shrink: 2 },
          { title: 'REVIEWED BY', shrink: 3 },
          { title: 'WHAT', shrink: 4 },
          { title: 'PROOF' },
        ],
        views.map(({ record, proof }) => [
          wide ? (record.endedAt ?? record.stages.seen ?? '') : screen.ago(record.endedAt ?? record.stages.seen ?? ''),
          record.environment,
          record.application,
          wide ? record.revisions.join(', ') : shortRevisions(record.revisions),
          outcomeWord(screen, record),
          tookText(record),
          clean(record.author ?? ''),
          clean(
            [...(record.approvedBy ?? []), ...(record.breakGlass === undefined ? [] : [record.breakGlass])].join(', '),
          ),
          clean(record.message ?? ''),
          proofWord(screen, proof),
        ]),
      );
      return exit.ok;
    });
  },
});
