// One Application of a test: declared, watched, judged; and what is shown of it when a test fails.
import { type JsonObject, type KubeObject, listAt, numberAt, objectAt, stringAt } from '../../src/model/index.ts';
import type { TestEngine } from './engine.ts';
import { type Kube, resources } from './kube.ts';
import { type Patience, waitFor } from './wait-for.ts';

/** What of a status tests ask for most. */
export type Seen = {
  readonly sync: string;
  readonly health: string;
  readonly revision: string;
  readonly phase: string;
  readonly message: string;
  readonly startedAt: string;
  readonly retries: number;
  readonly conditions: readonly JsonObject[];
  readonly holds: readonly JsonObject[];
  readonly resources: readonly JsonObject[];
  readonly history: readonly JsonObject[];
  /** An operation was asked for and is not picked up yet. */
  readonly requested: boolean;
  readonly status: JsonObject;
  readonly object: KubeObject;
};

/** An application as a test handles it. */
export class TestApplication {
  readonly namespace: string;
  /** Unique in the control plane, because objects are tracked by it. */
  readonly name: string;
  /** Where its objects go. */
  readonly target: string;
  readonly #kube: Kube;
  readonly #engine: () => TestEngine;

  constructor(kube: Kube, engine: () => TestEngine, place: { namespace: string; name: string; target: string }) {
    this.#kube = kube;
    this.#engine = engine;
    this.namespace = place.namespace;
    this.name = place.name;
    this.target = place.target;
  }

  get key(): string {
    return `${this.namespace}/${this.name}`;
  }

  /** The resource; undefined when it is gone. */
  read(): Promise<KubeObject | undefined> {
    return this.#kube.get(resources.applications, this.namespace, this.name);
  }

  async see(): Promise<Seen> {
    const object = await this.read();
    if (object === undefined) throw new Error(`application ${this.key} does not exist`);
    return seenIn(object);
  }

  patch(patch: JsonObject): Promise<KubeObject> {
    return this.#kube.patch(resources.applications, this.namespace, this.name, patch, 'test');
  }

  /** Asks for a sync as Argo CD's clients do: by the `operation` field. */
  async sync(sync: JsonObject = {}, more: JsonObject = {}): Promise<void> {
    await this.patch({ operation: { initiatedBy: { username: 'tester' }, sync, ...more } });
  }

  /** Asks to look again, Git included; resolves when the engine has. */
  async refresh(): Promise<Seen> {
    const key = 'argocd.argoproj.io/refresh';
    await this.patch({ metadata: { annotations: { [key]: 'normal' } } });
    const done = ({ object }: Seen) => stringAt(object.metadata, 'annotations', key) === undefined;
    return this.until('the refresh is honoured', done);
  }

  remove(): Promise<void> {
    return this.#kube.remove(resources.applications, this.namespace, this.name);
  }

  /** Waits until the status is as wished. */
  until(what: string, wished: (seen: Seen) => boolean, patience: Patience = {}): Promise<Seen> {
    const look = async () => {
      const seen = await this.see();
      return wished(seen) && seen;
    };
    return waitFor(`${this.name}: ${what}`, look, { show: () => this.show(), ...patience });
  }

  /** Synced to the commit, healthy, and at rest. */
  converged(commit: string, patience: Patience = {}): Promise<Seen> {
    const short = commit.slice(0, 7);
    return this.until(`converges to ${short}`, (seen) => hasConverged(seen, commit), patience);
  }

  gone(patience: Patience = {}): Promise<true> {
    const look = async () => (await this.read()) === undefined;
    return waitFor(`${this.name} is gone`, look, { show: () => this.show(), ...patience }) as Promise<true>;
  }

  /** Everything that helps to understand a failure. */
  async show(): Promise<string> {
    const object = await this.read().catch(() => undefined);
    const log = `the engine's last lines about it:\n${this.#engine().tail(this.name)}`;
    if (object === undefined) return `application ${this.key} does not exist\n${log}`;
    const { sync, health, revision, phase, message, retries, conditions, holds, status } = seenIn(object);
    const lines = [
      `sync ${sync} at ${revision.slice(0, 7)}, health ${health}: ${stringAt(status, 'health', 'message') ?? ''}`,
      `operation ${phase} (${retries} retries): ${message}`,
      ...conditions.map((one) => `condition ${one.type}: ${one.message}`),
      ...holds.map((one) => `hold ${one.reason}: ${one.message}`),
      ...listAt(status, 'resources').slice(0, 20).map(resourceLine),
      ...listAt(status, 'operationState', 'syncResult', 'resources').slice(0, 20).map(resultLine),
    ];
    return `${lines.join('\n')}\n${log}`;
  }
}

/** True when nothing is left to do for a commit. The last sync may be an older one that failed: there was none since. */
export function hasConverged(seen: Seen, commit: string): boolean {
  const { sync, health, revision, phase } = seen;
  return sync === 'Synced' && health === 'Healthy' && revision === commit && phase !== 'Running';
}

function seenIn(object: KubeObject): Seen {
  const status = objectAt(object, 'status');
  const text = (...path: string[]) => stringAt(status, ...path) ?? '';
  const list = (...path: string[]) => listAt(status, ...path) as readonly JsonObject[];
  return {
    sync: text('sync', 'status'),
    health: text('health', 'status'),
    revision: text('sync', 'revision'),
    phase: text('operationState', 'phase'),
    message: text('operationState', 'message'),
    startedAt: text('operationState', 'startedAt'),
    retries: numberAt(status, 'operationState', 'retryCount') ?? 0,
    conditions: list('conditions'),
    holds: list('plumbline', 'holds'),
    resources: list('resources'),
    history: list('history'),
    requested: object.operation !== undefined,
    status,
    object,
  };
}

function resourceLine(resource: unknown): string {
  const { kind, name, status = '', health } = resource as JsonObject;
  const words = [stringAt(health as JsonObject, 'status') ?? '', stringAt(health as JsonObject, 'message') ?? ''];
  return `  ${kind}/${name} ${status} ${words.join(' ')}`.trimEnd();
}

function resultLine(result: unknown): string {
  const { kind, name, status = '', message = '', hookPhase = '' } = result as JsonObject;
  return `  result ${kind}/${name} ${status}${hookPhase} ${message}`.trimEnd();
}
