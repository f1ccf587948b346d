import type { ApplicationFilter, ApplicationView } from '../../contract/index.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import type { Flags, FlagValue } from '../flags.ts';
import { withOperator } from '../follow.ts';
import { outputFlag, writeData } from '../output/data.ts';
import { type Screen, screenOf, unlimited } from '../output/screen.ts';
import { type Cell, type Column, writeTable } from '../output/table.ts';
import { count, span } from '../output/text.ts';
import { destinationText, healthWord, shortRevisions, shortSourceText, sourceText, syncWord } from '../output/words.ts';

/** Flags that narrow a list of applications. */
export const filterFlags = {
  'all-namespaces': { kind: 'boolean', short: 'A', about: 'Applications of all namespaces' },
  selector: { kind: 'string', short: 'l', value: 'LABELS', about: 'Only those with these labels: team=web,tier!=db' },
  project: {
    kind: 'list',
    short: 'p',
    value: 'NAME',
    about: 'Only those of this project',
    commas: true,
    completes: 'project',
  },
  repo: { kind: 'string', value: 'URL', about: 'Only those with a source in this repository' },
  cluster: { kind: 'string', value: 'NAME', about: 'Only those that go to this cluster (name or address)' },
  sync: {
    kind: 'list',
    value: 'STATUS',
    about: 'Only Synced, OutOfSync or Unknown ones',
    choices: ['Synced', 'OutOfSync', 'Unknown'],
    commas: true,
  },
  health: {
    kind: 'list',
    value: 'STATUS',
    about: 'Only those with this health: Healthy, Progressing, Degraded, Suspended, Missing, Unknown',
    choices: ['Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown'],
    commas: true,
  },
} as const satisfies Flags;

/** The filter that these flags mean. */
export function filterOf(
  flags: { readonly [K in keyof typeof filterFlags]: FlagValue<(typeof filterFlags)[K]> },
  namespace: string,
): ApplicationFilter {
  return {
    ...(flags['all-namespaces'] ? {} : { namespace }),
    ...(flags.selector === undefined ? {} : { selector: flags.selector }),
    ...(flags.project.length === 0 ? {} : { projects: flags.project }),
    ...(flags.repo === undefined ? {} : { repo: flags.repo }),
    ...(flags.cluster === undefined ? {} : { cluster: flags.cluster }),
    ...(flags.sync.length === 0 ? {} : { sync: flags.sync as NonNullable<ApplicationFilter['sync']> }),
    ...(flags.health.length === 0 ? {} : { health: flags.health as NonNullable<ApplicationFilter['health']> }),
  };
}

/** `plumb app list`. */
export const appList = defineCommand({
  name: 'list',
  aliases: ['ls'],
  summary: 'List applications',
  flags: { ...filterFlags, output: outputFlag('wide', 'name', 'json', 'yaml') },
  examples: [
    { line: 'plumb app list', does: 'All applications of the namespace argocd' },
    { line: 'plumb app list -A --sync OutOfSync', does: 'What differs from Git, in every namespace' },
    { line: 'plumb app list -l team=web -o name', does: 'Names for a script' },
    {
      line: "plumb app list -o json | jq -r '.[].status.health.status'",
      does: 'The resources, as Argo CD prints them',
    },
  ],
  async run({ flags, globals }, context) {
    const filter = filterOf(flags, globals.namespace);
    return withOperator(context, globals, async (operator) => {
      if (flags.output === 'json' || flags.output === 'yaml') {
        writeData(context, flags.output, await operator.listResources(filter));
        return exit.ok;
      }
      const views = await operator.listApplications(filter);
      if (flags.output === 'name') for (const view of views) context.terminal.out(`${view.key}\n`);
      else
        writeList(
          unlimited(screenOf(context, globals), flags.output === 'wide'),
          views,
          flags.output === 'wide',
          flags['all-namespaces'],
          context.terminal.err,
        );
      return exit.ok;
    });
  },
});

function writeList(
  screen: Screen,
  views: readonly ApplicationView[],
  wide: boolean,
  everywhere: boolean,
  err: (text: string) => void,
): void {
  if (views.length === 0) {
    err('No applications found.\n');
    return;
  }
  const columns: Column[] = [
    ...(everywhere ? [{ title: 'NAMESPACE', shrink: 1 }] : []),
    { title: 'NAME', shrink: 1 },
    { title: 'PROJECT', shrink: 3 },
    { title: 'SYNC' },
    { title: 'HEALTH' },
    { title: 'REVISION' },
    { title: 'SINCE' },
    { title: 'SOURCE', shrink: 5 },
    { title: 'DESTINATION', shrink: 4 },
    ...(wide ? [{ title: 'AUTO' }, { title: 'OPERATION' }, { title: 'WAITS FOR', shrink: 6 }] : []),
    { title: '' },
  ];
  writeTable(
    screen,
    columns,
    views.map((view) => rowOf(screen, view, wide, everywhere)),
  );
  if (screen.rich) writeSummary(screen, views);
}

function rowOf(screen: Screen, view: ApplicationView, wide: boolean, everywhere: boolean): readonly Cell[] {
  return [
    ...(everywhere ? [view.namespace] : []),
    view.name,
    view.project,
    syncWord(screen, view.sync),
    healthWord(screen, view.health),
    shortRevisions(view.revisions),
    screen.ago(view.healthSince).replace(/ ago$/, ''),
    view.sources.map(screen.rich && !wide ? shortSourceText : sourceText).join('; '),
    destinationText(view.destination),
    ...(wide
      ? [
          view.automated ? 'yes' : 'no',
          view.operation?.phase ?? '',
          [...(view.pinned ? ['pinned'] : []), ...view.holds.map((hold) => hold.reason)].join(','),
        ]
      : []),
    screen.rich && !wide ? remarks(screen, view) : '',
  ];
}

/** What is unusual about an application, in a word or two. */
function remarks(screen: Screen, view: ApplicationView): Cell {
  if (view.deleting) return span('deleting', 'warn');
  const phase = view.operation?.phase;
  if (view.requested || phase === 'Running') return span('syncing', 'busy');
  if (view.conditions.some((one) => one.type.endsWith('Error'))) return span(`${screen.signs.bad} error`, 'bad');
  if (phase === 'Failed' || phase === 'Error') return span(`${screen.signs.bad} sync failed`, 'bad');
  if (view.pinned) return span(`${screen.signs.pin} pinned`, 'warn');
  const [hold] = view.holds;
  return hold === undefined ? '' : span(hold.reason, 'dim');
}

function writeSummary(screen: Screen, views: readonly ApplicationView[]): void {
  const converged = views.filter((view) => view.sync === 'Synced' && view.health.status === 'Healthy').length;
  const differs = views.filter((view) => view.sync === 'OutOfSync').length;
  const degraded = views.filter((view) => view.health.status === 'Degraded').length;
  const parts = [
    converged === views.length ? 'all converged' : `${converged} converged`,
    ...(differs > 0 ? [`${differs} out of sync`] : []),
    ...(degraded > 0 ? [`${degraded} degraded`] : []),
  ];
  screen.line();
  screen.line(span(`${count(views.length, 'application')}: ${parts.join(', ')}`, 'dim'));
}
