import type { Component, ImportedApplication, ImportReport } from '../../contract/index.ts';
import { defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { type ExitCode, exit } from '../exit.ts';
import type { Globals } from '../flags.ts';
import { withOperator } from '../follow.ts';
import { outputFlag, writeData } from '../output/data.ts';
import { startProgress } from '../output/progress.ts';
import { dim, type Screen, screenOf } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { clean, count, span } from '../output/text.ts';
import { writeFindings } from './admin-settings.ts';

/** `plumb admin import`. */
export const adminImport = defineCommand({
  name: 'import',
  summary: 'Take a running Argo CD over; without flags only say what that would mean',
  details:
    'Reads the settings, projects and Applications of the control namespace and compares every application with its live objects, by dry runs. Nothing is written. --take-over stops the application controller of Argo CD and nothing else: objects that equal their manifests are taken over without a write when Plumbline starts. --give-back starts it again. Exits 1 when something is not supported or would change.',
  flags: {
    'take-over': { kind: 'boolean', about: 'Stop the application controller of Argo CD' },
    'give-back': { kind: 'boolean', about: 'Start it again, as many as there were' },
    output: outputFlag('wide', 'json', 'yaml'),
  },
  examples: [
    { line: 'plumb admin import -n argocd', does: 'What would it mean?' },
    { line: 'plumb admin import -n argocd --take-over', does: 'Stop the controller; then start: plumb run -n argocd' },
    { line: 'plumb admin import -n argocd --give-back', does: 'The way back' },
  ],
  async run({ flags, globals }, context) {
    return withOperator(context, globals, async (operator) => {
      if (flags['take-over'] || flags['give-back']) {
        const components = await operator.setArgoCd(flags['give-back']);
        if (!writeData(context, flags.output, components)) told(context, globals, components);
        return exit.ok;
      }
      const progress = startProgress(context, globals);
      const report = await operator
        .importReport((done, all) => progress.show(`compared ${done} of ${count(all, 'application')}`))
        .finally(() => progress.end());
      if (!writeData(context, flags.output, report)) {
        writeReport(screenOf(context, globals), report, flags.output === 'wide');
      }
      return codeOf(report);
    });
  },
});

function told(context: CliContext, globals: Globals, components: readonly Component[]): void {
  const screen = screenOf(context, globals);
  for (const { name, replicas } of components) {
    screen.line(span(clean(name), 'strong'), replicas === 0 ? ': stopped' : `: ${count(replicas, 'replica')} wanted`);
  }
  const stopped = components.every(({ replicas }) => replicas === 0);
  if (stopped) screen.line('Now start Plumbline in its place: ', span(`plumb run -n ${globals.namespace}`, 'strong'));
  else screen.line('Stop Plumbline before it is up: two engines must not write to the same objects.');
}

function codeOf({ findings, applications }: ImportReport): ExitCode {
  const wrong = findings.some(({ level }) => level !== 'info');
  return wrong || applications.some((one) => !isPlain(one)) ? exit.differs : exit.ok;
}

function isPlain({ error, notes, objects }: ImportedApplication): boolean {
  const { update, create, prune, hindered } = objects;
  return (
    error === undefined && update + create + prune + hindered === 0 && notes.every(({ level }) => level === 'info')
  );
}

function writeReport(screen: Screen, report: ImportReport, wide: boolean): void {
  for (const { kind, name, replicas, running, image } of report.components) {
    screen.line(dim(`${kind} ${clean(name)}: ${running} of ${replicas} run, ${clean(image)}`));
  }
  const findings = report.findings.filter(({ level }) => wide || level !== 'info');
  writeFindings(screen, findings);
  if (report.components.length + findings.length > 0) screen.line();
  const columns = ['APPLICATION', 'SYNC', 'SAME', 'UPDATE', 'CREATE', 'PRUNE', 'HINDERED', 'NOTES'];
  const shown = wide ? report.applications : report.applications.filter((one) => !isPlain(one));
  writeTable(
    screen,
    columns.map((title) => (title === 'NOTES' ? { title, shrink: 1 } : { title })),
    shown.map(rowOf),
  );
  if (shown.length > 0) screen.line();
  screen.line(summary(report));
  for (const line of report.advice) screen.line(span('first: ', 'warn'), clean(line));
}

function rowOf(one: ImportedApplication) {
  const { same, update, create, prune, hindered } = one.objects;
  const notes = [...(one.error === undefined ? [] : [one.error]), ...one.notes.map(({ message }) => message)];
  const numbers = [same, update, create, prune, hindered].map((number) => (number === 0 ? '' : String(number)));
  return [one.key, one.automated ? 'automated' : 'manual', ...numbers, clean(notes.join('; '))];
}

/** `12 applications with 340 objects: 338 are taken over as they are, 2 would be written.` */
function summary({ applications, applicationSets }: ImportReport): string {
  const sum = (of: (one: ImportedApplication) => number): number => applications.reduce((all, one) => all + of(one), 0);
  const same = sum(({ objects }) => objects.same);
  const written = sum(({ objects }) => objects.update + objects.create);
  const pruned = sum(({ objects }) => objects.prune);
  const rest = sum(({ objects }) => objects.hindered);
  const failed = applications.filter(({ error }) => error !== undefined).length;
  const parts = [
    `${same} are taken over as they are`,
    ...(written === 0 ? [] : [`${written} would be written by a sync`]),
    ...(pruned === 0 ? [] : [`${pruned} are no longer wanted`]),
    ...(rest === 0 ? [] : [`${rest} cannot be written`]),
  ];
  const unknown = failed === 0 ? '' : ` ${count(failed, 'application')} could not be compared.`;
  const sets = applicationSets === 0 ? '' : ` ${count(applicationSets, 'ApplicationSet')} stay with their controller.`;
  return `${count(applications.length, 'application')} with ${count(same + written + pruned + rest, 'object')}: ${parts.join(', ')}.${unknown}${sets}`;
}
