/** One toolbox process: sends it jobs, answers its questions about files, and notices when it dies or must be replaced. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { type Ask, answerAsk, encodePreload, refuseAsk } from './file-answers.ts';
import { cutPayload, encodeFrame, type Frame, FrameReader, sizesOf } from './frames.ts';
import type { Job } from './job.ts';
import {
  PROTOCOL_VERSION,
  ToolboxError,
  type ToolboxErrorDetails,
  type ToolboxVersions,
  type Trace,
} from './protocol.ts';

/** What the pool wants to know of a process. */
export type ProcessEvents = {
  /** A job was answered; `poisoned` when a part of it still runs and the process must be replaced. */
  answered(job: Job, poisoned: boolean): void;
  /** The process is gone, with these jobs under way. */
  gone(jobs: readonly Job[], reason: EndReason, detail: string): void;
};

/** Why a process ended: for too much memory, by itself, before it said hello, or because it was stopped from here. */
export type EndReason = 'memory' | 'crashed' | 'spawn' | 'stopped';

/** How the process is started. */
export type ProcessOptions = {
  readonly binary: string;
  /** The heap above which the process ends itself. */
  readonly hardBytes: number;
  /** The heap above which it collects garbage harder (GOMEMLIMIT). */
  readonly softBytes: number;
  /** GOGC: the growth in percent between two collections. */
  readonly gcPercent: number;
};

type WireError = ToolboxErrorDetails & { readonly code: ToolboxError['code'] | 'source'; readonly message: string };

const NO_TRACE: Trace = { read: [], listed: [], statted: [], missed: [] };
const OVERDUE_MS = 5_000;
/** What Go says when the kernel gives no more memory; the collector itself does not check, and falls over a null pointer. */
const OUT_OF_MEMORY = /out of memory|cannot allocate memory|SIGSEGV/;
const STDERR_KEPT = 4_000;

/** A running toolbox. */
export class ToolboxProcess {
  readonly versions: Promise<ToolboxVersions>;
  readonly jobs = new Map<number, Job>();
  #child: ChildProcess;
  #reader = new FrameReader();
  #events: ProcessEvents;
  #overdue = new Map<number, NodeJS.Timeout>();
  #stderr = '';
  #dying: EndReason = 'spawn';
  #gone = false;
  #greet: (versions: ToolboxVersions) => void = () => {};
  #neverCame: (reason: ToolboxError) => void = () => {};

