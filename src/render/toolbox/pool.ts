/**
 * Keeps one toolbox process for all requests, and replaces it when it must be:
 *
 *            first job                answered "poisoned"
 *   (none) ───────────► current ──────────────────────────► draining ──drained, or grace over──► killed
 *                          │ dies                                             └─ its jobs run again
 *                          ▼
 *        one job under way: that one failed it · several: each runs once more, alone, in a process of its own
 */
import type { Job } from './job.ts';
import { type EndReason, type ProcessOptions, ToolboxProcess } from './process.ts';
import { ToolboxError, type ToolboxVersions } from './protocol.ts';

/** How the pool behaves. */
export type PoolOptions = Omit<ProcessOptions, 'binary'> & {
  /** Where the binary is; asked once, on first use. */
  readonly binary: string | (() => Promise<string>);
  /** The most requests that the process gets at a time. */
  readonly maxInFlight: number;
  /** The process is stopped after this time without a request. */
  readonly idleMs: number;
  /** How long other requests may go on in a process that must be replaced. */
  readonly graceMs: number;
};

/** Methods whose library works in global variables: one at a time in a process. */
const EXCLUSIVE = new Set(['kustomize']);

/** The processes and the queue before them. */
export class ToolboxPool {
  #options: PoolOptions;
  #binary: Promise<string> | undefined;
  #current: ToolboxProcess | undefined;
  #starting: Promise<ToolboxProcess> | undefined;
  /** Runs what was under way when a process died, one after the other. */
  #isolation: ToolboxProcess | undefined;
  #all = new Set<ToolboxProcess>();
  /** Processes in which something runs on that was given up. */
  #poisoned = new WeakSet<ToolboxProcess>();
  #queue: Job[] = [];
  #suspects: Job[] = [];
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Queues a job; its own promise tells the outcome. */
  submit(job: Job): void {
    if (this.#closed) {
      job.refuse('closed', 'the toolbox is closed');
      return;
    }
    this.#watchSignal(job);
    if (job.settled) return;
    clearTimeout(this.#idle);
    this.#queue.push(job);
    void this.#pump();
  }

  /** What the process says of itself; starts it if need be. */
  async versions(): Promise<ToolboxVersions> {
    const process = await this.#process();
    if (process.jobs.size === 0) this.#rest(process);
    return process.versions;
  }

  /** Stops everything; jobs that are not done reject. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    const jobs = [...this.#queue, ...this.#suspects, ...[...this.#all].flatMap((it) => [...it.jobs.values()])];
    this.#queue = [];
    this.#suspects = [];
    for (const job of jobs) job.refuse('closed', 'the toolbox was closed');
    for (const process of this.#all) process.stop('kill');
    await this.#starting?.catch(() => undefined);
  }

  #watchSignal(job: Job): void {
    const { signal } = job.sending;
    if (!signal) return;
    const cancel = () => {
      if (job.settled) return;
      job.refuse('cancelled', 'cancelled');
      for (const process of this.#all) process.cancel(job);
    };
    if (signal.aborted) {
      cancel();
      return;
    }
    signal.addEventListener('abort', cancel, { once: true });
    const forget = () => signal.removeEventListener('abort', cancel);
    job.done.then(forget, forget);
  }

  async #process(): Promise<ToolboxProcess> {
    if (this.#current) return this.#current;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #start(): Promise<ToolboxProcess> {
    this.#current = this.#spawn(await this.#path());
    return this.#current;
  }

  async #path(): Promise<string> {
    const { binary } = this.#options;
    this.#binary ??= typeof binary === 'string' ? Promise.resolve(binary) : binary();
    try {
      return await this.#binary;
    } catch (error) {
      this.#binary = undefined;
      throw error;
    }
  }

  #spawn(binary: string): ToolboxProcess {
    if (this.#closed) throw new ToolboxError('closed', 'the toolbox is closed');
    const process: ToolboxProcess = new ToolboxProcess(
      { ...this.#options, binary },
      {
        answered: (_, poisoned) => this.#answered(process, poisoned),
        gone: (jobs, reason, detail) => this.#gone(process, jobs, reason, detail),
      },
    );
    this.#all.add(process);
    return process;
  }

  async #pump(): Promise<void> {
    let process: ToolboxProcess;
    try {
      process = await this.#process();
    } catch (error) {
      const jobs = this.#queue.splice(0);
      for (const job of jobs) {
        job.fail(
          error instanceof ToolboxError
            ? error
            : new ToolboxError('spawn', `toolbox: ${String(error)}`, {}, { cause: error }),
        );
      }
      return;
    }
    if (process !== this.#current) return;
    for (let job = this.#next(process); job; job = this.#next(process)) process.send(job);
  }

  /** Takes the first job of the queue that the process may get now. */
  #next(process: ToolboxProcess): Job | undefined {
    this.#queue = this.#queue.filter((job) => !job.settled);
    if (process.jobs.size >= this.#options.maxInFlight) return undefined;
    const busy = new Set([...process.jobs.values()].map((job) => job.sending.method).filter((it) => EXCLUSIVE.has(it)));
    const index = this.#queue.findIndex((job) => !busy.has(job.sending.method));
    return index < 0 ? undefined : this.#queue.splice(index, 1)[0];
  }

  #answered(process: ToolboxProcess, poisoned: boolean): void {
    const isolated = process === this.#isolation;
    if (poisoned) this.#drain(process);
    else if (process === this.#current) {
      if (this.#queue.length === 0 && process.jobs.size === 0) this.#rest(process);
    } else if (!isolated && process.jobs.size === 0) process.stop('kill');
    if (isolated) void this.#isolate();
    if (this.#queue.length > 0) void this.#pump();
  }

  /** New requests go to a new process; this one ends when the others in it are done, or the grace is over. */
  #drain(process: ToolboxProcess): void {
    this.#poisoned.add(process);
    if (process === this.#current) this.#current = undefined;
    if (process === this.#isolation) this.#isolation = undefined;
    if (process.jobs.size === 0) process.stop('kill');
    else setTimeout(() => process.stop('kill'), this.#options.graceMs).unref();
  }

  #rest(process: ToolboxProcess): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (process !== this.#current || process.jobs.size > 0) return;
      this.#current = undefined;
      process.stop('close');
    }, this.#options.idleMs);
    this.#idle.unref();
  }

  #gone(process: ToolboxProcess, jobs: readonly Job[], reason: EndReason, detail: string): void {
    this.#all.delete(process);
    if (process === this.#current) this.#current = undefined;
    if (process === this.#isolation) this.#isolation = undefined;
    // What else was in the process may be to blame: a job that was given up, or one of several.
    const blamed = jobs.length === 1 && reason !== 'stopped' && !this.#poisoned.has(process);
    for (const job of jobs.filter((it) => !it.settled)) {
      if (reason === 'spawn') job.refuse('spawn', detail || 'the toolbox did not start');
      else if (reason === 'memory' && (blamed || job.suspect)) job.refuse('memory', 'took too much memory');
      else if (blamed || job.suspect) job.refuse('crashed', `the toolbox crashed: ${detail}`);
      else {
        job.suspect = true;
        this.#suspects.push(job);
      }
    }
    if (this.#closed) return;
    if (this.#suspects.length > 0) void this.#isolate();
    if (this.#queue.length > 0) void this.#pump();
  }

  /** Runs the next suspect in a process of its own. */
  async #isolate(): Promise<void> {
    let binary: string;
    try {
      binary = await this.#path();
    } catch (error) {
      for (const job of this.#suspects.splice(0)) job.fail(error);
      return;
    }
    if (this.#closed || (this.#isolation && this.#isolation.jobs.size > 0)) return;
    this.#suspects = this.#suspects.filter((job) => !job.settled);
    const job = this.#suspects.shift();
    if (job) {
      this.#isolation ??= this.#spawn(binary);
      this.#isolation.send(job);
    } else {
      this.#isolation?.stop('close');
      this.#isolation = undefined;
    }
  }
}
