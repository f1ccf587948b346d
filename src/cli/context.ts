import type { ChangeRequests, ImagesAnswer, ImagesRequest, Operator, Workbench } from '../contract/index.ts';
import type { Clusters } from './clusters.ts';
import type { ExitCode } from './exit.ts';
import type { Globals } from './flags.ts';

/** Where a command writes to and reads from. */
export type Terminal = {
  out(text: string): void;
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Width of a line, in cells. */
  columns(): number;
  /** All of standard input, as text. */
  input(): Promise<string>;
  /** The next line of standard input, '' at its end. */
  line(): Promise<string>;
};

/** Which cluster a command talks to. */
export type Connection = Pick<Globals, 'kubeconfig' | 'context' | 'namespace' | 'verbose'>;

/** What `plumb up` is asked. */
export type UpOptions = {
  /** Play a commit, a change by hand and a rollback, then end. */
  readonly exit: boolean;
  /** `embedded` starts a control plane of its own; `current` is the one of the kubeconfig. */
  readonly cluster: 'embedded' | 'current';
  /** A Git repository of the user's own instead of the examples. */
  readonly repo: string | undefined;
  readonly revision: string;
  readonly path: string;
  /** `address:port` of webhooks and metrics; port 0 is any free one. */
  readonly listen: string;
  /** Keep the embedded cluster's state after the end. */
  readonly keep: boolean;
  readonly connection: Connection;
};

/** What `plumb run` is asked. */
export type RunOptions = {
  /** `address:port` of webhooks, metrics and health. */
  readonly listen: string;
  readonly connection: Connection;
};

/** Work that belongs to other rooms, given by the composition root. */
export type Actions = {
  up(options: UpOptions, context: CliContext): Promise<ExitCode>;
  /** The engine alone, until the process is asked to stop. */
  run(options: RunOptions): Promise<ExitCode>;
  readonly clusters: Clusters;
  /** Looks at the images in the files of a directory, and changes their tags. */
  updateImages(request: ImagesRequest): Promise<ImagesAnswer>;
};

/** Everything a command reaches the world through. */
export type CliContext = {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute working directory. */
  readonly directory: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
  /** Aborted when the person wants to stop. */
  readonly signal: AbortSignal;
  readonly version: { readonly version: string; readonly runtime: string };
  operator(connection: Connection): Promise<Operator>;
  workbench(): Promise<Workbench>;
  /** The pull requests of a repository at its forge; `kind` where the name of the server does not say. */
  changeRequests?(repoURL: string, kind: string | undefined): Promise<ChangeRequests>;
  readFile(path: string): Promise<string>;
  /** Writes a file that is not there yet, and its directories; false when it is there, untouched. */
  writeNewFile(path: string, text: string): Promise<boolean>;
  readonly actions: Actions;
};
