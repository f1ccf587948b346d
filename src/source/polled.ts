import { asEngineError, type EngineError } from '../model/index.ts';
import type { Clock, Random } from '../ports/index.ts';

/** What is known of something that is asked for again and again. */
export type Known<T> = {
  readonly value: T;
  /** Set while it does not answer: since when (ms since the epoch), and why. */
  readonly failing?: { readonly since: number; readonly error: EngineError };
};

/** State that outlives the process. */
export type Restored<T> = { readonly value: T; readonly at: number; readonly failing?: Known<T>['failing'] };

export type PolledOptions<T> = {
  readonly clock: Clock;
  readonly random: Random;
  /** ms between two polls, and the most that is added at random; 0 asks only when told to. */
  readonly interval: () => { readonly every: number; readonly jitter: number };
  readonly ask: () => Promise<T>;
  /** Told after every answer, failure and amendment; `before` is undefined the first time. */
  readonly settled: (before: T | undefined, known: Known<T> | undefined, at: number) => void;
  readonly restored?: Restored<T>;
};

const firstPause = 2_000;

/**
 * One thing that is polled for everybody: callers share one question, the last good answer outlives failures, and
 * failures are followed by growing pauses. While it is watched, it asks by itself.
 *
 *   unknown ──answer──► fresh ──interval──► asking ──answer──► fresh
 *      └──failure──► failing (pause 2 s, 4 s, … interval) ──answer──► fresh
 */
export class Polled<T> {
  readonly #options: PolledOptions<T>;
  #value: T | undefined;
  #at = Number.NEGATIVE_INFINITY;
  #failing: { since: number; error: EngineError } | undefined;
  #failures = 0;
  #retryAt = 0;
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;
  #amended = false;
  /** Questions that were begun, and the last of them that was answered. */
  #started = 0;
  #answered = 0;
  #justStarted = false;
  #watched = false;
  #cancel: (() => void) | undefined;

  constructor(options: PolledOptions<T>) {
    this.#options = options;
    if (options.restored === undefined) return;
    this.#value = options.restored.value;
    this.#at = options.restored.at;
    this.#failing = options.restored.failing;
  }

  /** What is known without asking. */
  get known(): Known<T> | undefined {
    if (this.#value === undefined) return undefined;
    return { value: this.#value, ...(this.#failing === undefined ? {} : { failing: this.#failing }) };
  }

  /** ms since the epoch of the last answer. */
  get answeredAt(): number {
    return this.#at;
  }

  /** From memory while that is fresh, else asks; throws only when nothing was ever known. */
  async get(fresh: boolean): Promise<Known<T>> {
    if (fresh) await this.ask();
    else if (this.#isDue()) await (this.#running ?? this.#start());
    const known = this.known;
    if (known !== undefined) return known;
    throw this.#failing?.error ?? asEngineError('no answer');
  }

  /** Asks with a question that starts after this call; callers meanwhile share it. Never rejects. */
  ask(): Promise<void> {
    if (this.#running === undefined || this.#justStarted) return this.#running ?? this.#start();
    this.#queued ??= this.#running.then(() => {
      this.#queued = undefined;
      return this.#start();
    });
    return this.#queued;
  }

  /** To be taken before something is learnt otherwise, for `amend`. */
  get moment(): number {
    return this.#started;
  }

  /** Replaces what is known by what was learnt otherwise since `moment`, unless a later question has been answered. */
  amend(moment: number, change: (value: T) => T): void {
    if (this.#value === undefined || this.#answered > moment) return;
    const before = this.#value;
    this.#value = change(before);
    // The answer that is on its way may be older than this.
    this.#amended = this.#running !== undefined;
    this.#recovered();
    this.#options.settled(before, this.known, this.#at);
  }

  /** Lets a failure be forgotten, so that the next `get` asks at once (the credentials have changed). */
  retryNow(): void {
    this.#retryAt = 0;
  }

  /** Polls by itself from now on, or no longer. */
  watch(on: boolean): void {
    if (this.#watched === on) return;
    this.#watched = on;
    if (on) this.#schedule();
    else this.#cancel?.();
  }

  #isDue(): boolean {
    const now = this.#options.clock.now();
    if (this.#failing !== undefined && now < this.#retryAt) return false;
    if (this.#value === undefined) return true;
    if (this.#failing !== undefined) return !this.#watched;
    const { every, jitter } = this.#options.interval();
    return every > 0 && now - this.#at > every + jitter;
  }

  #start(): Promise<void> {
    this.#amended = false;
    // Who calls in the same turn of the loop calls at the same moment.
    this.#justStarted = true;
    queueMicrotask(() => {
      this.#justStarted = false;
    });
    this.#running = this.#askOnce().finally(() => {
      this.#running = undefined;
      if (this.#amended) void this.ask();
      this.#schedule();
    });
    return this.#running;
  }

  async #askOnce(): Promise<void> {
    const before = this.#value;
    const number = ++this.#started;
    try {
      const value = await this.#options.ask();
      if (this.#amended) return;
      this.#value = value;
      this.#answered = number;
      this.#at = this.#options.clock.now();
      this.#recovered();
    } catch (thrown) {
      const now = this.#options.clock.now();
      this.#failing = { since: this.#failing?.since ?? now, error: asEngineError(thrown) };
      this.#retryAt = now + this.#pause();
      this.#failures++;
    }
    this.#options.settled(before, this.known, this.#at);
  }

  #recovered(): void {
    this.#failing = undefined;
    this.#failures = 0;
    this.#retryAt = 0;
  }

  #pause(): number {
    const { every } = this.#options.interval();
    const longest = every > 0 ? every : 120_000;
    const pause = Math.min(longest, firstPause * 2 ** Math.min(this.#failures, 16));
    return pause * (0.8 + 0.4 * this.#options.random.next());
  }

  #schedule(): void {
    this.#cancel?.();
    if (!this.#watched) return;
    const { every, jitter } = this.#options.interval();
    const now = this.#options.clock.now();
    const spread = this.#options.random.next() * jitter;
    const wait = this.#failing !== undefined ? Math.max(0, this.#retryAt - now) : this.#untilDue(every + spread, now);
    if (every <= 0 && this.#failing === undefined) return;
    this.#cancel = this.#options.clock.after(wait, () => {
      if (this.#watched && this.#running === undefined) void this.#start();
    });
  }

  #untilDue(interval: number, now: number): number {
    // Never known: whoever needs it asks; the timer is the safety net.
    if (this.#value === undefined) return interval;
    return Math.max(0, Math.min(interval, this.#at + interval - now));
  }
}
