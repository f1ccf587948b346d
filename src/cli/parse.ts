import { EngineError, nearest } from '../model/index.ts';
import type { Command, CommandGroup, Input } from './command.ts';
import { isGroup } from './command.ts';
import { parseDuration } from './duration.ts';
import type { Flag, Flags, Globals } from './flags.ts';

/** The flags that every command takes. */
export const globalFlags = {
  kubeconfig: { kind: 'string', value: 'FILE', about: 'Kubeconfig file to use', completes: 'file' },
  context: { kind: 'string', value: 'NAME', about: 'Context of the kubeconfig to use' },
  namespace: {
    kind: 'string',
    short: 'n',
    value: 'NAME',
    about: 'Namespace of the Application resources (default: $PLUMB_NAMESPACE, or argocd)',
  },
  color: { kind: 'boolean', default: true, about: 'Write without colours, also on a terminal' },
  verbose: { kind: 'boolean', short: 'v', about: 'Say more about what happens, and about errors' },
  help: { kind: 'boolean', short: 'h', about: 'Show help' },
} as const satisfies Flags;

/** What a command line asks for. */
export type Parsed =
  | { readonly kind: 'run'; readonly command: Command; readonly path: readonly string[]; readonly input: Input }
  | {
      readonly kind: 'help';
      readonly entry: Command | CommandGroup | undefined;
      readonly path: readonly string[];
      /** False when help is the answer to a command line that says too little. */
      readonly asked: boolean;
    };

type Values = Map<string, string | number | boolean | string[]>;

/** Reads a command line. EngineError `usage`, its hint in `about`, when it cannot be understood. */
export function parseArgv(
  argv: readonly string[],
  entries: readonly (Command | CommandGroup)[],
  env: Readonly<Record<string, string | undefined>>,
): Parsed {
  const found = findCommand(argv, entries);
  const { command, path } = found;
  const flags: Flags = command === undefined ? globalFlags : { ...globalFlags, ...command.flags };
  const { words, values } = readFlags(found.rest, flags, path);
  const help = values.get('help') === true;
  if (command === undefined) return { kind: 'help', entry: found.group, path, asked: help };
  if (help) return { kind: 'help', entry: command, path, asked: true };
  checkArguments(words, command, path);
  const own: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(command.flags)) own[name] = values.get(name) ?? defaultOf(flag);
  const given = new Set(values.keys());
  const input: Input = { args: words, flags: own as Input['flags'], given, globals: globalsOf(values, env) };
  return { kind: 'run', command, path, input };
}

/** Walks down to the command; flags may stand before and between its words. */
function findCommand(argv: readonly string[], entries: readonly (Command | CommandGroup)[]) {
  const rest: string[] = [];
  const path: string[] = [];
  let choices: readonly (Command | CommandGroup)[] = entries;
  let group: CommandGroup | undefined;
  let i = 0;
  for (; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--') break;
    if (word.startsWith('-') && word !== '-') {
      rest.push(word);
      const name = globalNameOf(word);
      const takesValue = name !== undefined && globalFlags[name].kind !== 'boolean' && !hasInlineValue(word);
      if (takesValue && i + 1 < argv.length) rest.push(argv[++i] ?? '');
      continue;
    }
    const entry = choices.find((one) => one.name === word || one.aliases?.includes(word));
    if (entry === undefined) throw unknownCommand(word, path, choices);
    path.push(entry.name);
    if (!isGroup(entry)) return { command: entry, group, path, rest: [...rest, ...argv.slice(i + 1)] };
    group = entry;
    choices = entry.commands;
  }
  return { command: undefined, group, path, rest: [...rest, ...argv.slice(i)] };
}

function globalNameOf(word: string): keyof typeof globalFlags | undefined {
  const names = Object.keys(globalFlags) as (keyof typeof globalFlags)[];
  if (word.startsWith('--')) return names.find((name) => name === word.slice(2).split('=')[0]);
  return names.find((name) => (globalFlags[name] as Flag).short === word[1]);
}

function hasInlineValue(word: string): boolean {
  return word.startsWith('--') ? word.includes('=') : word.length > 2;
}

function unknownCommand(word: string, path: readonly string[], choices: readonly (Command | CommandGroup)[]) {
  const names = choices.flatMap((one) => ('hidden' in one && one.hidden ? [] : [one.name, ...(one.aliases ?? [])]));
  const guess = nearest(word, names);
  const where = ['plumb', ...path].join(' ');
  const hint = guess === undefined ? `see: ${where} --help` : `did you mean: ${where} ${guess}`;
  return new EngineError('usage', `unknown command: ${where} ${word}`, { about: hint });
}

function readFlags(argv: readonly string[], flags: Flags, path: readonly string[]) {
  const words: string[] = [];
  const values: Values = new Map();
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (word === '--') {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word);
      continue;
    }
    const taken = word.startsWith('--')
      ? readLong(word.slice(2), argv[i + 1], flags, values, path)
      : readShort(word.slice(1), argv[i + 1], flags, values, path);
    if (taken) i++;
  }
  return { words, values };
}

