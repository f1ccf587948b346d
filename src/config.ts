// The only reader of the environment and of the words of the command line: everything else is given a Config.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the process was told, frozen. */
export type Config = {
  /** Words of the command line, without `node` and the script. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  /** Mirrors, charts and built tools: may be deleted at any time. */
  readonly cacheDir: string;
  /** debug, info, warn, error or silent. */
  readonly logLevel: string;
  /** Passes side by side. */
  readonly workers: number;
  /** Longest time between two looks at an application, ms. */
  readonly resync: number;
  /** Requests to one cluster at once. */
  readonly clusterConcurrency: number;
};

/** Reads the configuration. Numbers that cannot be read keep their defaults. */
export function readConfig(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  directory: string,
): Config {
  const cacheHome = env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return Object.freeze({
    argv,
    env,
    directory,
    cacheDir: env.PLUMBLINE_CACHE ?? join(cacheHome, 'plumbline'),
    logLevel: env.PLUMBLINE_LOG ?? 'info',
    workers: positive(env.PLUMBLINE_WORKERS, 24),
    resync: positive(env.PLUMBLINE_RESYNC_SECONDS, 600) * 1_000,
    clusterConcurrency: positive(env.PLUMBLINE_CLUSTER_CONCURRENCY, 24),
  });
}

function positive(text: string | undefined, otherwise: number): number {
  const value = Number(text);
  return text !== undefined && Number.isFinite(value) && value > 0 ? value : otherwise;
}
