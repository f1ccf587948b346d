// A Store in memory for simulations: what is durable survives `crash()`, what was not written yet does not. It keeps
// resources in Argo CD's form and goes through the dialect both ways, so that a restart reads what was really written.
import { argocd } from '../../src/dialects/index.ts';
import {
  type AppKey,
  type Application,
  defaultSettings,
  EngineError,
  isJsonObject,
  type Json,
  type JsonObject,
  type KubeObject,
  labelsOf,
  type Notice,
  objectAt,
  type Project,
  type Report,
  type Settings,
  stringAt,
} from '../../src/model/index.ts';
import type { SaveOptions, Store } from '../../src/ports/index.ts';

type Change = Parameters<Parameters<Store['onChange']>[0]>[0];
type Pending = {
  report: Report;
  clearOperation: string | undefined;
  clearRefresh: boolean;
  urgency: SaveOptions['urgency'];
};

/** What outlives a crash. */
export type Durable = {
  readonly resources: Map<AppKey, KubeObject>;
  readonly projects: Map<string, KubeObject>;
  settings: Settings;
  /** Notices that were written as Events. */
  readonly events: { readonly key: AppKey; readonly notice: Notice }[];
  /** Writes to applications so far. */
  writes: number;
  uids: number;
};

export type FakeStoreOptions = {
  /** Runs something later: writes and the news of changes, in any order the simulation likes. */
  readonly schedule: (run: () => void) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly controlNamespace?: string;
  /** The state that a crashed store left. */
  readonly durable?: Durable;
};

/** A Store with the handles of a simulation. */
export type FakeStore = Store & {
  readonly durable: Durable;
  /** Creates an application, or replaces everything but its status, uid and deletion: what `kubectl apply` does. */
  put(resource: KubeObject): AppKey;
  /** A JSON merge patch by a person. */
  patch(key: AppKey, patch: JsonObject): void;
  /** Asks for deletion: gone at once without finalizers. */
  remove(key: AppKey): void;
  putProject(resource: KubeObject): void;
  configure(settings: Partial<Settings>): void;
  /** True while writes wait. */
  busy(): boolean;
  /** This store ends now, unwritten reports and all; the answer starts from what was written. */
  crash(schedule?: FakeStoreOptions['schedule']): FakeStore;
};

/** Nothing stored, default settings. */
export function emptyDurable(): Durable {
  return { resources: new Map(), projects: new Map(), settings: defaultSettings, events: [], writes: 0, uids: 0 };
}

/** Opens a fake store; nothing is known until `start`. */
export function createFakeStore(options: FakeStoreOptions): FakeStore {
  return new MemoryStore(options);
}

class MemoryStore implements FakeStore {
  readonly durable: Durable;
  readonly #options: FakeStoreOptions;
  readonly #control: string;
  readonly #known = new Map<AppKey, Application>();
  readonly #pending = new Map<AppKey, Pending>();
  readonly #listeners: ((change: Change) => void)[] = [];
  readonly #waiters: (() => void)[] = [];
  #settings: Settings = defaultSettings;
  #dead = false;
  #started = false;

  constructor(options: FakeStoreOptions) {
    this.#options = options;
    this.#control = options.controlNamespace ?? 'argocd';
    this.durable = options.durable ?? emptyDurable();
  }

  async start(): Promise<void> {
    this.#started = true;
    this.#settings = this.durable.settings;
    for (const [key, resource] of this.durable.resources) this.#known.set(key, this.#read(resource));
  }

  applications(): readonly Application[] {
    return [...this.#known.values()];
  }

  application(key: AppKey): Application | undefined {
    return this.#known.get(key);
  }

  project(name: string): Project | undefined {
    const resource = this.durable.projects.get(name);
    if (resource !== undefined) return argocd.readProject(resource);
    return name === 'default' ? argocd.allowAllProject(name) : undefined;
  }

  settings(): Settings {
    return this.#settings;
  }

  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  save(key: AppKey, report: Report, options: SaveOptions): void {
    const known = this.#known.get(key);
    if (known === undefined || this.#dead) return;
    const before = this.#pending.get(key);
    const clearOperation = options.clearOperation ? known.operation?.id : undefined;
    this.#known.set(key, remembered(known, report, options));
    this.#pending.set(key, {
      report,
      clearOperation: clearOperation ?? before?.clearOperation,
      clearRefresh: (options.clearRefresh ?? false) || (before?.clearRefresh ?? false),
      urgency: options.urgency,
    });
    if (before === undefined) this.#later(() => this.#write(key));
  }

