import type { ApplicationDetail } from '../../contract/index.ts';
import { appsArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { formatDuration } from '../duration.ts';
import { exit } from '../exit.ts';
import { follow, needNames, withOperator } from '../follow.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { startProgress } from '../output/progress.ts';
import { dim, screenOf } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { count, span } from '../output/text.ts';
import { healthWord, holdText, shortRevisions, syncWord } from '../output/words.ts';

const goals = ['converged', 'synced', 'healthy', 'suspended', 'degraded', 'idle', 'deleted'] as const;
type Goal = (typeof goals)[number];

/** `plumb app wait`. */
export const appWait = defineCommand({
  name: 'wait',
  summary: 'Wait until applications are as wanted',
  details:
    'converged: Synced, Healthy, and no sync running (the default). synced, healthy, suspended, degraded: just that. idle: no sync is running or requested. deleted: it is gone. Exits 3 when that does not happen in time.',
  args: [appsArgument],
  flags: {
    for: {
      kind: 'string',
      value: 'STATE',
      default: 'converged',
      choices: goals,
      about: `What to wait for: ${goals.join(', ')}`,
    },
    selector: { kind: 'string', short: 'l', value: 'LABELS', about: 'All applications with these labels' },
    timeout: { kind: 'duration', value: 'TIME', default: 600_000, about: 'How long to wait; 0 is without end' },
    output: outputFlag('name', 'json', 'yaml'),
  },
  examples: [
    { line: 'plumb app wait guestbook', does: 'Until it is Synced and Healthy' },
    { line: 'plumb app wait -l team=web --timeout 2m', does: 'Everything of a team, for two minutes at most' },
    { line: 'plumb app wait guestbook --for deleted', does: 'Until it is gone' },
  ],
  async run({ args, flags, globals }, context) {
    needNames(args, flags.selector !== undefined, 'plumb app wait');
    const goal = flags.for as Goal;
    return withOperator(context, globals, async (operator) => {
      const keys = args.map((word) => keyOf(word, globals.namespace));
      // A name that never existed is a mistake, not something to wait for.
      if (goal !== 'deleted') await Promise.all(keys.map((key) => operator.getApplication(key)));
      const listed =
        flags.selector === undefined
          ? []
          : await operator.listApplications({ namespace: globals.namespace, selector: flags.selector });
      const wanted = flags.selector === undefined ? keys : listed.map((view) => view.key);
      const started = context.now();
      const progress = startProgress(context, globals);
      const present =
        goal === 'deleted'
          ? new Set((await operator.listApplications({ keys: wanted })).map((view) => view.key))
          : undefined;
      const ending = await follow(context, operator, { keys: wanted }, { timeout: flags.timeout, progress }, (seen) => {
        for (const key of seen.keys()) present?.delete(key);
        const missing = wanted.filter((key) => !reached(seen.get(key), goal));
        // Until the watch has told of those that exist, their absence means nothing.
        if (missing.length === 0 && (present === undefined || present.size === 0)) return seen;
        progress.show(waitingText(missing, seen.get(missing[0] ?? ''), goal));
        return undefined;
      }).finally(() => progress.end());
      const seen = ending.kind === 'done' ? ending.value : ending.seen;
      const details = wanted.flatMap((key) => seen.get(key) ?? []);
      if (
        !writeData(
          context,
          flags.output,
          details.map((detail) => detail.view),
        )
      ) {
        const screen = screenOf(context, globals);
        if (flags.output === 'name') for (const key of wanted) context.terminal.out(`${key}\n`);
        else {
          writeTable(
            screen,
            [
              { title: 'NAME', shrink: 1 },
              { title: 'SYNC' },
              { title: 'HEALTH' },
              { title: 'REVISION' },
              { title: 'WAITS FOR', shrink: 5 },
            ],
            details.map(({ view }) => [
              view.key,
              syncWord(screen, view.sync),
              healthWord(screen, view.health),
              shortRevisions(view.revisions),
              view.holds.map((hold) => holdText(screen, hold)).join('; '),
            ]),
          );
          const took = formatDuration(context.now() - started);
          const late = wanted.filter((key) => !reached(seen.get(key), goal)).length;
          if (ending.kind === 'done')
            screen.line(span(`${count(wanted.length, 'application')} ${goal}`, 'good'), dim(` after ${took}`));
          else
            screen.line(
              span(`timed out after ${took}: ${late} of ${count(wanted.length, 'application')} not ${goal}`, 'bad'),
            );
        }
      }
      return ending.kind === 'done' ? exit.ok : exit.timedOut;
    });
  },
});

function reached(detail: ApplicationDetail | undefined, goal: Goal): boolean {
  if (detail === undefined) return goal === 'deleted';
  const { view } = detail;
  const idle =
    !view.requested &&
    !view.refreshing &&
    view.operation?.phase !== 'Running' &&
    view.operation?.phase !== 'Terminating';
  switch (goal) {
    case 'deleted':
      return false;
    case 'idle':
      return idle;
    case 'synced':
      return view.sync === 'Synced';
    case 'converged':
      return idle && view.sync === 'Synced' && view.health.status === 'Healthy';
    default:
      return view.health.status.toLowerCase() === goal;
  }
}

function waitingText(missing: readonly string[], detail: ApplicationDetail | undefined, goal: Goal): string {
  const [key = ''] = missing;
  const others = missing.length > 1 ? ` (and ${missing.length - 1} more)` : '';
  if (detail === undefined) return `${key}: waiting until it is ${goal}${others}`;
  const { view } = detail;
  const hold = view.holds[0];
  const why = hold === undefined ? (view.health.message ?? '') : `${hold.reason}: ${hold.message}`;
  return `${key}: ${[view.sync, view.health.status, why].filter(Boolean).join(', ')}${others}`;
}
