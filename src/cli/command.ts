import type { CliContext } from './context.ts';
import type { ExitCode } from './exit.ts';
import type { Completes, Flags, FlagValue, Globals } from './flags.ts';

/** A command line, understood. */
export type Input<F extends Flags = Flags> = {
  readonly args: readonly string[];
  readonly flags: { readonly [K in keyof F]: FlagValue<F[K]> };
  /** Names of the flags that were written, as opposed to defaulted. */
  readonly given: ReadonlySet<string>;
  readonly globals: Globals;
};

/** A positional argument. */
export type Argument = {
  readonly name: string;
  readonly about: string;
  readonly required?: boolean;
  /** Takes all the words that are left; only the last may. */
  readonly repeat?: boolean;
  readonly completes?: Completes;
  readonly choices?: readonly string[];
};

/** One command: everything that help, completion, the reference and the parser need, and what it does. */
export type Command<F extends Flags = Flags> = {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line; starts with a verb, no full stop. */
  readonly summary: string;
  /** Paragraphs for its help. */
  readonly details?: string;
  readonly args?: readonly Argument[];
  readonly flags: F;
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  readonly hidden?: boolean;
  /** It ends what it began when `context.signal` is aborted, and is given the time for it. */
  readonly stopsItself?: boolean;
  readonly run: (input: Input<F>, context: CliContext) => Promise<ExitCode>;
};

/** Commands under one word (`app`). */
export type CommandGroup = {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly details?: string;
  readonly commands: readonly Command[];
};

/** Declares a command with its flags' types known inside `run`. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command {
  // `run` takes exactly what the parser makes of `flags`; a list of commands cannot carry each one's own type.
  return command as unknown as Command;
}

/** True for a group of commands. */
export function isGroup(entry: Command | CommandGroup): entry is CommandGroup {
  return 'commands' in entry;
}
