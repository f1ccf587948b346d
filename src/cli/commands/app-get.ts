import type { ApplicationDetail, ObjectView } from '../../contract/index.ts';
import type { Hold } from '../../model/index.ts';
import { appArgument } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import { exit } from '../exit.ts';
import { refreshAndWait, withOperator } from '../follow.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { dim, type Screen, screenOf, unlimited } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { clean, count, type Span, span } from '../output/text.ts';
import {
  destinationText,
  healthWord,
  holdText,
  phaseWord,
  shortRevision,
  shortRevisions,
  syncWord,
} from '../output/words.ts';

/** `plumb app get`. */
export const appGet = defineCommand({
  name: 'get',
  summary: 'Show one application: its state, every object, and what each of them waits for',
  args: [appArgument],
  flags: {
    output: outputFlag('wide', 'name', 'json', 'yaml'),
    refresh: { kind: 'boolean', about: 'Ask the engine to look again first, and wait until it has' },
  },
  examples: [
    { line: 'plumb app get guestbook', does: 'State, objects and holds' },
    { line: 'plumb app get team-a/guestbook -o yaml', does: 'The resource of an application in the namespace team-a' },
    { line: 'plumb app get guestbook -o wide', does: 'With versions, waves and what the last sync did' },
  ],
  async run({ args, flags, globals }, context) {
    const key = keyOf(args[0] ?? '', globals.namespace);
    return withOperator(context, globals, async (operator) => {
      if (flags.refresh) await refreshAndWait(context, operator, key, 'normal', 60_000);
      if (flags.output === 'json' || flags.output === 'yaml') {
        writeData(context, flags.output, await operator.getResource(key));
        return exit.ok;
      }
      const detail = await operator.getApplication(key);
      if (flags.output === 'name') context.terminal.out(`${detail.view.key}\n`);
      else
        writeApplication(
          unlimited(screenOf(context, globals), flags.output === 'wide'),
          detail,
          flags.output === 'wide',
        );
      return exit.ok;
    });
  },
});

/** Everything about one application, for people. */
export function writeApplication(screen: Screen, detail: ApplicationDetail, wide: boolean): void {
  const { view } = detail;
  const at = shortRevisions(view.revisions);
  screen.line(
    span(view.name, 'strong'),
    '  ',
    syncWord(screen, view.sync),
    '  ',
    healthWord(screen, view.health),
    ...(at === '' ? [] : ['  ', dim('at'), ` ${at}`]),
  );
  writeFacts(screen, detail);
  writeHolds(screen, detail);
  writeConditions(screen, detail);
  writeObjects(screen, detail.objects, wide);
}

function fact(screen: Screen, name: string, ...value: readonly (Span | string)[]): void {
  screen.line(
    '  ',
    dim(name.padEnd(13)),
    ...value.map((one) => (typeof one === 'string' ? clean(one) : span(clean(one.text), one.tone))),
  );
}

function writeFacts(screen: Screen, detail: ApplicationDetail): void {
  const { view, application } = detail;
  screen.line();
  fact(screen, 'Project', view.project);
  for (const [i, source] of view.sources.entries()) {
    const revision = view.revisions[i] ?? '';
    const target = source.targetRevision === '' ? 'HEAD' : source.targetRevision;
    const place = source.chart === undefined ? ` path ${source.path || '.'}` : ` chart ${source.chart}`;
    const now = revision === '' || revision === target ? '' : ` (${shortRevision(revision)})`;
    fact(screen, i === 0 ? 'Source' : '', source.repoURL, dim(place), dim(' at '), target, dim(now));
  }
  fact(screen, 'Destination', destinationText(view.destination));
  fact(screen, 'Sync policy', policyText(detail));
  if (view.health.message) fact(screen, 'Health', view.health.message);
  const { operation } = view;
  if (view.requested) fact(screen, 'Last sync', span('requested, not picked up yet', 'busy'));
  else if (operation !== undefined) {
    const when = screen.ago(operation.finishedAt ?? operation.startedAt);
    const retry = operation.retryAt === undefined ? '' : `, next attempt ${screen.ago(operation.retryAt)}`;
    const what = operation.dryRun ? ' (dry run)' : '';
    fact(screen, 'Last sync', phaseWord(screen, operation.phase), `${what} ${when} by ${operation.by}${retry}`);
    if (operation.message !== '') fact(screen, '', dim(operation.message));
  }
  const { pin } = application;
  if (pin !== undefined) {
    const reason = pin.reason === '' ? '' : `: ${pin.reason}`;
    fact(
      screen,
      'Pinned',
      span(`${screen.signs.pin} ${shortRevisions(pin.revisions)}`, 'warn'),
      ` by ${pin.by}${reason}`,
    );
    fact(screen, '', dim(`until Git moves, or: plumb app unpin ${view.name}`));
  }
  for (const url of application.report?.summary.urls ?? []) fact(screen, 'URL', url);
  if (view.deleting)
    fact(screen, 'Deleting', span(`since ${screen.ago(application.deletion?.requestedAt ?? '')}`, 'warn'));
  fact(screen, 'Looked', view.reconciledAt === '' ? 'never: is the engine running?' : screen.ago(view.reconciledAt));
}

