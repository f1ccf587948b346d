// The engine as users run it: `plumb run` in a process of its own, that tests start, kill, and read the log of.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from './wait-for.ts';

/** The entry point of the product. */
export const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** The environment of a process of it: what was compiled once is compiled for all, and the signs are everywhere the same. */
export const environment: NodeJS.ProcessEnv = {
  NODE_COMPILE_CACHE: join(tmpdir(), 'plumbline-compile'),
  ...process.env,
  TERM: 'xterm',
  LC_ALL: 'C.UTF-8',
};
const mostLines = 20_000;

/** One line of the engine's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string; readonly app?: string };

export type EngineOptions = {
  readonly kubeconfigPath: string;
  /** The control namespace. */
  readonly namespace: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** A process that runs the engine, and may be started again after its end. Its caches live as long as this object. */
export class TestEngine {
  readonly cache: string;
  readonly #options: EngineOptions;
  readonly #lines: string[] = [];
  #child: ChildProcess | undefined;
  #address = '';
  #starts = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.cache = mkdtempSync(join(tmpdir(), 'plumbline-engine-'));
  }

  /** `http://127.0.0.1:port` of webhooks, metrics and health. */
  get address(): string {
    return this.#address;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts the process; resolves when it listens. */
  async start(kubeconfigPath = this.#options.kubeconfigPath): Promise<void> {
    const { namespace, env } = this.#options;
    const words = ['run', '--kubeconfig', kubeconfigPath, '--namespace', namespace, '--listen', '127.0.0.1:0'];
    const child = spawn(process.execPath, [main, ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...environment, PLUMBLINE_CACHE: this.cache, PLUMBLINE_LOG: 'debug', ...env },
    });
    this.#child = child;
    this.#address = '';
    const tag = `-- start ${++this.#starts} --`;
    this.#lines.push(tag);
    let rest = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) this.#hear(line);
    });
    process.once('exit', () => child.kill('SIGKILL'));
    const failed = () => child.exitCode !== null || this.#lines.at(-1)?.startsWith('error [');
    const listens = () => this.#address !== '' || failed();
    await waitFor('the engine listens', listens, { show: () => this.tail() });
    if (this.#address === '') throw new Error(`the engine does not start: ${child.exitCode}\n${this.tail()}`);
  }

  /** Ends it as a machine that loses power does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it as Kubernetes does: asks first. Answers the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** Ends it for good, and its caches. */
  async remove(): Promise<void> {
    await this.#end('SIGKILL');
    for (const folder of [this.cache, `${this.cache}-cli`]) {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  /** The lines of the log since the start, newest last. */
  log(): readonly LogLine[] {
    return this.#lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as LogLine];
      } catch {
        return [];
      }
    });
  }

  /** The last lines, of one application if one is named. */
  tail(about = '', count = 25): string {
    const lines = this.#lines.filter((line) => line.includes(about) || !line.startsWith('{'));
    return lines.slice(-count).join('\n');
  }

  #hear(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > mostLines) this.#lines.splice(0, mostLines / 2);
    this.#address ||= / at (http:\/\/\S+)$/.exec(line)?.[1] ?? '';
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || !this.running) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  }
}
