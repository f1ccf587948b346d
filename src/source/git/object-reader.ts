import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { EngineError } from '../../model/index.ts';
import type { Clock } from '../../ports/index.ts';
import { DamagedMirror } from './damaged-mirror.ts';

/** One object as git stores it. */
export type GitObject = { readonly id: string; readonly type: string; readonly bytes: Buffer };

/** `missing`: the mirror does not have it; `large`: it is larger than the limit and was not kept. */
export type ReadResult = GitObject | 'missing' | 'ambiguous' | { readonly large: number };

type Waiting = {
  readonly name: string;
  readonly limit: number;
  readonly resolve: (result: ReadResult) => void;
  readonly reject: (error: Error) => void;
};

/** An object whose bytes are coming; `into` is undefined when they are thrown away. */
type Body = {
  readonly id: string;
  readonly type: string;
  readonly size: number;
  readonly into: Buffer | undefined;
  filled: number;
};

/**
 * One `git cat-file --batch` process for a mirror: requests are pipelined, answers come in order. It starts with the
 * first read and ends when nothing was read for a while; it sees what later fetches bring.
 *
 *   header ──(size known)──► body ──(size + newline read)──► header
 */
export class ObjectReader {
  readonly #start: (commands: boolean) => ChildProcess;
  readonly #clock: Clock;
  readonly #idle: number;
  #child: ChildProcess | undefined;
  #waiting: Waiting[] = [];
  #next = 0;
  #header: Buffer = Buffer.alloc(0);
  #body: Body | undefined;
  #outbox: string[] = [];
  /** Git since 2.36 writes the answers of one turn together, which saves most of the cost of reading them. */
  #commands = true;
  #answered = false;
  #cancelIdle: (() => void) | undefined;
  #lastUse = 0;

