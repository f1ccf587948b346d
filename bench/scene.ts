// Where the scenarios play: a control plane of their own, the CRDs, namespaces, repositories, and one engine at a time.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CORE_SCHEMA, load } from 'js-yaml';
import { type ControlPlane, startControlPlane } from '../src/embedded/index.ts';
import { cacheFolder, ensureControlPlane, progressLine } from '../src/toolchain/index.ts';
import { Api } from './api.ts';
import { Applications } from './applications.ts';
import { Engine, type Pass } from './engine.ts';
import type { Options } from './options.ts';
import { commandOf, cpuSeconds } from './processes.ts';
import { round } from './statistics.ts';

/** Requests at once, of the floor's client and of the engine alike. */
export const concurrency = 24;
/** Namespaces that the objects are spread over. */
const spaces = 20;

/** Everything that the scenarios share. */
export class Scene {
  readonly options: Options;
  readonly folder: string;
  readonly control: ControlPlane;
  readonly api: Api;
  readonly applications: Applications;
  readonly passes = new Map<string, Pass>();
  #engine: Engine | undefined;
  #listener: ((pass: Pass) => void) | undefined;

  private constructor(options: Options, folder: string, control: ControlPlane) {
    this.options = options;
    this.folder = folder;
    this.control = control;
    this.api = new Api(control.kubeconfig, concurrency);
    this.applications = new Applications(this.api);
  }

  /** Sets everything up but the engine. */
  static async open(options: Options): Promise<Scene> {
    const binaries = await ensureControlPlane({ progress: (step) => options.say(progressLine(step)) });
    const folder = mkdtempSync(join(tmpdir(), 'plumbline-bench-'));
    mkdirSync(join(folder, 'cache'));
    // Mirrors are made anew; what is built once for a machine, Node's compiled sources among it, is there already.
    for (const name of ['tools', 'node', 'compile']) {
      const shared = join(cacheFolder(process.env), name);
      if (existsSync(shared)) symlinkSync(shared, join(folder, 'cache', name));
    }
    const components = ['kube-controller-manager'] as const;
    const control = await startControlPlane({ binaries, name: 'bench', components, progress: options.say });
    const scene = new Scene(options, folder, control);
    await scene.#prepare();
    return scene;
  }

  /** The namespaces of a scenario's objects. */
  namespaces(prefix: string): readonly string[] {
    return Array.from({ length: spaces }, (_, i) => `${prefix}-${i}`);
  }

  async createNamespaces(names: readonly string[]): Promise<void> {
    for (const name of names) await this.api.send('POST', '/api/v1/namespaces', { metadata: { name } });
    for (const name of names) {
      await this.until(`service account of ${name}`, 30_000, async () => {
        const accounts = await this.api.list(`/api/v1/namespaces/${name}/serviceaccounts`);
        return accounts.length > 0;
      });
    }
  }

  /** Starts the engine; its mirrors and caches survive a restart as they do on a disk. */
  async startEngine(): Promise<Engine> {
    this.#engine = await Engine.start({
      kubeconfig: this.control.kubeconfigPath,
      cacheDir: join(this.folder, 'cache'),
      node: this.options.node,
      onPass: (pass) => {
        this.passes.set(pass.app, pass);
        this.#listener?.(pass);
      },
      onLine: (line) => {
        if (this.options.log !== '') appendFileSync(this.options.log, `${line}\n`);
        if (!line.startsWith('{') || /"level":"(?:error|fatal)"/.test(line)) this.options.say(`engine: ${line}`);
      },
    });
    return this.#engine;
  }

  get engine(): Engine {
    if (this.#engine === undefined) throw new Error('no engine runs');
    return this.#engine;
  }

  async stopEngine(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    this.passes.clear();
    await engine?.stop(signal);
  }

  /** CPU seconds that each part of the control plane has used, since an earlier reading when one is given. */
  controlCpu(before: Readonly<Record<string, number>> = {}): Readonly<Record<string, number>> {
    const used: Record<string, number> = {};
    for (const pid of this.control.pids()) {
      const name = /\0(etcd|kube-[a-z-]+)\0/.exec(commandOf(pid))?.[1];
      if (name !== undefined) used[name] = round(cpuSeconds([pid]) - (before[name] ?? 0), 2);
    }
    return used;
  }

  /** Waits for a condition, looked at every 20 ms; throws when it does not come true in time. */
  async until(what: string, timeout: number, condition: () => boolean | Promise<boolean>): Promise<void> {
    const limit = performance.now() + timeout;
    let told = performance.now();
    while (!(await condition())) {
      if (performance.now() > limit) throw new Error(`not in time (${timeout / 1000} s): ${what}`);
      if (performance.now() - told > 5_000) {
        told = performance.now();
        this.options.say(`waiting for ${what}`);
      }
      await pause(20);
    }
  }

  async close(): Promise<void> {
    await this.stopEngine('SIGTERM').catch(() => undefined);
    this.applications.stop();
    await this.api.close();
    await this.control.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #prepare(): Promise<void> {
    const folder = join(import.meta.dirname, '../deploy/crds');
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    for (const file of readdirSync(folder)) {
      await this.api.send('POST', path, load(readFileSync(join(folder, file), 'utf8'), { schema: CORE_SCHEMA }));
    }
    await this.api.send('POST', '/api/v1/namespaces', { metadata: { name: 'argocd' } });
    await this.until('the CRDs', 30_000, async () => {
      const answers = ['applications', 'appprojects'].map((kind) =>
        this.api.list(`/apis/argoproj.io/v1alpha1/${kind}`).then(
          () => true,
          () => false,
        ),
      );
      return (await Promise.all(answers)).every(Boolean);
    });
    // One poll per half minute: the idle minute then shows polls, and nothing else asks for them.
    const data = { 'timeout.reconciliation': '30s', 'timeout.reconciliation.jitter': '0s' };
    const metadata = { name: 'argocd-cm', labels: { 'app.kubernetes.io/part-of': 'argocd' } };
    await this.api.send('POST', '/api/v1/namespaces/argocd/configmaps', { metadata, data });
    await this.applications.follow();
  }
}

/** Waits some ms. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
