import { EngineError, type JsonObject, type SettingFinding } from '../../model/index.ts';
import { defineCommand } from '../command.ts';
import type { CliContext } from '../context.ts';
import { type ExitCode, exit } from '../exit.ts';
import { withOperator } from '../follow.ts';
import { outputFlag, writeData } from '../output/data.ts';
import { screenOf } from '../output/screen.ts';
import { clean, count, span, type Tone } from '../output/text.ts';
import { readFileAt } from '../places.ts';

const tones: Readonly<Record<SettingFinding['level'], Tone>> = { error: 'bad', warning: 'warn', info: 'dim' };

/** `plumb admin settings`. */
export const adminSettings = defineCommand({
  name: 'settings',
  summary: 'Say what is wrong with settings: values, keys, scripts, certificates, Secrets',
  details:
    'Reads argocd-cm, argocd-cmd-params-cm, argocd-secret, the ConfigMaps of certificates and known hosts, and the Secrets of repositories and clusters: of the control namespace, or of the files that are given. Exits 1 when anything is wrong.',
  args: [{ name: 'validate', about: 'What to do', required: true, choices: ['validate'] }],
  flags: {
    file: {
      kind: 'list',
      short: 'f',
      value: 'FILE',
      about: 'Read this file instead; - is standard input',
      completes: 'file',
    },
    all: { kind: 'boolean', about: 'Also tell of keys that only Argo CD reads' },
    output: outputFlag('json', 'yaml'),
  },
  examples: [
    { line: 'plumb admin settings validate', does: 'The settings that are live' },
    { line: 'plumb admin settings validate -f argocd-cm.yaml', does: 'A file, before it is applied; needs no cluster' },
  ],
  async run({ flags, globals }, context) {
    const found =
      flags.file.length > 0
        ? await inFiles(context, flags.file)
        : await withOperator(context, globals, (operator) => operator.checkSettings());
    const told = flags.all ? found : found.filter(({ level }) => level !== 'info');
    const code: ExitCode = found.some(({ level }) => level !== 'info') ? exit.differs : exit.ok;
    if (writeData(context, flags.output, told)) return code;
    writeFindings(screenOf(context, globals), told);
    const hidden = found.length - told.length;
    const more = hidden === 0 ? '' : ` ${count(hidden, 'key')} that only Argo CD reads: --all shows them.`;
    context.terminal.err(`${told.length === 0 ? 'Nothing is wrong.' : count(told.length, 'finding')}${more}\n`);
    return code;
  },
});

/** Findings, a line each. */
export function writeFindings(screen: ReturnType<typeof screenOf>, findings: readonly SettingFinding[]): void {
  for (const { level, object, key, message } of findings) {
    screen.line(span(level, tones[level]), ` ${clean(object)}: `, span(clean(key), 'strong'), `: ${clean(message)}`);
  }
}

async function inFiles(context: CliContext, files: readonly string[]): Promise<readonly SettingFinding[]> {
  const workbench = await context.workbench();
  try {
    const resources: JsonObject[] = [];
    for (const file of files) resources.push(...(await workbench.readObjects(await readFileAt(context, file), file)));
    if (!resources.some(({ kind }) => kind === 'ConfigMap' || kind === 'Secret')) {
      throw new EngineError('settings-invalid', `no ConfigMap or Secret in: ${files.join(', ')}`);
    }
    return await workbench.checkSettings(resources);
  } finally {
    await workbench.close();
  }
}
