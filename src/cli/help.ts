import type { Argument, Command, CommandGroup } from './command.ts';
import { isGroup } from './command.ts';
import { formatDuration } from './duration.ts';
import type { Flag, Flags } from './flags.ts';
import type { Screen } from './output/screen.ts';
import { span } from './output/text.ts';
import { globalFlags } from './parse.ts';

/** `plumb app get APP [flags]`. */
export function usageLine(command: Command, path: readonly string[]): string {
  const args = (command.args ?? []).map(argumentText).join(' ');
  const flags = Object.keys(command.flags).length > 0 ? ' [flags]' : '';
  return `plumb ${path.join(' ')}${args === '' ? '' : ` ${args}`}${flags}`;
}

/** `APP`, `[PATH]`, `APP...`. */
export function argumentText(arg: Argument): string {
  const name = arg.repeat ? `${arg.name}...` : arg.name;
  return arg.required ? name : `[${name}]`;
}

/** `-o, --output FORM`. */
export function flagText(name: string, flag: Flag): string {
  const long = flag.kind === 'boolean' && flag.default === true ? `--no-${name}` : `--${name}`;
  const value = flag.kind === 'boolean' ? '' : ` ${flag.value}`;
  return `${flag.short === undefined ? '    ' : `-${flag.short}, `}${long}${value}`;
}

/** What a flag does, with its default where that says something. */
export function flagAbout(flag: Flag): string {
  if (flag.kind === 'boolean') return flag.about;
  if (flag.kind === 'list') return `${flag.about} (${flag.commas ? 'commas, or ' : ''}may be repeated)`;
  if (flag.default === undefined || flag.default === '') return flag.about;
  const value = flag.kind === 'duration' && flag.default > 0 ? formatDuration(flag.default) : String(flag.default);
  return `${flag.about} (default: ${value})`;
}

/** Help for everything, for a group or for a command. */
export function writeHelp(
  screen: Screen,
  entries: readonly (Command | CommandGroup)[],
  entry: Command | CommandGroup | undefined,
  path: readonly string[],
): void {
  if (entry === undefined) writeOverview(screen, entries);
  else if (isGroup(entry)) writeGroup(screen, entry, path);
  else writeCommand(screen, entry, path);
}

function heading(screen: Screen, text: string): void {
  screen.line();
  screen.line(span(text, 'strong'));
}

function pairs(screen: Screen, rows: readonly (readonly [string, string])[]): void {
  const width = Math.min(34, Math.max(0, ...rows.map(([left]) => left.length)));
  for (const [left, right] of rows) {
    const room = screen.width - width - 4;
    const [first = '', ...rest] = wrap(right, room);
    if (left.length > width) {
      screen.line('  ', left);
      screen.line(' '.repeat(width + 4), first);
    } else screen.line('  ', left.padEnd(width), '  ', first);
    for (const line of rest) screen.line(' '.repeat(width + 4), line);
  }
}

function wrap(text: string, width: number): string[] {
  const out: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > Math.max(20, width)) {
      out.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  out.push(line);
  return out;
}

function paragraphs(screen: Screen, text: string): void {
  for (const paragraph of text.split('\n\n')) {
    screen.line();
    for (const line of wrap(paragraph.replaceAll('\n', ' '), Math.min(screen.width, 100))) screen.line(line);
  }
}

function commandRows(entries: readonly (Command | CommandGroup)[]): (readonly [string, string])[] {
  return entries
    .filter((one) => isGroup(one) || !one.hidden)
    .map((one) => [isGroup(one) ? `${one.name} ...` : one.name, one.summary] as const);
}

function writeOverview(screen: Screen, entries: readonly (Command | CommandGroup)[]): void {
  screen.line(span('plumb', 'strong'), ': Git is the truth, and every commit is proven live.');
  heading(screen, 'Usage');
  screen.line('  plumb COMMAND [flags]');
  heading(screen, 'Commands');
  pairs(screen, commandRows(entries));
  writeFlags(screen, 'Flags of every command', globalFlags);
  screen.line();
  screen.line('Exit codes: 0 fine, 1 it differs, 2 an error, 3 timed out.');
  screen.line(span('plumb COMMAND --help', 'strong'), ' shows the flags of a command, and examples.');
}

function writeGroup(screen: Screen, group: CommandGroup, path: readonly string[]): void {
  screen.line(`${group.summary}.`);
  if (group.details !== undefined) paragraphs(screen, group.details);
  heading(screen, 'Usage');
  screen.line(`  plumb ${path.join(' ')} COMMAND [flags]`);
  heading(screen, 'Commands');
  pairs(screen, commandRows(group.commands));
}

function writeCommand(screen: Screen, command: Command, path: readonly string[]): void {
  screen.line(`${command.summary}.`);
  if (command.details !== undefined) paragraphs(screen, command.details);
  heading(screen, 'Usage');
  screen.line(`  ${usageLine(command, path)}`);
  if (command.args !== undefined && command.args.length > 0) {
    heading(screen, 'Arguments');
    pairs(
      screen,
      command.args.map((arg) => [argumentText(arg), arg.about] as const),
    );
  }
  if (Object.keys(command.flags).length > 0) writeFlags(screen, 'Flags', command.flags);
  writeFlags(screen, 'Flags of every command', globalFlags);
  heading(screen, 'Examples');
  for (const example of command.examples) {
    screen.line('  ', span(`# ${example.does}`, 'dim'));
    screen.line('  ', example.line);
  }
}

function writeFlags(screen: Screen, title: string, flags: Flags): void {
  heading(screen, title);
  pairs(
    screen,
    Object.entries(flags).map(([name, flag]) => [flagText(name, flag), flagAbout(flag)] as const),
  );
}
