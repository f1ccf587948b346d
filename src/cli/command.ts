import type { CliContext } from './context.ts';

/** What the process ends with; scripts rely on it. */
export const exit = { ok: 0, differs: 1, error: 2, timedOut: 3, interrupted: 130 } as const;
export type ExitCode = (typeof exit)[keyof typeof exit];

/** What a word completes to in the shell. */
export type Completes = 'application' | 'project' | 'file' | 'directory';

type FlagText = {
  /** One line for people; starts with a capital, no full stop. */
  readonly about: string;
  /** One letter. */
  readonly short?: string;
};

/**
 * A declared flag. `boolean` is set by `--x` and unset by `--no-x`; `duration` is read as `90s`, `5m`, `1h30m` (a bare
 * number is seconds) and given in ms; `list` may be repeated.
 */
export type Flag =
  | (FlagText & { readonly kind: 'boolean'; readonly default?: boolean })
  | (FlagText & {
      readonly kind: 'string';
      readonly value: string;
      readonly default?: string;
      readonly choices?: readonly string[];
      readonly completes?: Completes;
    })
  | (FlagText & { readonly kind: 'number'; readonly value: string; readonly default?: number })
  | (FlagText & { readonly kind: 'duration'; readonly value: string; readonly default?: number })
  | (FlagText & {
      readonly kind: 'list';
      readonly value: string;
      readonly choices?: readonly string[];
      readonly completes?: Completes;
      /** Commas separate too. */
      readonly commas?: boolean;
    });

export type Flags = Readonly<Record<string, Flag>>;

type Defaulted<F, T> = F extends { readonly default: T } ? T : T | undefined;

/** The value that a flag has in a command. */
export type FlagValue<F extends Flag> = F['kind'] extends 'boolean'
  ? boolean
  : F['kind'] extends 'list'
    ? readonly string[]
    : F['kind'] extends 'string'
      ? Defaulted<F, string>
      : Defaulted<F, number>;

/** Flags that every command takes. */
export type Globals = {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Namespace of Application resources. */
  readonly namespace: string;
  readonly color: boolean;
  readonly verbose: boolean;
};

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
