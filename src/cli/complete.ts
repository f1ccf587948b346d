import type { Command, CommandGroup } from './command.ts';
import { isGroup } from './command.ts';
import type { CliContext } from './context.ts';
import type { Completes, Flag, Flags, Globals } from './flags.ts';
import { withOperator } from './follow.ts';
import { globalFlags } from './parse.ts';

/** What a word can become. `files` and `directories` are left to the shell. */
export type Candidates = {
  readonly kind: 'words' | 'files' | 'directories';
  readonly words: readonly { readonly word: string; readonly about: string }[];
};

const patience = 2_000;
const nothing: Candidates = { kind: 'words', words: [] };

/** What the last of `words` can become; never throws, and never takes long. */
export async function candidates(
  words: readonly string[],
  entries: readonly (Command | CommandGroup)[],
  context: CliContext,
  globals: Globals,
): Promise<Candidates> {
  // bash makes three words of `--flag=value`.
  const last = words.at(-1) === '=' ? '' : (words.at(-1) ?? '');
  let choices: readonly (Command | CommandGroup)[] = entries;
  let command: Command | undefined;
  let position = 0;
  let awaiting: Flag | undefined;
  for (const word of words.slice(0, -1)) {
    const flags: Flags = { ...globalFlags, ...command?.flags };
    if (awaiting !== undefined && word === '=') continue;
    if (awaiting !== undefined) awaiting = undefined;
    else if (word.startsWith('-')) awaiting = word.includes('=') ? undefined : valueFlag(word, flags);
    else if (command !== undefined) position++;
    else {
      const entry = choices.find((one) => one.name === word || one.aliases?.includes(word));
      if (entry === undefined) return nothing;
      if (isGroup(entry)) choices = entry.commands;
      else command = entry;
    }
  }
  const flags: Flags = { ...globalFlags, ...command?.flags };
  if (awaiting !== undefined) return flagValues(awaiting, last, context, globals);
  if (last.startsWith('-')) return flagNames(flags, last);
  if (command === undefined) return commandNames(choices, last);
  const args = command.args ?? [];
  const arg = args[position] ?? (args.at(-1)?.repeat ? args.at(-1) : undefined);
  if (arg === undefined) return nothing;
  return arg.choices === undefined ? live(arg.completes, last, context, globals) : plain(arg.choices, last);
}

function valueFlag(word: string, flags: Flags): Flag | undefined {
  const entry = Object.entries(flags).find(([name, flag]) => word === `--${name}` || word === `-${flag.short}`);
  return entry === undefined || entry[1].kind === 'boolean' ? undefined : entry[1];
}

function flagValues(flag: Flag, last: string, context: CliContext, globals: Globals): Promise<Candidates> {
  if ((flag.kind === 'string' || flag.kind === 'list') && flag.choices !== undefined)
    return Promise.resolve(plain(flag.choices, last));
  return live(flag.kind === 'string' || flag.kind === 'list' ? flag.completes : undefined, last, context, globals);
}

function flagNames(flags: Flags, last: string): Candidates {
  const words = Object.entries(flags)
    .map(([name, flag]) => ({
      word: flag.kind === 'boolean' && flag.default === true ? `--no-${name}` : `--${name}`,
      about: flag.about,
    }))
    .filter(({ word }) => word.startsWith(last));
  return { kind: 'words', words };
}

function commandNames(choices: readonly (Command | CommandGroup)[], last: string): Candidates {
  const shown = choices.filter((one) => (isGroup(one) || !one.hidden) && one.name.startsWith(last));
  return { kind: 'words', words: shown.map((one) => ({ word: one.name, about: one.summary })) };
}

function plain(choices: readonly string[], last: string): Candidates {
  return { kind: 'words', words: choices.filter((one) => one.startsWith(last)).map((word) => ({ word, about: '' })) };
}

/** Names from the cluster; nothing when it does not answer soon. */
function live(what: Completes | undefined, last: string, context: CliContext, globals: Globals): Promise<Candidates> {
  if (what === 'file') return Promise.resolve({ kind: 'files', words: [] });
  if (what === 'directory') return Promise.resolve({ kind: 'directories', words: [] });
  if (what === undefined) return Promise.resolve(nothing);
  const ask = withOperator(context, globals, async (operator) => {
    if (what === 'project')
      return plain(
        (await operator.listProjects()).map((view) => view.project.name),
        last,
      );
    const views = await operator.listApplications(last.includes('/') ? {} : { namespace: globals.namespace });
    const words = views.map((view) => ({
      word: last.includes('/') ? view.key : view.name,
      about: `${view.sync}, ${view.health.status}`,
    }));
    return { kind: 'words', words: words.filter(({ word }) => word.startsWith(last)) } as const;
  });
  return new Promise((resolve) => {
    const cancel = context.after(patience, () => resolve(nothing));
    ask.then(resolve, () => resolve(nothing)).finally(cancel);
  });
}
