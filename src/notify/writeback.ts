// Verdicts written back into Git: notes on commits, and a branch for each environment that points at what is live there.
// What many applications have to say goes in one push for each repository.
import { type Application, asEngineError, type SignedRecord } from '../model/index.ts';
import type {
  Clock,
  GitWriter,
  Log,
  Metrics,
  NotesChange,
  NotifySettings,
  WritableRepository,
} from '../ports/index.ts';
import type { Keeper } from './archive.ts';
import { liveCommit } from './live-commit.ts';
import { mergeLines } from './record-lines.ts';
import { branchRef, notesRef } from './ref-names.ts';

/** What writing back needs. */
export type WritebackParts = {
  readonly writer: GitWriter;
  readonly settings: () => Pick<NotifySettings, 'notes' | 'refs' | 'refPrefix'>;
  readonly applications: () => readonly Application[];
  /** One form for all addresses of a repository. */
  readonly normalize: (url: string) => string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
};

/** What waits for the next push into a repository. */
type Batch = {
  readonly repository: WritableRepository;
  /** By notes ref and commit. */
  readonly records: Map<string, Map<string, SignedRecord[]>>;
  readonly environments: Set<string>;
  readonly waiters: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[];
};

/** ms that the first of a batch waits for the others. */
const gathering = 300;
/** ms without a further attempt after a repository refused. */
const refusedPause = 600_000;
const retryPause = 15_000;

/** A keeper that writes into Git what the settings ask for. */
export function createWriteback(parts: WritebackParts): Keeper {
  return new Writeback(parts);
}

class Writeback implements Keeper {
  readonly #parts: WritebackParts;
  readonly #batches = new Map<string, Batch>();
  readonly #running = new Set<string>();
  readonly #refusedUntil = new Map<string, number>();
  readonly #timers = new Map<string, () => void>();
  #stopped = false;

  constructor(parts: WritebackParts) {
    this.#parts = parts;
  }

  async keep(signed: SignedRecord, application: Application): Promise<void> {
    if (!this.#parts.settings().notes) return;
    const { record } = signed;
    const waits = record.revisions.map((commit, i) => {
      const repoURL = i === 0 ? record.repository : (application.sources[i]?.repoURL ?? '');
      if (repoURL === '' || !/^[0-9a-f]{40,64}$/.test(commit)) return undefined;
      const key = this.#keyOf(repoURL, application.project);
      if (this.#isRefused(key)) return undefined;
      const { records, waiters } = this.#batch(key, { repoURL, project: application.project });
      const ref = notesRef(record.environment);
      const byCommit = records.get(ref) ?? new Map<string, SignedRecord[]>();
      records.set(ref, byCommit.set(commit, [...(byCommit.get(commit) ?? []), signed]));
      return new Promise<void>((resolve, reject) => void waiters.push({ resolve, reject }));
    });
    await Promise.all(waits);
  }

  moved(application: Application): void {
    if (!this.#parts.settings().refs) return;
    const environment = application.report?.verdict?.record.environment;
    if (environment === undefined) return;
    for (const { repoURL, chart } of application.sources) {
      const key = this.#keyOf(repoURL, application.project);
      if (chart !== undefined || repoURL.startsWith('oci://') || this.#isRefused(key)) continue;
      this.#batch(key, { repoURL, project: application.project }).environments.add(environment);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
    for (const { waiters } of this.#batches.values()) for (const { resolve } of waiters) resolve();
    this.#batches.clear();
  }

  #keyOf(repoURL: string, project: string): string {
    return `${project}\n${this.#parts.normalize(repoURL)}`;
  }

  #isRefused(key: string): boolean {
    return this.#stopped || this.#parts.clock.now() < (this.#refusedUntil.get(key) ?? 0);
  }

  #batch(key: string, repository: WritableRepository): Batch {
    const known = this.#batches.get(key);
    if (known !== undefined) return known;
    const batch: Batch = { repository, records: new Map(), environments: new Set(), waiters: [] };
    this.#batches.set(key, batch);
    this.#schedule(key, gathering);
    return batch;
  }

  #schedule(key: string, ms: number): void {
    if (this.#stopped || this.#timers.has(key)) return;
    const cancel = this.#parts.clock.after(ms, () => {
      this.#timers.delete(key);
      void this.#flush(key);
    });
    this.#timers.set(key, cancel);
  }

  async #flush(key: string): Promise<void> {
    const batch = this.#batches.get(key);
    if (batch === undefined || this.#running.has(key)) return;
    this.#batches.delete(key);
    this.#running.add(key);
    try {
      await this.#write(batch);
      for (const { resolve } of batch.waiters) resolve();
    } catch (thrown) {
      this.#failed(key, batch, thrown);
    } finally {
      this.#running.delete(key);
      if (this.#batches.has(key)) this.#schedule(key, gathering);
    }
  }

  async #write({ repository, records, environments }: Batch): Promise<void> {
    const { writer, log, metrics } = this.#parts;
    const notes = [...records].map(
      ([ref, byCommit]): NotesChange => ({
        ref,
        texts: new Map(
          [...byCommit].map(([commit, signed]) => [commit, (before: string) => mergeLines(before, signed)] as const),
        ),
      }),
    );
    const branches = [...environments].flatMap((environment) => this.#moveOf(repository, environment));
    if (notes.length === 0 && branches.length === 0) return;
    const { attempts, moved } = await writer.write(repository, { notes, branches });
    metrics.count('plumbline_writebacks_total', { outcome: moved.length > 0 ? 'written' : 'unchanged' });
    if (moved.length > 0) log.info('written back', { repo: repository.repoURL, refs: moved, attempts });
  }

  #moveOf({ repoURL }: WritableRepository, environment: string) {
    const { applications, normalize, settings } = this.#parts;
    const repo = normalize(repoURL);
    const live = liveCommit(applications(), environment, (url) => normalize(url) === repo);
    if (live === undefined) return [];
    return [{ ref: branchRef(settings().refPrefix, environment), to: live.commit, back: live.back }];
  }

  #failed(key: string, batch: Batch, thrown: unknown): void {
    const { log, metrics, clock } = this.#parts;
    const { code, message, retry } = asEngineError(thrown);
    const about = batch.repository.repoURL;
    const refused = retry === 'never' || code === 'repo-denied' || code === 'repo-config';
    metrics.count('plumbline_writebacks_total', { outcome: refused ? 'refused' : 'failed' });
    if (refused) {
      // Everything else goes on: who must not write has said so, and is asked again much later.
      log.warn('nothing can be written back', { repo: about, code, error: message });
      this.#refusedUntil.set(key, clock.now() + refusedPause);
      const gathered = this.#batches.get(key)?.waiters ?? [];
      this.#batches.delete(key);
      for (const { resolve } of [...batch.waiters, ...gathered]) resolve();
      return;
    }
    for (const { reject } of batch.waiters) reject(thrown);
    if (batch.environments.size === 0 || this.#stopped) return;
    const again = this.#batches.get(key) ?? { ...batch, records: new Map(), waiters: [] };
    for (const environment of batch.environments) again.environments.add(environment);
    this.#batches.set(key, again);
    this.#schedule(key, retryPause);
  }
}
