/** Structured log: a constant message and fields. Implementations redact secrets. */
export type Log = {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
};

/** Counters, gauges and histograms by name; label names are fixed by the first use of a name. */
export type Metrics = {
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void;
  observe(name: string, seconds: number, labels?: Readonly<Record<string, string>>): void;
  /** A gauge whose values are read when somebody looks; absent where nobody does. */
  gauge?(
    name: string,
    labels: readonly string[],
    read: () => Iterable<readonly [Readonly<Record<string, string>>, number]>,
  ): void;
};
