// The Applications of the benchmark, and their verdicts as anybody can watch them: the status in the apiserver.
import { type Api, each, type Resource } from './api.ts';

const path = '/apis/argoproj.io/v1alpha1/namespaces/argocd/applications';

/** What an Application says of itself. */
export type Verdict = { readonly revision: string; readonly converged: boolean; readonly text: string };

/** An Application to be made. */
export type Wanted = {
  readonly name: string;
  readonly repoURL: string;
  readonly path: string;
  readonly namespace: string;
};

type Waiting = { readonly condition: (verdict: Verdict) => boolean; readonly resolve: (at: number) => void };

/** Follows all Applications. */
export class Applications {
  readonly #api: Api;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #waiting = new Map<string, Waiting[]>();
  #writes = 0;
  #stop: (() => void) | undefined;
  #changed: (() => void) | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  async follow(): Promise<void> {
    this.#stop = await this.#api.watch(path, ({ type, object }) => {
      if (type === 'BOOKMARK') return;
      if (type === 'DELETED') this.#verdicts.delete(object.metadata.name);
      else this.#take(object);
      if (type === 'MODIFIED') this.#writes++;
      this.#changed?.();
    });
  }

  stop(): void {
    this.#stop?.();
  }

  /** Changes of Applications that were seen so far: every one is a write of somebody. */
  get writes(): number {
    return this.#writes;
  }

  create(wanted: readonly Wanted[], width: number): Promise<void> {
    return each(wanted, width, (one) => this.#api.send('POST', path, resourceOf(one)));
  }

  verdict(name: string): Verdict | undefined {
    return this.#verdicts.get(name);
  }

  /** Resolves with the time (of `performance.now`) at which the Application's verdict met the condition. */
  until(name: string, timeout: number, condition: (verdict: Verdict) => boolean): Promise<number> {
    const now = this.#verdicts.get(name);
    if (now !== undefined && condition(now)) return Promise.resolve(performance.now());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${name}: no verdict in ${timeout / 1000} s: ${this.#verdicts.get(name)?.text}`));
      }, timeout);
      const done = (at: number): void => {
        clearTimeout(timer);
        resolve(at);
      };
      this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), { condition, resolve: done }]);
    });
  }

  /** Resolves with the time at which all these Applications have converged; `progress` hears how many have. */
  untilAll(names: readonly string[], timeout: number, progress: (done: number) => void): Promise<number> {
    return new Promise((resolve, reject) => {
      const count = (): number => names.filter((name) => this.#verdicts.get(name)?.converged === true).length;
      const ticker = setInterval(() => progress(count()), 2_000);
      const end = (): void => {
        clearInterval(ticker);
        clearTimeout(timer);
        this.#changed = undefined;
      };
      const timer = setTimeout(() => {
        end();
        const late = names.find((name) => this.#verdicts.get(name)?.converged !== true) ?? '';
        const text = this.#verdicts.get(late)?.text;
        reject(new Error(`${count()} of ${names.length} converged in ${timeout / 1000} s; ${late}: ${text}`));
      }, timeout);
      const missing = new Set(names);
      const look = (): void => {
        for (const name of missing) {
          if (this.#verdicts.get(name)?.converged !== true) return;
          missing.delete(name);
        }
        end();
        resolve(performance.now());
      };
      this.#changed = look;
      look();
    });
  }

  #take(object: Resource): void {
    const { name } = object.metadata;
    const status = object.status ?? {};
    const [sync, health, phase] = [status.sync?.status, status.health?.status, status.operationState?.phase];
    const converged = sync === 'Synced' && health === 'Healthy' && (phase === undefined || phase === 'Succeeded');
    const conditions = JSON.stringify(status.conditions ?? []).slice(0, 300);
    const verdict = {
      revision: status.sync?.revision ?? '',
      converged,
      text: `${sync} ${health} ${phase} ${conditions}`,
    };
    this.#verdicts.set(name, verdict);
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) return;
    const left = waiting.filter(({ condition, resolve }) => {
      if (!condition(verdict)) return true;
      resolve(performance.now());
      return false;
    });
    if (left.length > 0) this.#waiting.set(name, left);
    else this.#waiting.delete(name);
  }
}

function resourceOf({ name, repoURL, path: folder, namespace }: Wanted): object {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd' },
    spec: {
      project: 'default',
      source: { repoURL, path: folder, targetRevision: 'main' },
      destination: { server: 'https://kubernetes.default.svc', namespace },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
    },
  };
}
