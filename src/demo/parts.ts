// What the demo is asked, and everything it reaches the world through; the composition root gives it.
import type { Operator } from '../contract/index.ts';
import type { KubeApi, Log } from '../ports/index.ts';

/** Which cluster, and the namespace of its Applications. */
export type DemoConnection = {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string;
  readonly verbose: boolean;
};

/** What `plumb up` is asked. */
export type DemoOptions = {
  /** Ends by itself: after a commit, a change by hand and a rollback, or once everything has converged. */
  readonly exit: boolean;
  readonly cluster: 'embedded' | 'current';
  readonly repo: string | undefined;
  readonly revision: string;
  readonly path: string;
  readonly listen: string;
  readonly keep: boolean;
  readonly connection: DemoConnection & { readonly color?: boolean };
};

/** The person's side of the world. */
export type DemoWorld = {
  readonly terminal: {
    out(text: string): void;
    readonly outIsTerminal: boolean;
    columns(): number;
  };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  /** Aborted when the person wants to stop. */
  readonly signal: AbortSignal;
};

/** A running engine. `address` is where webhooks, metrics and health are served. */
export type DemoEngine = {
  readonly address: string;
  readonly operator: Operator;
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>;
  stop(): Promise<void>;
};

/** A control plane that was started for the demo. */
export type DemoCluster = {
  readonly kubeconfigPath: string;
  /** Its directory; `pki/` holds the keys as files. */
  readonly dir: string;
  readonly server: string;
  /** Which binaries it runs, for people. */
  readonly origin: string;
  /** Ms from the start until it was ready. */
  readonly startedIn: number;
  stop(): Promise<void>;
};

/** Says what is going on while something takes its time. */
export type Progress = (text: string) => void;

/** Work of other rooms. */
export type DemoParts = {
  /** Builds or finds what rendering needs. */
  prepare(progress: Progress): Promise<void>;
  /** A new control plane; its state stays in `keepIn` after the end where one is given. */
  startCluster(wish: { readonly keepIn?: string; readonly progress: Progress }): Promise<DemoCluster>;
  openApi(connection: DemoConnection): Promise<KubeApi & { close(): Promise<void> }>;
  startEngine(connection: DemoConnection, listen: string, log: Log): Promise<DemoEngine>;
  /** A log that writes JSON lines. */
  createLog(destination: { write(line: string): void }): Log;
};

/** Exit codes, as everywhere in the command line. */
export const exitCode = { ok: 0, differs: 1, error: 2, timedOut: 3, interrupted: 130 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