/** Reads `name`, `name=value` or `no-name`; true when the next word was its value. */
function readLong(
  text: string,
  next: string | undefined,
  flags: Flags,
  values: Values,
  path: readonly string[],
): boolean {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const inline = equals < 0 ? undefined : text.slice(equals + 1);
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined) {
    const positive = name.startsWith('no-') ? name.slice(3) : '';
    if (Object.hasOwn(flags, positive) && flags[positive]?.kind === 'boolean' && inline === undefined) {
      values.set(positive, false);
      return false;
    }
    throw unknownFlag(`--${name}`, Object.keys(flags), path);
  }
  return setFlag(`--${name}`, name, flag, inline, next, values);
}

/** Reads `v`, `vA` or `ojson`; true when the next word was a value. */
function readShort(
  text: string,
  next: string | undefined,
  flags: Flags,
  values: Values,
  path: readonly string[],
): boolean {
  for (let i = 0; i < text.length; i++) {
    const letter = text[i] ?? '';
    const entry = Object.entries(flags).find(([, flag]) => flag.short === letter);
    if (entry === undefined) throw unknownFlag(`-${letter}`, [], path);
    const [name, flag] = entry;
    if (flag.kind === 'boolean') {
      values.set(name, true);
      continue;
    }
    const inline = text.slice(i + 1).replace(/^=/, '');
    return setFlag(`-${letter}`, name, flag, inline === '' ? undefined : inline, next, values);
  }
  return false;
}

function unknownFlag(written: string, names: readonly string[], path: readonly string[]): EngineError {
  const guess = nearest(written.replace(/^-+/, ''), names);
  const hint = guess === undefined ? `see: ${['plumb', ...path].join(' ')} --help` : `did you mean: --${guess}`;
  return new EngineError('usage', `unknown flag: ${written}`, { about: hint });
}

function setFlag(
  written: string,
  name: string,
  flag: Flag,
  inline: string | undefined,
  next: string | undefined,
  values: Values,
): boolean {
  if (flag.kind === 'boolean') {
    if (inline !== undefined && !['true', 'false'].includes(inline)) {
      throw new EngineError('usage', `${written} takes no value other than true and false: ${inline}`);
    }
    values.set(name, inline !== 'false');
    return false;
  }
  const raw = inline ?? next;
  if (raw === undefined) throw new EngineError('usage', `${written} needs a value: ${flag.value}`);
  if (flag.kind === 'list') {
    const items = flag.commas ? raw.split(',').filter((item) => item !== '') : [raw];
    for (const item of items) checkChoice(written, item, flag.choices);
    const before = values.get(name);
    values.set(name, [...(Array.isArray(before) ? before : []), ...items]);
  } else values.set(name, readValue(written, raw, flag));
  return inline === undefined;
}

function readValue(
  written: string,
  raw: string,
  flag: Exclude<Flag, { readonly kind: 'boolean' | 'list' }>,
): string | number {
  if (flag.kind === 'string') {
    checkChoice(written, raw, flag.choices);
    return raw;
  }
  const value = flag.kind === 'duration' ? parseDuration(raw) : raw.trim() === '' ? Number.NaN : Number(raw);
  if (value !== undefined && Number.isFinite(value)) return value;
  const form = flag.kind === 'duration' ? 'a time like 30s, 5m or 1h30m' : 'a number';
  throw new EngineError('usage', `${written} needs ${form}: ${raw}`);
}

function checkChoice(written: string, value: string, choices: readonly string[] | undefined): void {
  if (choices === undefined || choices.includes(value)) return;
  const guess = nearest(value, choices);
  const about = guess === undefined ? '' : `did you mean: ${guess}`;
  throw new EngineError('usage', `${written} is one of ${choices.join(', ')}: ${value}`, { about });
}

function checkArguments(words: readonly string[], command: Command, path: readonly string[]): void {
  const args = command.args ?? [];
  const missing = args.find((arg, i) => arg.required && i >= words.length);
  const line = ['plumb', ...path].join(' ');
  if (missing !== undefined) {
    throw new EngineError('usage', `missing ${missing.name}: ${line}`, { about: `see: ${line} --help` });
  }
  const extra = args.at(-1)?.repeat ? undefined : words[args.length];
  if (extra !== undefined) {
    throw new EngineError('usage', `too many arguments: ${line}: ${extra}`, { about: `see: ${line} --help` });
  }
  for (const [i, arg] of args.entries()) {
    const word = words[i];
    if (word !== undefined) checkChoice(arg.name, word, arg.choices);
  }
}

function defaultOf(flag: Flag): unknown {
  if (flag.kind === 'list') return [];
  if (flag.kind === 'boolean') return flag.default ?? false;
  return flag.default;
}

function globalsOf(values: Values, env: Readonly<Record<string, string | undefined>>): Globals {
  const text = (name: string): string | undefined => {
    const value = values.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    kubeconfig: text('kubeconfig'),
    context: text('context'),
    namespace: text('namespace') ?? (env.PLUMB_NAMESPACE || 'argocd'),
    color: values.get('color') !== false,
    verbose: values.get('verbose') === true,
  };
}