  notify(key: AppKey, notices: readonly Notice[]): void {
    this.#later(() => this.durable.events.push(...notices.map((notice) => ({ key, notice }))));
  }

  async release(key: AppKey): Promise<void> {
    await this.#own(key, (resource) => {
      const finalizers = this.#read(resource).finalizers.filter((name) => !argocd.isOurFinalizer(name));
      return { ...resource, metadata: { ...resource.metadata, finalizers } };
    });
  }

  async guard(key: AppKey, finalizers: readonly string[]): Promise<void> {
    await this.#own(key, (resource) => {
      const present = this.#read(resource).finalizers;
      return { ...resource, metadata: { ...resource.metadata, finalizers: [...new Set([...present, ...finalizers])] } };
    });
  }

  async unpin(key: AppKey): Promise<void> {
    await this.#own(key, (resource) => withoutAnnotation(resource, argocd.pinAnnotation));
  }

  flush(): Promise<void> {
    if (!this.busy() || this.#dead) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  async stop(): Promise<void> {
    await this.flush();
    this.#dead = true;
  }

  busy(): boolean {
    return this.#pending.size > 0;
  }

  crash(schedule?: FakeStoreOptions['schedule']): FakeStore {
    this.#dead = true;
    this.#pending.clear();
    for (const resolve of this.#waiters.splice(0)) resolve();
    return createFakeStore({ ...this.#options, ...(schedule && { schedule }), durable: this.durable });
  }

  put(resource: KubeObject): AppKey {
    const namespace = stringAt(resource.metadata, 'namespace') ?? this.#control;
    const key = `${namespace}/${stringAt(resource.metadata, 'name')}`;
    const old = this.durable.resources.get(key);
    const uid = stringAt(old?.metadata, 'uid') ?? `uid-${++this.durable.uids}`;
    const deletion = stringAt(old?.metadata, 'deletionTimestamp');
    const { status: _, ...written } = resource;
    this.durable.resources.set(key, {
      ...written,
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      metadata: { ...resource.metadata, namespace, uid, ...(deletion && { deletionTimestamp: deletion }) },
      ...(old?.status === undefined ? {} : { status: old.status }),
    });
    this.#tell(key);
    return key;
  }

  patch(key: AppKey, patch: JsonObject): void {
    const resource = this.durable.resources.get(key);
    if (resource === undefined) throw new EngineError('object-not-found', `no application: ${key}`);
    this.durable.resources.set(key, merged(resource, patch) as KubeObject);
    this.#tell(key);
  }

  remove(key: AppKey): void {
    const resource = this.durable.resources.get(key);
    if (resource === undefined) return;
    if (this.#read(resource).finalizers.length === 0) this.durable.resources.delete(key);
    else {
      const deletionTimestamp = new Date(this.#options.now?.() ?? 0).toISOString();
      this.durable.resources.set(key, { ...resource, metadata: { deletionTimestamp, ...resource.metadata } });
    }
    this.#tell(key);
  }

  putProject(resource: KubeObject): void {
    const name = stringAt(resource.metadata, 'name') ?? '';
    this.durable.projects.set(name, resource);
    this.#later(() => this.#fire({ kind: 'project', name }));
  }

  configure(settings: Partial<Settings>): void {
    this.durable.settings = { ...this.durable.settings, ...settings };
    this.#later(() => {
      this.#settings = this.durable.settings;
      this.#fire({ kind: 'settings' });
    });
  }

  #read(resource: KubeObject): Application {
    return argocd.readApplication(resource, { controlNamespace: this.#control });
  }

  #later(run: () => void): void {
    this.#options.schedule(() => {
      if (!this.#dead) run();
    });
  }

  #fire(change: Change): void {
    if (this.#started) for (const listener of this.#listeners) listener(change);
  }

  #tell(key: AppKey): void {
    this.#later(() => this.#look(key));
  }

  /** What a watch event does: the newest intent is taken over, a report that is remembered stays. */
  #look(key: AppKey): void {
    if (!this.#started) return;
    const known = this.#known.get(key);
    const resource = this.durable.resources.get(key);
    if (resource === undefined) {
      this.#pending.delete(key);
      this.#known.delete(key);
      this.#settle();
      if (known !== undefined) this.#fire({ kind: 'application', key });
      return;
    }
    const seen = this.#read(resource);
    if (known?.uid === seen.uid && known.intentDigest === seen.intentDigest) return;
    this.#known.set(key, this.#overlaid(seen, known));
    this.#fire({ kind: 'application', key });
  }

  #overlaid(seen: Application, known: Application | undefined): Application {
    if (known?.uid !== seen.uid) return seen;
    const pending = this.#pending.get(seen.key);
    const { report, operation, refresh, ...rest } = seen;
    const newest = known.report ?? report;
    return {
      ...rest,
      ...(newest && { report: newest }),
      ...(operation && operation.id !== pending?.clearOperation && { operation }),
      ...(refresh && !pending?.clearRefresh && { refresh }),
    };
  }

  #write(key: AppKey): void {
    const pending = this.#pending.get(key);
    const resource = this.durable.resources.get(key);
    this.#pending.delete(key);
    if (pending !== undefined && resource !== undefined) {
      const before = this.#read(resource);
      const status = argocd.writeStatus(pending.report, before, { controlNamespace: this.#control });
      const changed = argocd.statusPatch(objectAt(resource, 'status'), status) !== undefined;
      let next: KubeObject = changed ? { ...resource, status: JSON.parse(JSON.stringify(status)) as Json } : resource;
      if (pending.clearOperation !== undefined && before.operation?.id === pending.clearOperation) {
        const { operation: _, ...rest } = next;
        next = rest as KubeObject;
      }
      if (pending.clearRefresh) next = withoutAnnotation(next, argocd.refreshAnnotation);
      if (next !== resource) this.#replace(key, before, next);
    }
    this.#settle();
  }

  /** Stores what we ourselves have changed: no news, unless a person's change is still on its way. */
  #replace(key: AppKey, before: Application, next: KubeObject): void {
    this.durable.resources.set(key, next);
    this.durable.writes += 1;
    const known = this.#known.get(key);
    if (known?.intentDigest !== before.intentDigest) return;
    this.#known.set(key, { ...known, intentDigest: this.#read(next).intentDigest });
  }

  #own(key: AppKey, change: (resource: KubeObject) => KubeObject): Promise<void> {
    return new Promise((resolve) => {
      this.#later(() => {
        const resource = this.durable.resources.get(key);
        if (resource !== undefined) {
          const before = this.#read(resource);
          const next = change(resource);
          const after = this.#read(next);
          if (after.deletion !== undefined && after.finalizers.length === 0) {
            this.durable.resources.delete(key);
            this.durable.writes += 1;
            this.#tell(key);
          } else {
            const known = this.#known.get(key);
            // A person's change that is still on its way must not be swallowed by ours.
            if (known?.intentDigest === before.intentDigest) this.#known.set(key, this.#overlaid(after, known));
            this.durable.resources.set(key, next);
            this.durable.writes += 1;
          }
        }
        resolve();
      });
    });
  }

  #settle(): void {
    if (!this.busy()) for (const resolve of this.#waiters.splice(0)) resolve();
  }
}

function remembered(known: Application, report: Report, options: SaveOptions): Application {
  const { operation, refresh, ...rest } = known;
  return {
    ...rest,
    report,
    ...(operation && !options.clearOperation && { operation }),
    ...(refresh && !options.clearRefresh && { refresh }),
  };
}

function withoutAnnotation(resource: KubeObject, name: string): KubeObject {
  const { [name]: _, ...annotations } = objectAt(resource.metadata, 'annotations');
  return { ...resource, metadata: { ...resource.metadata, annotations, labels: labelsOf(resource) } };
}

function merged(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const out: Record<string, Json> = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = merged(out[key], value);
  }
  return out;
}
