import type { ActionRequest, ActionView, ObjectPick } from '../../contract/index.ts';
import { describe, EngineError } from '../../model/index.ts';
import { defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { type ExitCode, exit } from '../exit.ts';
import type { Globals } from '../flags.ts';
import { withOperator } from '../follow.ts';
import { keyOf, outputFlag, writeData } from '../output/data.ts';
import { screenOf } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { clean, span } from '../output/text.ts';
import { userOf } from './app-sync.ts';

/** `plumb app actions`. */
export const appActions = defineCommand({
  name: 'actions',
  summary: 'List what can be done to live objects of an application, or do it',
  details:
    'Restart, pause, scale, retry and the like, for the objects of an application and those below them. Actions of argocd-cm (resource.customizations.actions) are offered beside ours, or in their place. What an action changes of a field that Git names is drift, as any other change by hand.',
  args: [
    { name: 'list|run', about: 'What to do', required: true, choices: ['list', 'run'] },
    { name: 'APP', about: 'The application: NAME, or NAMESPACE/NAME', required: true, completes: 'application' },
    { name: 'ACTION', about: 'With run: its name' },
  ],
  flags: {
    kind: { kind: 'string', value: 'KIND', about: 'Only objects of this kind' },
    group: { kind: 'string', value: 'GROUP', about: 'Only objects of this API group' },
    'resource-name': { kind: 'string', value: 'NAME', about: 'Only objects of this name' },
    'resource-namespace': { kind: 'string', value: 'NAME', about: 'Only objects in this namespace' },
    param: { kind: 'list', short: 'p', value: 'NAME=VALUE', about: 'With run: a parameter of the action' },
    all: { kind: 'boolean', about: 'With run: do it to every object that is meant' },
    output: outputFlag('json', 'yaml'),
  },
  examples: [
    { line: 'plumb app actions list guestbook', does: 'What can be done?' },
    { line: 'plumb app actions run guestbook restart --kind Deployment --resource-name frontend', does: 'Restart one' },
    { line: 'plumb app actions run guestbook scale --kind Deployment --param replicas=3', does: 'With a parameter' },
  ],
  async run({ args, flags, globals }, context) {
    const [verb, app = '', action] = args;
    const pick: ObjectPick = {
      ...(flags.kind === undefined ? {} : { kind: flags.kind }),
      ...(flags.group === undefined ? {} : { group: flags.group }),
      ...(flags['resource-name'] === undefined ? {} : { name: flags['resource-name'] }),
      ...(flags['resource-namespace'] === undefined ? {} : { namespace: flags['resource-namespace'] }),
    };
    const key = keyOf(app, globals.namespace);
    if (verb === 'list') return list(context, globals, key, pick, flags.output);
    if (action === undefined) {
      throw new EngineError('usage', 'missing ACTION: plumb app actions run', {
        about: `see: plumb app actions list ${app}`,
      });
    }
    const params = Object.fromEntries(flags.param.map(paramOf));
    const by = userOf(context);
    return run(context, globals, key, { ...pick, action, params, all: flags.all, by }, flags.output);
  },
});

function paramOf(word: string): readonly [string, string] {
  const equals = word.indexOf('=');
  if (equals < 1) throw new EngineError('usage', `--param needs NAME=VALUE: ${word}`);
  return [word.slice(0, equals), word.slice(equals + 1)];
}

async function list(
  context: CliContext,
  globals: Globals,
  key: string,
  pick: ObjectPick,
  form: string | undefined,
): Promise<ExitCode> {
  return withOperator(context, globals, async (operator) => {
    const found = await operator.actions(key, pick);
    if (writeData(context, form, found)) return exit.ok;
    const screen = screenOf(context, globals);
    const columns = [
      { title: 'OBJECT', shrink: 1 },
      { title: 'ACTION' },
      { title: 'PARAMETERS' },
      { title: 'ABOUT', shrink: 2 },
    ];
    const rows = found.map((one) => [
      describe(one.ref),
      one.hindered === '' ? span(one.name, 'strong') : span(one.name, 'dim'),
      one.params.map(({ name }) => name).join(', '),
      aboutOf(one),
    ]);
    writeTable(screen, columns, rows);
    if (found.length === 0) context.terminal.err('No actions.\n');
    return exit.ok;
  });
}

function aboutOf({ about, hindered }: ActionView): string {
  if (hindered === '') return about;
  return about === '' ? `not now: ${hindered}` : `${about} (not now: ${hindered})`;
}

async function run(
  context: CliContext,
  globals: Globals,
  key: string,
  request: ActionRequest,
  form: string | undefined,
): Promise<ExitCode> {
  return withOperator(context, globals, async (operator) => {
    const done = await operator.runAction(key, request);
    if (writeData(context, form, done)) return exit.ok;
    const screen = screenOf(context, globals);
    for (const { ref, how } of done) screen.line(span(clean(describe(ref)), 'strong'), `: ${how}`);
    return exit.ok;
  });
}
