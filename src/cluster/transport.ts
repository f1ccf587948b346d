// What the cluster room needs of HTTP: one request with its whole answer, and one answer that arrives line by line.
// The real one (http-transport.ts) speaks to a kube-apiserver; the simulation puts an apiserver in memory behind it.

/** Header fields by lower-case name; a list is sent as several lines. */
export type Headers = Readonly<Record<string, string | string[]>>;

/** A request as sent. The path carries its query. */
export type Outgoing = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Headers;
  readonly body?: string;
  /** Longest wait for the answer, ms. */
  readonly timeout: number;
};

/** A whole answer. `retryAfter` is in ms, 0 when the server names none. */
export type Answer = {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: number;
  readonly etag: string;
};

/** Takes the lines of a streamed answer; `end` is called once, with the error or the refusal where there is one. */
export type LineSink = {
  open(): void;
  line(text: string): void;
  end(failure: Error | Answer | undefined): void;
};

/** The way to one apiserver. */
export type Transport = {
  /** Rejects with a `TransportError` when no whole answer came. */
  send(outgoing: Outgoing): Promise<Answer>;
  /** Starts a GET whose answer has no end; `quiet` is the longest silence, ms. Calling the result stops it without `end`. */
  stream(path: string, headers: Headers, quiet: number, sink: LineSink): () => void;
  close(): Promise<void>;
};

/** No (whole) answer came. `sent` says whether the server may have seen the request. */
export class TransportError extends Error {
  readonly sent: boolean;
  constructor(message: string, sent: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'TransportError';
    this.sent = sent;
  }
}
