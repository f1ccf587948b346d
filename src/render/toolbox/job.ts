/** One request on its way through the pool: what to send, and the promise that waits for the answer. */
import { type FileSource, type Limits, type Preload, ToolboxError, type Trace } from './protocol.ts';

/** What a method sends. Blobs are raw texts beside the JSON parameters. */
export type Sending = {
  readonly method: string;
  readonly params: object;
  readonly blobs?: readonly (Uint8Array | string)[];
  readonly fs?: FileSource | undefined;
  readonly preload?: Preload | undefined;
  readonly limits: Required<Limits>;
  readonly signal?: AbortSignal | undefined;
};

/** What comes back: the small result, the raw texts beside it, and what was looked at. */
export type Received = {
  readonly result: Readonly<Record<string, unknown>>;
  readonly blobs: readonly (Uint8Array | undefined)[];
  readonly trace: Trace;
};

/** A request and its promise. It settles once; whatever comes later is ignored. */
export class Job {
  readonly id: number;
  readonly sending: Sending;
  readonly done: Promise<Received>;
  /** Whether it was under way in a process that died, and so runs alone the next time. */
  suspect = false;
  settled = false;
  /** What the tree threw, which explains the request's failure. */
  sourceFailure: unknown;
  #resolve: (value: Received) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  constructor(id: number, sending: Sending) {
    this.id = id;
    this.sending = sending;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  succeed(received: Received): void {
    this.settled = true;
    this.#resolve(received);
  }

  fail(reason: unknown): void {
    this.settled = true;
    this.#reject(reason);
  }

  /** Fails with the code; `why` follows the method's name. */
  refuse(code: ToolboxError['code'], why: string): void {
    this.fail(new ToolboxError(code, `${this.sending.method}: ${why}`));
  }
}
