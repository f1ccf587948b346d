import { catalog } from './catalog.ts';
import { type Command, isGroup } from './command.ts';
import type { Flags } from './flags.ts';
import { argumentText, flagAbout, flagText, usageLine } from './help.ts';
import { globalFlags } from './parse.ts';

/** The whole command line as Markdown (docs/reference/cli.md), made of the same declarations that parse it. */
export function cliReference(): string {
  const out = [
    '<!-- Written by scripts/generate-reference.ts from src/cli/commands: change the code, then run it. -->',
    '',
    '# The command line',
    '',
    'Exit codes: 0 fine, 1 it differs, 2 an error, 3 timed out, 130 interrupted. Errors are one line on standard error,',
    '`error [code]: message`, with a code of [errors.md](errors.md). Output on a terminal has colours and signs; read by a',
    'program it has neither, and nothing is cut. `NO_COLOR` is honoured.',
    '',
    '## Flags of every command',
    '',
    ...flagRows(globalFlags),
  ];
  for (const entry of catalog) {
    if (!isGroup(entry)) out.push(...sectionOf(entry, [entry.name]));
    else for (const command of entry.commands) out.push(...sectionOf(command, [entry.name, command.name]));
  }
  return `${out.join('\n').trimEnd()}\n`;
}

function sectionOf(command: Command, path: readonly string[]): string[] {
  if (command.hidden) return [];
  const out = ['', `## plumb ${path.join(' ')}`, '', `${command.summary}.`, '', '```', usageLine(command, path), '```'];
  if (command.aliases !== undefined) out.push('', `Also: ${command.aliases.map((name) => `\`${name}\``).join(', ')}.`);
  if (command.details !== undefined) out.push('', command.details);
  if (command.args !== undefined && command.args.length > 0) {
    out.push('', '| Argument | |', '|---|---|');
    for (const arg of command.args) out.push(`| \`${cell(argumentText(arg))}\` | ${cell(arg.about)} |`);
  }
  if (Object.keys(command.flags).length > 0) out.push('', ...flagRows(command.flags));
  out.push('', '```sh');
  for (const example of command.examples) out.push(`# ${example.does}`, example.line);
  return [...out, '```'];
}

function flagRows(flags: Flags): string[] {
  const rows = Object.entries(flags).map(
    ([name, flag]) => `| \`${cell(flagText(name, flag).trim())}\` | ${cell(flagAbout(flag))} |`,
  );
  return ['| Flag | |', '|---|---|', ...rows];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