  constructor(options: {
    readonly dir: string;
    readonly env: Readonly<Record<string, string>>;
    readonly clock: Clock;
    /** ms without a read after which the process ends. */
    readonly idle: number;
  }) {
    this.#clock = options.clock;
    this.#idle = options.idle;
    this.#start = (commands) => {
      const mode = commands ? ['--batch-command', '--buffer'] : ['--batch'];
      const args = ['--git-dir', options.dir, 'cat-file', ...mode];
      return spawn('git', args, { env: options.env, stdio: ['pipe', 'pipe', 'ignore'] });
    };
  }

  /** True while a process runs. */
  get running(): boolean {
    return this.#child !== undefined;
  }

  /** True while reads wait for their answers. */
  get busy(): boolean {
    return this.#next < this.#waiting.length;
  }

  /** ms since the epoch of the last read. */
  get lastUse(): number {
    return this.#lastUse;
  }

  /** Reads `<hex>` or `<hex>^{commit}`; content over `limit` bytes is thrown away as it comes. */
  read(name: string, limit: number): Promise<ReadResult> {
    if (!/^[0-9a-f]{4,64}(?:\^\{(?:commit|tree)\})?$/.test(name)) {
      return Promise.reject(new EngineError('internal', `git object: not a name: ${name.slice(0, 80)}`));
    }
    return new Promise((resolve, reject) => {
      const child = this.#running();
      this.#waiting.push({ name, limit, resolve, reject });
      if (this.#waiting.length - this.#next === 1) keepAlive(child, true);
      // All requests of one turn of the loop go out in one write.
      if (this.#outbox.length === 0) queueMicrotask(() => this.#flush());
      this.#outbox.push(name);
    });
  }

  /** Starts the process unless it runs. */
  warm(): void {
    if (this.#child === undefined) keepAlive(this.#running(), false);
  }

  /** Ends the process; reads that wait are refused. */
  stop(): void {
    const child = this.#child;
    this.#ended(child, 'stopped');
    child?.kill('SIGKILL');
  }

  #flush(): void {
    const lines = this.#outbox;
    this.#outbox = [];
    const stdin = this.#child?.stdin;
    if (lines.length === 0 || stdin?.writable !== true) return;
    const text = this.#commands ? `${lines.map((line) => `contents ${line}`).join('\n')}\nflush` : lines.join('\n');
    stdin.write(`${text}\n`);
  }

  #running(): ChildProcess {
    this.#lastUse = this.#clock.now();
    if (this.#child !== undefined) return this.#child;
    const child = this.#start(this.#commands);
    this.#answered = false;
    this.#child = child;
    this.#header = Buffer.alloc(0);
    this.#body = undefined;
    child.stdout?.on('data', (chunk: Buffer) => this.#take(child, chunk));
    child.on('error', (error) => this.#ended(child, error.message));
    child.on('close', (code) =>
      this.#isTooOld(child, code) ? this.#startAgain() : this.#ended(child, 'ended unexpectedly'),
    );
    (child.stdin as Writable | null)?.on('error', () => {});
    this.#watchIdle();
    return child;
  }

  /** An older git refuses the option before it answers anything. */
  #isTooOld(child: ChildProcess, code: number | null): boolean {
    return this.#child === child && this.#commands && !this.#answered && code === 129;
  }

  #startAgain(): void {
    this.#commands = false;
    this.#child = undefined;
    const asked = this.#waiting.slice(this.#next).map((waiting) => waiting.name);
    this.#running();
    this.#outbox = asked;
    this.#flush();
  }

  #watchIdle(): void {
    this.#cancelIdle?.();
    this.#cancelIdle = this.#clock.after(this.#idle, () => {
      if (this.busy || this.#clock.now() - this.#lastUse < this.#idle) this.#watchIdle();
      else this.stop();
    });
  }

  #ended(child: ChildProcess | undefined, why: string): void {
    if (child === undefined || this.#child !== child) return;
    this.#child = undefined;
    this.#cancelIdle?.();
    this.#outbox = [];
    const refused = this.#waiting.slice(this.#next);
    this.#waiting = [];
    this.#next = 0;
    const error =
      why === 'ended unexpectedly'
        ? new DamagedMirror(`git cat-file: ${why}`)
        : new EngineError('internal', `git cat-file: ${why}`, { retry: 'backoff' });
    for (const waiting of refused) waiting.reject(error);
  }

  #take(child: ChildProcess, chunk: Buffer): void {
    if (this.#child !== child) return;
    let at = 0;
    while (at < chunk.length) {
      at = this.#body === undefined ? this.#takeHeader(chunk, at) : this.#takeBody(this.#body, chunk, at);
    }
  }

  #takeHeader(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(10, at);
    const part = chunk.subarray(at, end < 0 ? chunk.length : end);
    if (end < 0) {
      this.#header = Buffer.concat([this.#header, part]);
      return chunk.length;
    }
    const line =
      this.#header.length === 0 ? part.toString('latin1') : Buffer.concat([this.#header, part]).toString('latin1');
    this.#header = Buffer.alloc(0);
    this.#startBody(line);
    return end + 1;
  }

  #startBody(line: string): void {
    const [id = '', type = '', length] = line.split(' ');
    const size = Number(length);
    if (length === undefined || !Number.isSafeInteger(size)) {
      this.#answer(type === 'ambiguous' ? 'ambiguous' : 'missing');
      return;
    }
    const limit = this.#waiting[this.#next]?.limit ?? 0;
    // Not from Buffer's pool: a small object that is kept must not keep a whole slab.
    this.#body = { id, type, size, into: size > limit ? undefined : Buffer.allocUnsafeSlow(size), filled: 0 };
  }

  #takeBody(body: Body, chunk: Buffer, at: number): number {
    const wanted = body.size - body.filled;
    const taken = Math.min(wanted, chunk.length - at);
    if (taken > 0 && body.into !== undefined) chunk.copy(body.into, body.filled, at, at + taken);
    body.filled += taken;
    if (taken < wanted || at + taken >= chunk.length) return chunk.length;
    this.#body = undefined;
    this.#answer(body.into === undefined ? { large: body.size } : { id: body.id, type: body.type, bytes: body.into });
    return at + taken + 1;
  }

  #answer(result: ReadResult): void {
    this.#answered = true;
    const waiting = this.#waiting[this.#next++];
    if (this.#next >= this.#waiting.length) {
      this.#waiting = [];
      this.#next = 0;
      if (this.#child !== undefined) keepAlive(this.#child, false);
    }
    waiting?.resolve(result);
  }
}

/** A process without open reads must not keep ours from ending. */
function keepAlive(child: ChildProcess, on: boolean): void {
  const parts = [child, child.stdin as unknown as Socket | null, child.stdout as unknown as Socket | null];
  for (const part of parts) on ? part?.ref?.() : part?.unref?.();
}
