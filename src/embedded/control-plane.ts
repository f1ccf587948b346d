// A control plane from start to stop: the directory, the keys, the processes, and the condition on which it counts as ready.
//
//   place ─► janitor ─► pki, stages ─► etcd + kube-apiserver ─► the others, nodes ─► ready ─► stop
import { execFile } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EngineError } from '../model/index.ts';
import { addressStages } from './addresses.ts';
import { type Binaries, type Component, commandOf } from './binaries.ts';
import { Child } from './child.ts';
import { flagsOf, kubeconfigOf, type Layout } from './flags.ts';
import { hireJanitor } from './janitor.ts';
import { type Ask, kubeClient } from './kube.ts';
import { type Kubeconfig, kubeconfigText, readCredentials } from './kubeconfig.ts';
import { createNodes, nodesReady } from './nodes.ts';
import { freePort, freshDir, givenDir } from './place.ts';

/** What a control plane shall be. Only `binaries` must be said. */
export type ControlPlaneOptions = {
  readonly binaries: Binaries;
  /** The name of its cluster, user and context in the kubeconfig; "plumbline" unless said. */
  readonly name?: string;
  /** Where it lives; a new temporary directory unless said. */
  readonly dir?: string;
  /** How many fake nodes there are; one unless said; with none there is no kwok either. */
  readonly nodes?: number;
  /** Which parts run besides etcd and kube-apiserver; all unless said. */
  readonly components?: readonly Exclude<Component, 'etcd' | 'kube-apiserver'>[];
  /** Kubernetes feature gates. */
  readonly features?: Readonly<Record<string, boolean>>;
  /** Keep the directory after the stop, and start from what lies in it. */
  readonly keep?: boolean;
  /** Called with a sentence at every step. */
  readonly progress?: (text: string) => void;
  /** How long the start may take, in milliseconds; two minutes unless said. */
  readonly timeout?: number;
};

