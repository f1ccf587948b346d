// The forms of flags, and what they become in a command.

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
