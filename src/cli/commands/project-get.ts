import type { KindRule, Project, SyncWindow } from '../../model/index.ts';
import { defineCommand } from '../command.ts';
import { formatAge } from '../duration.ts';
import { exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { outputFlag, writeData } from '../output/data.ts';
import { dim, type Screen, screenOf } from '../output/screen.ts';
import { clean, span } from '../output/text.ts';

/** `plumb project get`. */
export const projectGet = defineCommand({
  name: 'get',
  summary: 'Show what the applications of a project may do',
  args: [{ name: 'PROJECT', about: 'The project', required: true, completes: 'project' }],
  flags: { output: outputFlag('name', 'json', 'yaml') },
  examples: [{ line: 'plumb project get default', does: 'Repositories, destinations, kinds and sync windows' }],
  async run({ args, flags, globals }, context) {
    return withOperator(context, globals, async (operator) => {
      const project = await operator.getProject(args[0] ?? '');
      if (writeData(context, flags.output, project)) return exit.ok;
      if (flags.output === 'name') context.terminal.out(`${project.name}\n`);
      else writeProject(screenOf(context, globals), project);
      return exit.ok;
    });
  },
});

function writeProject(screen: Screen, project: Project): void {
  screen.line(span(project.name, 'strong'), project.description === '' ? '' : dim(`  ${clean(project.description)}`));
  screen.line();
  list(screen, 'Repositories', project.sourceRepos, 'none');
  list(
    screen,
    'Destinations',
    project.destinations.map((one) => `${one.name ?? one.server ?? ''}/${one.namespace}`),
    'none',
  );
  list(screen, 'Cluster kinds', project.clusterAllow.map(kindText), 'none');
  list(screen, '  but not', project.clusterDeny.map(kindText));
  list(screen, 'Kinds', project.namespaceAllow?.map(kindText) ?? ['all'], 'none');
  list(screen, '  but not', project.namespaceDeny.map(kindText));
  list(screen, 'Namespaces', project.sourceNamespaces);
  list(screen, 'Sync windows', project.windows.map(windowText));
  if (project.orphaned !== undefined) {
    list(screen, 'Orphans', [project.orphaned.warn ? 'are warned of' : 'are counted']);
    list(screen, '  but not', project.orphaned.ignore.map(kindText));
  }
  list(screen, 'Problems', project.problems);
}

function list(screen: Screen, name: string, items: readonly string[], none?: string): void {
  const shown = items.length === 0 && none !== undefined ? [none] : items;
  for (const [i, item] of shown.entries()) screen.line('  ', dim((i === 0 ? name : '').padEnd(15)), clean(item));
}

function kindText(rule: KindRule): string {
  if (rule.group === '*' && rule.kind === '*' && rule.name === undefined) return 'all';
  const kind = rule.group === '' ? rule.kind || 'all' : `${rule.kind || 'all'}.${rule.group}`;
  return rule.name === undefined ? kind : `${kind} ${rule.name}`;
}

function windowText(window: SyncWindow): string {
  const what = [
    ...window.applications,
    ...window.namespaces.map((n) => `namespace ${n}`),
    ...window.clusters.map((c) => `cluster ${c}`),
  ];
  const manual = window.manualSync ? ', manual syncs are free' : '';
  return `${window.kind} ${window.schedule} for ${formatAge(window.duration)} (${window.timeZone || 'UTC'}): ${what.join(', ')}${manual}`;
}
