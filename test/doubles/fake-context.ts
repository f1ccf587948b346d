// A terminal, a clock and an Operator for tests of the command line.

import type { CliContext } from '../../src/cli/index.ts';
import type {
  ApplicationDetail,
  ApplicationEvent,
  ApplicationFilter,
  Operator,
  Workbench,
} from '../../src/contract/index.ts';
import { EngineError } from '../../src/model/index.ts';
import { sampleDetails, sampleNow } from './sample-applications.ts';

/** What a command wrote and asked, beside the context it ran in. */
export type FakeContext = {
  readonly context: CliContext;
  out(): string;
  err(): string;
  /** Names of Operator and Workbench methods that were called, with their arguments as JSON. */
  readonly calls: string[];
  /** Files that were written, by path. */
  readonly written: ReadonlyMap<string, string>;
  /** Tells watchers of a new state. */
  tell(event: ApplicationEvent): void;
  /** Moves the clock, running what is due. */
  advance(ms: number): void;
  stop(): void;
};

export type FakeOptions = {
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly answers?: Partial<Operator>;
  readonly workbench?: Partial<Workbench>;
  readonly details?: readonly ApplicationDetail[];
  readonly files?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Answers to questions, one after the other. */
  readonly lines?: readonly string[];
  readonly actions?: Partial<CliContext['actions']>;
};

/** A context without a world. Operator methods that are not given answer from the samples, or refuse. */
export function fakeContext(options: FakeOptions = {}): FakeContext {
  let out = '';
  let err = '';
  let now = sampleNow;
  const calls: string[] = [];
  const written = new Map<string, string>();
  const lines = [...(options.lines ?? [])];
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  const listeners = new Set<(event: ApplicationEvent) => void>();
  const abort = new AbortController();
  const details = options.details ?? sampleDetails;
  const matching = (filter: ApplicationFilter) =>
    details.filter(
      ({ view }) =>
        (filter.keys?.includes(view.key) ?? true) && (filter.namespace ?? view.namespace) === view.namespace,
    );
  const answers: Partial<Operator> = {
    listApplications: (filter) => Promise.resolve(matching(filter).map((one) => one.view)),
    getApplication: async (key) => {
      const found = details.find((one) => one.view.key === key);
      if (found === undefined) throw new EngineError('not-found', `no such application: ${key}`);
      return found;
    },
    resources: async (key) => details.find((one) => one.view.key === key)?.objects ?? [],
    watch: (filter, listener) => {
      for (const detail of matching(filter)) listener({ kind: 'put', detail });
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {},
    ...options.answers,
  };
  const bench: Partial<Workbench> = { close: async () => {}, ...options.workbench };
  const context: CliContext = {
    terminal: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      outIsTerminal: options.terminal ?? false,
      errIsTerminal: false,
      columns: () => options.columns ?? 120,
      input: () => Promise.resolve(options.input ?? ''),
      line: () => Promise.resolve(options.lines === undefined ? (options.input ?? '') : (lines.shift() ?? '')),
    },
    env: options.env ?? { NO_COLOR: '1', LANG: 'C.UTF-8', USER: 'ada' },
    directory: '/home/ada/deploy',
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    signal: abort.signal,
    version: { version: '0.1.0', runtime: 'node v24' },
    operator: () => Promise.resolve(recording(answers, 'operator', calls)),
    workbench: () => Promise.resolve(recording(bench, 'workbench', calls)),
    readFile: async (path) => {
      const text = options.files?.[path];
      if (text === undefined) throw new EngineError('not-found', `no such file: ${path}`);
      return text;
    },
    writeNewFile: async (path, text) => {
      if (path in (options.files ?? {}) || written.has(path)) return false;
      written.set(path, text);
      return true;
    },
    actions: options.actions as CliContext['actions'],
  };
  return {
    context,
    out: () => out,
    err: () => err,
    calls,
    written,
    tell: (event) => {
      for (const listener of [...listeners]) listener(event);
    },
    advance: (ms) => {
      now += ms;
      for (const timer of [...timers].filter((one) => one.at <= now)) {
        timers.delete(timer);
        timer.run();
      }
    },
    stop: () => abort.abort(),
  };
}

/** Notes every call; a method that has no answer is a mistake of the test. */
function recording<T extends object>(target: Partial<T>, name: string, calls: string[]): T {
  return new Proxy(target, {
    get: (_, method) => {
      if (typeof method !== 'string' || method === 'then') return undefined;
      const answer = (target as Record<string, unknown>)[method];
      return (...args: unknown[]) => {
        if (method !== 'close')
          calls.push(
            `${method} ${args.map((arg) => (typeof arg === 'function' ? 'fn' : JSON.stringify(arg))).join(' ')}`,
          );
        if (typeof answer !== 'function') throw new Error(`the test gives no answer: ${name}.${method}`);
        return answer(...args);
      };
    },
  }) as T;
}