/** A running control plane. */
export type ControlPlane = {
  readonly name: string;
  readonly dir: string;
  readonly server: string;
  /** The administrator's way in (group system:masters), and the file that says the same. */
  readonly kubeconfig: Kubeconfig;
  readonly kubeconfigPath: string;
  /** Milliseconds from the call until it was ready. */
  readonly startedIn: number;
  /** The process ids of what runs now. */
  readonly pids: () => readonly number[];
  /** Everything a component has written to its log. */
  readonly logs: (component: Component) => string;
  /** Kills the apiserver and starts it again on the same port and data; resolves when it is ready again. */
  readonly restartApiserver: () => Promise<void>;
  /** Freezes the apiserver: connections stay open and nothing answers. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly stop: () => Promise<void>;
};

/** Starts a control plane and resolves when it is ready for use; when that fails nothing of it remains. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const begin = performance.now();
  const run = new Run(options);
  try {
    await run.start();
  } catch (error) {
    await run.stop();
    throw error;
  }
  const { name, dir, server, kubeconfig, kubeconfigPath } = run;
  return {
    name,
    dir,
    server,
    kubeconfig,
    kubeconfigPath,
    startedIn: Math.round(performance.now() - begin),
    pids: () => run.pids(),
    logs: (component) => run.child(component).log(),
    restartApiserver: () => run.restartApiserver(),
    pause: () => run.child('kube-apiserver').signal('SIGSTOP'),
    resume: () => run.child('kube-apiserver').signal('SIGCONT'),
    stop: () => run.stop(),
  };
}

const parts = ['kube-controller-manager', 'kube-scheduler', 'kwok'] as const;
const clients = ['admin', 'controller-manager', 'scheduler', 'kwok'] as const;

class Run {
  readonly name: string;
  readonly dir: string;
  server = '';
  kubeconfig: Kubeconfig = { server: '', ca: '', cert: '', key: '' };
  readonly kubeconfigPath: string;
  readonly #options: ControlPlaneOptions;
  readonly #parts: readonly Component[];
  readonly #nodes: number;
  readonly #children = new Map<Component, Child>();
  #janitor: Child | undefined;
  #deadline = 0;
  #stopping: Promise<void> | undefined;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
    this.name = options.name ?? 'plumbline';
    const wanted = options.components ?? parts;
    this.#nodes = wanted.includes('kwok') ? (options.nodes ?? 1) : 0;
    this.#parts = wanted.filter((part) => part !== 'kwok' || this.#nodes > 0);
    this.dir = options.dir === undefined ? freshDir(this.name) : givenDir(options.dir);
    this.kubeconfigPath = kubeconfigOf(this.dir, 'admin');
  }

  async start(): Promise<void> {
    this.#deadline = performance.now() + (this.#options.timeout ?? 120_000);
    // The janitor comes first: from now on the directory goes when this process does.
    if (this.#options.keep !== true) this.#janitor = hireJanitor(this.dir);
    this.#say('making keys and certificates');
    const layout = await this.#prepare();
    this.#say('starting etcd and kube-apiserver');
    this.#launch('etcd', layout);
    this.#launch('kube-apiserver', layout);
    const { ask, close } = kubeClient(this.kubeconfig);
    try {
      await this.#until('kube-apiserver', () => isOk(ask, '/readyz'));
      this.#say(`kube-apiserver answers on ${this.server}`);
      for (const part of this.#parts) this.#launch(part, layout);
      await this.#settle(ask);
      this.#say('ready');
    } finally {
      close();
    }
  }

  /** Ends every process and removes the directory, unless it shall be kept. */
  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  async restartApiserver(): Promise<void> {
    const child = this.child('kube-apiserver');
    await child.end('SIGKILL');
    child.start();
    this.#deadline = performance.now() + 60_000;
    const { ask, close } = kubeClient(this.kubeconfig);
    await this.#until('kube-apiserver', () => isOk(ask, '/readyz')).finally(close);
  }

  child(component: Component): Child {
    const child = this.#children.get(component);
    if (child === undefined) throw new EngineError('not-found', `${component}: not part of control plane ${this.name}`);
    return child;
  }

  pids(): readonly number[] {
    return [this.#janitor, ...this.#children.values()].flatMap((child) =>
      child?.pid === undefined ? [] : [child.pid],
    );
  }

  async #prepare(): Promise<Layout> {
    const port = await freePort();
    this.server = `https://127.0.0.1:${port}`;
    const { kubebox } = this.#options.binaries;
    const kept = existsSync(join(this.dir, 'pki', 'sa.key'));
    const [stages] = await Promise.all([
      this.#nodes === 0 ? '' : output(kubebox, ['kwok-stages']),
      kept ? '' : output(kubebox, ['pki', join(this.dir, 'pki')]),
    ]);
    writeFileSync(join(this.dir, 'stages.yaml'), stages + addressStages);
    for (const client of clients) {
      const credentials = readCredentials(this.dir, client, this.server);
      if (client === 'admin') this.kubeconfig = credentials;
      writeFileSync(kubeconfigOf(this.dir, client), kubeconfigText(this.name, credentials), { mode: 0o600 });
    }
    return {
      dir: this.dir,
      port,
      etcd: join(this.dir, 'etcd.sock'),
      features: this.#options.features ?? {},
      durable: this.#options.keep === true,
    };
  }

  #launch(component: Component, layout: Layout): void {
    const command = commandOf(this.#options.binaries, component, flagsOf(component, layout));
    const child = new Child(component, command, join(this.dir, `${component}.log`), this.dir);
    this.#children.set(component, child);
    child.start();
  }

  // Ready means that a Deployment applied now becomes Ready: defaults are there, accounts are made, nodes take pods.
  async #settle(ask: Ask): Promise<void> {
    const refused = await createNodes(ask, this.#nodes);
    if (refused !== undefined) throw new EngineError('cluster-denied', `control plane ${this.name}: ${refused}`);
    await this.#until('namespace default', () => isOk(ask, '/api/v1/namespaces/default'));
    if (this.#parts.includes('kube-controller-manager')) {
      await this.#until('service account default', () =>
        isOk(ask, '/api/v1/namespaces/default/serviceaccounts/default'),
      );
    }
    if (this.#nodes > 0) await this.#until('nodes', () => nodesReady(ask, this.#nodes));
  }

  async #until(what: string, condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition())) {
      for (const child of this.#children.values()) {
        if (child.exit === undefined) continue;
        const why = `${child.name} ended (${child.exit}): ${child.complaint()}`;
        throw new EngineError('cluster-unreachable', `control plane ${this.name}: ${why}`, { retry: 'backoff' });
      }
      if (performance.now() > this.#deadline) {
        throw new EngineError('timed-out', `control plane ${this.name}: not ready in time: ${what}`);
      }
      await sleep(25);
    }
  }

  async #end(): Promise<void> {
    const children = [...this.#children.values()];
    if (this.#options.keep === true) {
      // etcd last, and gently: what it holds shall be there at the next start.
      await Promise.all(children.filter((child) => child.name !== 'etcd').map((child) => child.end('SIGKILL')));
      await this.#children.get('etcd')?.end('SIGTERM');
      return;
    }
    await Promise.all(children.map((child) => child.end('SIGKILL')));
    rmSync(this.dir, { recursive: true, force: true });
    await this.#janitor?.release();
  }

  #say(text: string): void {
    this.#options.progress?.(text);
  }
}

async function isOk(ask: Ask, path: string): Promise<boolean> {
  return (await ask('GET', path)).status === 200;
}

async function output(file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(file, [...args], { maxBuffer: 2 ** 24 });
  return stdout;
}