function policyText(detail: ApplicationDetail): string {
  const { automated } = detail.application.syncPolicy;
  if (automated === undefined) return 'manual';
  const extras = [
    automated.prune ? 'prune' : '',
    automated.selfHeal ? 'self-heal' : '',
    automated.allowEmpty ? 'allow empty' : '',
  ].filter(Boolean);
  return ['automated', ...extras].join(', ');
}

function writeHolds(screen: Screen, detail: ApplicationDetail): void {
  const { holds } = detail.view;
  if (holds.length === 0) return;
  title(screen, 'Waits for');
  for (const hold of holds) {
    const objects = hold.objects.length === 0 ? '' : ` (${count(hold.objects.length, 'object')})`;
    screen.line(
      '  ',
      screen.rich ? span(`${screen.signs.dot} `, 'warn') : '',
      clean(holdText(screen, hold)),
      dim(objects),
    );
  }
}

function writeConditions(screen: Screen, detail: ApplicationDetail): void {
  const { conditions } = detail.view;
  if (conditions.length === 0) return;
  title(screen, 'Conditions');
  for (const one of conditions) {
    const bad = one.type.endsWith('Error');
    const sign = screen.rich ? `${bad ? screen.signs.bad : screen.signs.dot} ` : '';
    screen.line('  ', span(`${sign}${clean(one.type)}`, bad ? 'bad' : 'warn'), dim(` ${screen.ago(one.since)}`));
    screen.line('    ', clean(one.message));
  }
}

function title(screen: Screen, text: string): void {
  screen.line();
  screen.line(span(text, 'strong'));
}

/** The objects of an application, as a table. */
export function writeObjects(screen: Screen, objects: readonly ObjectView[], wide: boolean, titled = true): void {
  if (objects.length === 0) return;
  if (titled) title(screen, `Objects (${objects.length})`);
  writeTable(
    screen,
    [
      ...(wide ? [{ title: 'GROUP', shrink: 2 }] : []),
      { title: 'KIND', shrink: 1 },
      { title: 'NAMESPACE', shrink: 3 },
      { title: 'NAME', shrink: 1 },
      { title: 'SYNC' },
      { title: 'HEALTH' },
      ...(wide ? [{ title: 'WAVE', align: 'right' as const }, { title: 'LAST SYNC' }] : []),
      { title: 'WAITS FOR', shrink: 9 },
    ],
    objects.map((object) => [
      ...(wide ? [object.ref.group === '' ? object.ref.version : `${object.ref.group}/${object.ref.version}`] : []),
      object.ref.kind,
      object.ref.namespace,
      object.ref.name,
      object.hook ? dim('hook') : syncWord(screen, object.status),
      healthWord(screen, object.health),
      ...(wide ? [String(object.wave), object.result?.hookPhase ?? object.result?.status ?? ''] : []),
      reason(screen, object),
    ]),
    { indent: titled ? 2 : 0 },
  );
}

/** What an object waits for, or what is wrong with it: holds first, then a failed write, then its own words. */
function reason(screen: Screen, object: ObjectView): Span {
  const [hold] = object.waitsFor;
  if (hold !== undefined) return span(more(object.waitsFor, holdText(screen, hold)), 'warn');
  if (object.result?.status === 'SyncFailed') return span(object.result.message, 'bad');
  if (object.requiresPruning) return span('is no longer in Git: would be pruned', 'warn');
  const { health } = object;
  if (health?.message !== undefined && health.status !== 'Healthy') {
    return span(health.message, health.status === 'Degraded' ? 'bad' : 'plain');
  }
  const fields = object.fields?.length ?? 0;
  return span(fields > 0 ? `${count(fields, 'field')} differ${fields === 1 ? 's' : ''}` : '');
}

function more(holds: readonly Hold[], text: string): string {
  return holds.length > 1 ? `${text} (and ${holds.length - 1} more)` : text;
}
