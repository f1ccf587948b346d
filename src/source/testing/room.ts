import { join } from 'node:path';
import type { Source } from '../../model/index.ts';
import type { Clock, GitWriter, Metrics, RepositoryCredential, Sources, TrustSettings } from '../../ports/index.ts';
import { createSources, type SourcesOptions } from '../sources.ts';

/** A clock that moves when the test says so. */
export class FakeClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Moves on by `ms`, running what is due in its order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
  }
}

/** Counts requests to Git servers by their kind. */
export class CountingMetrics implements Metrics {
  readonly requests = new Map<string, number>();

  count(name: string, labels: Readonly<Record<string, string>> = {}): void {
    if (name !== 'argocd_git_request_total') return;
    const kind = labels.request_type ?? '';
    this.requests.set(kind, (this.requests.get(kind) ?? 0) + 1);
  }

  observe(): void {}

  of(kind: string): number {
    return this.requests.get(kind) ?? 0;
  }
}

export type Room = {
  readonly sources: Sources;
  readonly writer: GitWriter;
  readonly clock: FakeClock;
  readonly metrics: CountingMetrics;
  /** To be changed by the test; set a new array, as the store does. */
  credentials: readonly RepositoryCredential[];
  trust: TrustSettings;
  readonly changes: { readonly repo: string; readonly refs: readonly string[] }[];
};

/** A room over a fake clock and a cache below `dir`. */
export function makeRoom(
  t: { after(run: () => Promise<void>): void },
  dir: string,
  more: Partial<SourcesOptions> = {},
): Room {
  const clock = new FakeClock();
  const metrics = new CountingMetrics();
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  const room: Omit<Room, 'sources' | 'writer'> = {
    clock,
    metrics,
    credentials: [],
    trust: { tlsCerts: {}, knownHosts: '' },
    changes: [],
  };
  const sources = createSources({
    cacheDir: join(dir, 'cache'),
    clock,
    random: { next: () => 0.5 },
    log: silent,
    metrics,
    settings: () => ({ pollInterval: 120_000, pollJitter: 60_000, helmValuesFileSchemes: ['http', 'https'] }),
    credentials: () => room.credentials,
    trust: () => room.trust,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    ...more,
  });
  const full = Object.assign(room, { sources, writer: sources.writer });
  sources.onChange((change) => full.changes.push(change));
  t.after(() => sources.stop());
  return full;
}

/** A source with only what a test needs. */
export function sourceOf(repoURL: string, targetRevision = '', more: Partial<Source> = {}): Source {
  return { repoURL, targetRevision, ...more };
}

/** A credential with only what a test needs. */
export function credentialOf(url: string, more: Partial<RepositoryCredential> = {}): RepositoryCredential {
  return {
    kind: 'repository',
    url,
    type: 'git',
    insecure: false,
    enableLfs: false,
    enableOCI: false,
    insecureOCIForceHttp: false,
    forceHttpBasicAuth: false,
    depth: 0,
    ...more,
  };
}

/** The code of the EngineError that `run` ends with, for assertions. */
export async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    return (error as { readonly code?: string }).code ?? String(error);
  }
  return 'no error';
}

/** Waits until `holds`; for what happens behind an answer. */
export async function eventually(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never came true: ${what}`);
}
