import { asEngineError, EngineError, type Health, isJsonObject, type JsonObject, stringAt } from '../../model/index.ts';
import { defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { exit } from '../exit.ts';
import { outputFlag, writeData } from '../output/data.ts';
import { screenOf } from '../output/screen.ts';
import { writeTable } from '../output/table.ts';
import { clean } from '../output/text.ts';
import { healthWord } from '../output/words.ts';
import { readFileAt } from '../places.ts';

/** One object and what it says of itself. */
type Row = {
  readonly file: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** '' for a kind that says nothing about its health. */
  readonly status: string;
  readonly message: string;
};

/** `plumb health`. */
export const health = defineCommand({
  name: 'health',
  summary: 'Say of objects in files whether they work; needs no cluster',
  details:
    'Reads objects with their status, as `kubectl get -o yaml` prints them, and judges each as the engine does. A kind that says nothing about its health (a ConfigMap) has the status "". A file that cannot be read is told, the others are still judged, and the command fails. With --settings the Lua checks of an argocd-cm are asked first.',
  args: [
    {
      name: 'FILE',
      about: 'YAML or JSON, also several documents or lists; - is standard input',
      required: true,
      repeat: true,
      completes: 'file',
    },
  ],
  flags: {
    settings: {
      kind: 'list',
      value: 'FILE',
      about: 'An argocd-cm with resource.customizations.health.* and .useOpenLibs.*',
      completes: 'file',
    },
    output: outputFlag('wide', 'json', 'yaml'),
  },
  examples: [
    { line: 'plumb health deployment.yaml', does: 'One file' },
    { line: 'plumb health -', does: 'What comes in: kubectl get all -o yaml | plumb health -' },
    { line: 'plumb health --settings argocd-cm.yaml widget.yaml -o json', does: 'With a check of your own' },
  ],
  async run({ args, flags, globals }, context) {
    const workbench = await context.workbench();
    try {
      const objects: { readonly file: string; readonly object: JsonObject }[] = [];
      let failed = false;
      for (const file of args) {
        try {
          const read = await workbench.readObjects(await readFileAt(context, file), file);
          for (const object of read) objects.push({ file, object });
        } catch (thrown) {
          // One bad file is told, and keeps nobody from the health of the others.
          const error = asEngineError(thrown);
          context.terminal.err(`error [${error.code}]: ${clean(error.message)}\n`);
          failed = true;
        }
      }
      const config: Record<string, string> = {};
      for (const file of flags.settings) {
        Object.assign(config, configIn(await workbench.readObjects(await readFileAt(context, file), file), file));
      }
      const answer = await workbench.health(
        objects.map(({ object }) => object),
        config,
      );
      for (const problem of answer.problems) context.terminal.err(`warning [settings]: ${clean(problem)}\n`);
      const rows = objects.map(({ file, object }, i) => rowOf(file, object, answer.health[i]));
      if (!writeData(context, flags.output, rows)) {
        writeRows(context, globals, rows, answer.health, args.length > 1 || flags.output === 'wide');
      }
      return failed ? exit.error : exit.ok;
    } finally {
      await workbench.close();
    }
  },
});

/** The data of the ConfigMaps among these objects; a map of texts without a kind is taken for the data itself. */
export function configIn(objects: readonly JsonObject[], file: string): Readonly<Record<string, string>> {
  const data: Record<string, string> = {};
  const maps = objects.filter((object) => object.kind === 'ConfigMap' || object.kind === undefined);
  if (maps.length === 0)
    throw new EngineError('settings-invalid', `no ConfigMap in the file: ${file}`, { about: file });
  for (const map of maps) {
    const texts = isJsonObject(map.data) ? map.data : map.kind === undefined ? map : {};
    for (const [key, value] of Object.entries(texts)) if (typeof value === 'string') data[key] = value;
  }
  return data;
}

function rowOf(file: string, object: JsonObject, found: Health | undefined): Row {
  return {
    file,
    apiVersion: stringAt(object, 'apiVersion') ?? '',
    kind: stringAt(object, 'kind') ?? '',
    namespace: stringAt(object, 'metadata', 'namespace') ?? '',
    name: stringAt(object, 'metadata', 'name') ?? '',
    status: found?.status ?? '',
    message: found?.message ?? '',
  };
}

function writeRows(
  context: CliContext,
  globals: Parameters<typeof screenOf>[1],
  rows: readonly Row[],
  found: readonly (Health | undefined)[],
  withFile: boolean,
): void {
  const screen = screenOf(context, globals);
  const columns = [
    ...(withFile ? [{ title: 'FILE', shrink: 1 }] : []),
    { title: 'KIND' },
    { title: 'NAMESPACE' },
    { title: 'NAME', shrink: 1 },
    { title: 'HEALTH' },
    { title: 'MESSAGE', shrink: 2 },
  ];
  const cells = rows.map(({ file, kind, namespace, name, message }, i) => [
    ...(withFile ? [file] : []),
    kind,
    namespace,
    name,
    found[i] === undefined ? '-' : healthWord(screen, found[i]),
    message.replace(/\s+/g, ' '),
  ]);
  writeTable(screen, columns, cells);
  if (rows.length === 0) context.terminal.err('No objects there.\n');
}