  constructor(options: ProcessOptions, events: ProcessEvents) {
    this.#events = events;
    this.versions = new Promise((resolve, reject) => {
      this.#greet = resolve;
      this.#neverCame = reject;
    });
    this.versions.catch(() => {});
    this.#child = spawn(options.binary, [], {
      cwd: '/',
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        GOGC: String(options.gcPercent),
        GOMEMLIMIT: String(options.softBytes),
        TOOLBOX_HARD_BYTES: String(options.hardBytes),
      },
    });
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('close', () => this.#end(''));
    this.#child.stdin?.on('error', () => {});
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      if (this.#stderr.length < STDERR_KEPT) this.#stderr += chunk.toString('utf8');
    });
    this.#hold(true);
  }

  /** Sends a job; its answer comes through the events. */
  send(job: Job): void {
    const { method, params, blobs = [], preload, limits } = job.sending;
    const texts = blobs.map((blob) => (typeof blob === 'string' ? Buffer.from(blob) : blob));
    const { files, contents, lists } = encodePreload(preload);
    const payload = [...texts, ...contents];
    this.jobs.set(job.id, job);
    this.#hold(true);
    const late = setTimeout(() => this.#hang(job), limits.timeMs + OVERDUE_MS);
    this.#overdue.set(job.id, late);
    this.#write(
      encodeFrame(
        { type: 'request', id: job.id, method, params, limits, sizes: sizesOf(payload), files, lists },
        payload,
      ),
    );
  }

  /** Tells the process that nobody waits for a job any more; it stays under way until the process says so. */
  cancel(job: Job): void {
    if (this.jobs.has(job.id)) this.#write(encodeFrame({ type: 'cancel', id: job.id }));
  }

  /** Ends the process: at once, or by closing its input. */
  stop(how: 'kill' | 'close'): void {
    if (this.#dying === 'crashed') this.#dying = 'stopped';
    if (how === 'kill') this.#child.kill('SIGKILL');
    else this.#child.stdin?.end();
  }

  #write(parts: readonly Uint8Array[]): void {
    for (const part of parts) this.#child.stdin?.write(part);
  }

  /** Node may exit while the process is idle, and only then: not before its hello, nor with a job under way. */
  #hold(busy: boolean): void {
    const handles = [this.#child.stdin, this.#child.stdout, this.#child.stderr].filter((it) => it instanceof Socket);
    for (const handle of [this.#child, ...handles]) {
      if (busy) handle.ref();
      else handle.unref();
    }
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#handle(frame);
    } catch (error) {
      this.#stderr += `unreadable answer: ${String(error)}`;
      this.stop('kill');
    }
  }

  #handle(frame: Frame): void {
    const { header } = frame;
    if (header.type === 'hello') this.#hello(header);
    else if (header.type === 'ask') void this.#answer(header as unknown as Ask);
    else if (header.type === 'answer') this.#finish(frame);
    else if (header.type === 'dying') this.#dying = 'memory';
  }

  #hello(header: Frame['header']): void {
    if (header.protocol !== PROTOCOL_VERSION) {
      this.#stderr += `toolbox speaks protocol ${String(header.protocol)}, not ${PROTOCOL_VERSION}`;
      this.stop('kill');
      return;
    }
    this.#dying = 'crashed';
    if (this.jobs.size === 0) this.#hold(false);
    this.#greet(header.versions as ToolboxVersions);
  }

  async #answer(ask: Ask): Promise<void> {
    const job = this.jobs.get(ask.id);
    if (!job) return;
    const none = { read: async () => undefined, list: async () => undefined };
    try {
      this.#write(await answerAsk(job.sending.fs ?? none, ask));
    } catch (error) {
      job.sourceFailure ??= error;
      this.#write(refuseAsk(ask));
    }
  }

  #finish({ header, payload }: Frame): void {
    const job = this.#release(Number(header.id));
    if (!job) return;
    const error = header.error as WireError | undefined;
    if (!error) {
      job.succeed({
        result: (header.result ?? {}) as Record<string, unknown>,
        blobs: cutPayload(payload, (header.sizes ?? []) as number[]),
        trace: (header.trace ?? NO_TRACE) as Trace,
      });
    } else if (error.code === 'source') {
      job.fail(job.sourceFailure);
    } else {
      const { code, message, ...details } = error;
      job.fail(new ToolboxError(code, message, details, undefined, (header.trace ?? NO_TRACE) as Trace));
    }
    this.#events.answered(job, header.poisoned === true);
  }

  #release(id: number): Job | undefined {
    const job = this.jobs.get(id);
    clearTimeout(this.#overdue.get(id));
    this.#overdue.delete(id);
    this.jobs.delete(id);
    if (this.jobs.size === 0) this.#hold(false);
    return job;
  }

  /** The process did not even say that the time is up: it hangs as a whole. */
  #hang(job: Job): void {
    this.#release(job.id);
    job.refuse('timeout', `the process did not answer within ${job.sending.limits.timeMs + OVERDUE_MS} ms`);
    this.stop('kill');
  }

  #end(detail: string): void {
    if (this.#gone) return;
    this.#gone = true;
    const jobs = [...this.jobs.values()];
    for (const job of jobs) this.#release(job.id);
    const said = firstLine(detail || this.#stderr);
    this.#neverCame(new ToolboxError('spawn', `toolbox: ${said || 'ended before it said hello'}`));
    const reason = OUT_OF_MEMORY.test(said) ? 'memory' : this.#dying;
    this.#events.gone(jobs, reason, said);
  }
}

function firstLine(text: string): string {
  const line = text.split('\n').find((it) => it.trim() !== '') ?? '';
  return line.trim().slice(0, 500);
}
