// The engine as a process of its own, as a user runs it, and what it costs.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cpuSeconds, type Memory, memoryOf, treeOf } from './processes.ts';

/** A line of the engine's log about one pass. */
export type Pass = { readonly app: string; readonly sync?: string; readonly health?: string };

/** How an engine is started. */
export type EngineOptions = {
  readonly kubeconfig: string;
  readonly cacheDir: string;
  /** More arguments for Node itself (a profiler). */
  readonly node: readonly string[];
  readonly onPass?: (pass: Pass) => void;
  /** Every line that it writes. */
  readonly onLine?: (line: string) => void;
};

/** Peaks over a stretch of time, bytes: of the engine with all it has started, and of its own process. */
export type Peak = Memory;

const none: Peak = { tree: 0, proportional: 0, own: 0, parts: {} };

/** A running engine. */
export class Engine {
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #peak: Peak = none;
  readonly #sampler: NodeJS.Timeout;

  private constructor(child: ChildProcess, address: string, ended: Promise<void>) {
    this.#child = child;
    this.address = address;
    this.#ended = ended;
    this.#sampler = setInterval(() => this.#sample(), 250);
    this.#sampler.unref();
  }

  /** Starts an engine; resolves when it serves. */
  static start(options: EngineOptions): Promise<Engine> {
    // The entry script replaces itself by the engine: its process is the engine's.
    const plumb = join(import.meta.dirname, '../plumb');
    const args = ['run', '--kubeconfig', options.kubeconfig, '--listen', '127.0.0.1:0'];
    const node = [process.env.NODE_OPTIONS ?? '', ...options.node].join(' ').trim();
    const env = { ...process.env, PLUMBLINE_CACHE: options.cacheDir, NODE_OPTIONS: node };
    const child = spawn(plumb, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    return new Promise((resolve, reject) => {
      const said: string[] = [];
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the engine ended (${code}): ${said.slice(-5).join('\n')}`)));
      createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
        if (said.length < 200) said.push(line);
        const address = /at (http:\S+)$/.exec(line)?.[1];
        if (address !== undefined) resolve(new Engine(child, address, ended));
        else options.onLine?.(line);
        if (line.includes('"msg":"pass"')) options.onPass?.(JSON.parse(line) as Pass);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** CPU seconds of the engine and all it has started, ended ones included. */
  get cpu(): number {
    return cpuSeconds(treeOf(this.pid));
  }

  /** Starts a new stretch of time for `peak`. */
  resetPeak(): void {
    this.#peak = none;
  }

  /** The most that was seen since `resetPeak`. */
  get peak(): Peak {
    this.#sample();
    return this.#peak;
  }

  /** Its metrics by name (labels included), as numbers. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`${this.address}/metrics`)).text();
    const values = new Map<string, number>();
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('#') || line.startsWith('argocd_app_info')) continue;
      const space = line.lastIndexOf(' ');
      values.set(line.slice(0, space), Number(line.slice(space + 1)));
    }
    return values;
  }

  /** Sends a push webhook; resolves when it was answered. */
  async webhook(body: string): Promise<void> {
    const headers = { 'content-type': 'application/json', 'x-gitea-event': 'push' };
    const answer = await fetch(`${this.address}/api/webhook`, { method: 'POST', headers, body });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`webhook: ${answer.status} ${text}`);
  }

  /** Ends it with this signal; resolves when it is gone. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    clearInterval(this.#sampler);
    this.#child.removeAllListeners('exit');
    this.#child.kill(signal);
    await this.#ended;
  }

  #sample(): void {
    const { tree, proportional, own, parts } = memoryOf(this.pid);
    this.#peak = {
      tree: Math.max(tree, this.#peak.tree),
      proportional: Math.max(proportional, this.#peak.proportional),
      own: Math.max(own, this.#peak.own),
      parts: tree > this.#peak.tree ? parts : this.#peak.parts,
    };
  }
}

/** The sum of all metrics of one name. */
export function total(metrics: ReadonlyMap<string, number>, name: string): number {
  let sum = 0;
  for (const [key, value] of metrics) if (key === name || key.startsWith(`${name}{`)) sum += value;
  return sum;
}
