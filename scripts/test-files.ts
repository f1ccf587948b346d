// Runs files of node:test, each in a process of its own unless it says otherwise, and turns the stream of events into an
// outcome.
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import type { Outcome } from './stage.ts';

/** Which files, how many at once, and how long one file may take (milliseconds). */
export type Selection = {
  readonly root: string;
  readonly patterns: readonly string[];
  /** Of those, files that touch nothing but what they are given: one process runs them all. */
  readonly together?: readonly string[];
  readonly concurrency: number;
  readonly timeout: number;
  /** A file that fails beside others is looked at once more, alone: a busy machine is told from a broken promise. */
  readonly again?: boolean;
};

type Event = {
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details: {
    readonly type?: string;
    readonly error?: { readonly failureType?: string; readonly cause?: unknown };
  };
};

type Run = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
  readonly broken: ReadonlySet<string>;
};

/** Runs the files that match; a test within tests counts once, a suite not at all. */
export async function runTestFiles(selection: Selection, tell: (text: string) => void): Promise<Outcome> {
  const { root, patterns, together = [] } = selection;
  const files = globSync([...patterns], { cwd: root }).sort();
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0, failures: [], note: 'no tests yet' };
  const shared = new Set(globSync([...together], { cwd: root }));
  const paths = files.filter((file) => !shared.has(file)).map((file) => `${root}/${file}`);
  const first = await runFiles(selection, paths, tell, [...shared].sort());
  const note = `${files.length} files`;
  if (selection.again !== true || first.broken.size === 0) return { ...first, note };
  const second = await runFiles({ ...selection, concurrency: 1 }, [...first.broken], tell);
  const mended = [...first.broken].filter((file) => !second.broken.has(file)).map((file) => relative(root, file));
  return {
    passed: first.passed + Math.max(0, first.failed - second.failed),
    failed: second.failed,
    skipped: first.skipped,
    failures: second.failures,
    note: mended.length === 0 ? note : `${note}; failed beside others and passed alone: ${mended.join(' ')}`,
  };
}

const oneProcess = join(import.meta.dirname, 'together.ts');

async function runFiles(
  { root, concurrency, timeout }: Selection,
  files: readonly string[],
  tell: (text: string) => void,
  shared: readonly string[] = [],
): Promise<Run> {
  const count = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  const broken = new Set<string>();
  const said = new Map<string, string[]>();
  const all = shared.length === 0 ? [...files] : [oneProcess, ...files];
  const stream = run({ files: all, argv: [...shared], concurrency, timeout, cwd: root });
  const show = () => tell(`${count.passed + count.failed} tests${count.failed > 0 ? `, ${count.failed} failed` : ''}`);
  stream.on('test:stderr', ({ file, message }) => {
    const lines = said.get(file) ?? [];
    lines.push(message);
    said.set(file, lines.slice(-200));
  });
  stream.on('test:pass', (event: Event) => {
    if (event.skip !== undefined || event.todo !== undefined) count.skipped++;
    else if (event.details.type !== 'suite') count.passed++;
    show();
  });
  stream.on('test:fail', (event: Event) => {
    if (event.todo !== undefined) count.skipped++;
    else if (event.details.error?.failureType !== 'subtestsFailed') {
      count.failed++;
      failures.push(describe(event, root, said));
      if (event.file !== undefined) broken.add(event.file);
    }
    show();
  });
  for await (const _ of stream) {
    // the listeners above do the work; this waits for the end
  }
  return { ...count, failures, broken };
}

function describe(
  { name, file = '', line, details }: Event,
  root: string,
  said: ReadonlyMap<string, string[]>,
): string {
  const place = relative(root, file);
  const cause = details.error?.cause ?? details.error;
  const isFile = name === file || name === place;
  const text = isFile ? (said.get(file) ?? []).join('').trim() || errorText(cause) : errorText(cause);
  return `${place}${isFile ? '' : `:${line}: ${name}`}\n${indent(shorten(text))}`;
}

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : JSON.stringify(error);
  const stack = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && !line.includes('node:'));
  return [error.message, ...stack.slice(0, 6)].join('\n');
}

/** The beginning and the end of a long text. */
export function shorten(text: string): string {
  const lines = text.split('\n');
  return lines.length <= 60
    ? text
    : [...lines.slice(0, 40), `… ${lines.length - 60} lines …`, ...lines.slice(-20)].join('\n');
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}
