// The Store port over the API server that keeps the Applications: watches in, merge patches out.
import {
  type AppKey,
  type Application,
  asEngineError,
  type JsonObject,
  type KubeObject,
  type Notice,
  type Project,
  type Report,
  type Settings,
  type SignedRecord,
  stringAt,
} from '../model/index.ts';
import type {
  Clock,
  ClusterCredential,
  Dialect,
  KubeApi,
  Log,
  NotifySettings,
  Random,
  RepositoryCredential,
  SaveOptions,
  SignerKeys,
  Store,
  TrustSettings,
  WebhookSecrets,
} from '../ports/index.ts';
import { type Configured, denied, watchConfiguration } from './configuration.ts';
import { EventWriter } from './event-writer.ts';
import { RecordWriter } from './record-writer.ts';
import { applicationsPath, projectsPath } from './resource.ts';
import { keyOf, Shelf } from './shelf.ts';
import { StatusWriter } from './status-writer.ts';

type Change = Parameters<Parameters<Store['onChange']>[0]>[0];

/** What a store needs. */
export type ResourceStoreOptions = {
  readonly api: KubeApi;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Where projects, settings and credentials lie, and applications unless others are allowed. */
  readonly controlNamespace: string;
  /** Namespaces in which applications may lie too, beside those that `application.namespaces` names. */
  readonly applicationNamespaces?: readonly string[];
  /** Writes of reports side by side; 8 unless given. */
  readonly writes?: number;
  /** How those patterns are matched. */
  readonly matchesName: (pattern: string, name: string) => boolean;
};

/** A Store that also knows what the cluster, source and api rooms are configured with. */
export type ResourceStore = Store & {
  /** Begins. For a command that only asks (`asks`) nothing is written, and what the server does not show is left out. */
  start(asks?: boolean): Promise<void>;
  repositories(): readonly RepositoryCredential[];
  clusters(): readonly ClusterCredential[];
  trust(): TrustSettings;
  signers(): SignerKeys;
  webhookSecrets(): WebhookSecrets;
  notifySettings(): NotifySettings;
  /** Credentials that are meant for the API of forges. */
  forgeCredentials(): readonly RepositoryCredential[];
  /** Credentials for writing into repositories; where there is none, those for reading are used. */
  writers(): readonly RepositoryCredential[];
  /** Keeps a record of a commit as a resource, behind everything else; resolves when it is kept or cannot be. */
  keepRecord(signed: SignedRecord): Promise<void>;
  /** Tells what is wrong with the settings, in the log and as Events, now and whenever something new goes wrong. */
  tellProblems(): void;
  /** Tells that any of the four above may have changed. */
  onCredentials(listener: () => void): void;
};

/** Opens a store; nothing is known before `start`. */
export function createResourceStore(options: ResourceStoreOptions): ResourceStore {
  return new WatchedStore(options);
}

class WatchedStore implements ResourceStore {
  readonly #options: ResourceStoreOptions;
  readonly #shelf: Shelf;
  readonly #writer: StatusWriter;
  readonly #events: EventWriter;
  readonly #records: RecordWriter;
  readonly #projects = new Map<string, Project>();
  readonly #listeners: ((change: Change) => void)[] = [];
  readonly #credentialListeners: (() => void)[] = [];
  readonly #stops: (() => void)[] = [];
  #configuration: { now(): Configured; stop(): void } | undefined;
  #stopApplications = (): void => undefined;
  #started = false;
  #tells = false;

  constructor(options: ResourceStoreOptions) {
    this.#options = options;
    this.#shelf = new Shelf(options.dialect, options.controlNamespace);
    const changed = (key: AppKey) => this.#tell({ kind: 'application', key });
    this.#writer = new StatusWriter({ ...options, shelf: this.#shelf, changed });
    this.#events = new EventWriter(options, () => !this.#writer.quiet);
    const retention = () => ({ keep: this.#now().notify.recordsKeep, maxAge: this.#now().notify.recordsMaxAge });
    this.#records = new RecordWriter({ ...options, retention, busy: () => !this.#writer.quiet });
  }

  async start(asks = false): Promise<void> {
    const { api, dialect, log, controlNamespace: namespace } = this.#options;
    this.#configuration = await watchConfiguration({ api, dialect, log, namespace }, (now, before) =>
      this.#configured(now, before),
    );
    await Promise.all([this.#watchProjects(asks), this.#watchApplications(asks)]);
    this.#started = true;
    if (!asks && !this.#projects.has('default')) await this.#declareDefault();
  }

  applications(): readonly Application[] {
    return this.#shelf.list();
  }

  application(key: AppKey): Application | undefined {
    return this.#shelf.get(key);
  }

  project(name: string): Project | undefined {
    return this.#projects.get(name) ?? (name === 'default' ? this.#options.dialect.allowAllProject(name) : undefined);
  }

  settings(): Settings {
    return this.#now().settings;
  }

  repositories(): readonly RepositoryCredential[] {
    return this.#now().repositories;
  }

  clusters(): readonly ClusterCredential[] {
    return this.#now().clusters;
  }

  trust(): TrustSettings {
    return this.#now().trust;
  }

  signers(): SignerKeys {
    return this.#now().signers;
  }

  webhookSecrets(): WebhookSecrets {
    return this.#now().webhookSecrets;
  }

  notifySettings(): NotifySettings {
    return this.#now().notify;
  }

  forgeCredentials(): readonly RepositoryCredential[] {
    return this.#now().forges;
  }

  writers(): readonly RepositoryCredential[] {
    return this.#now().writers;
  }

  keepRecord(signed: SignedRecord): Promise<void> {
    return this.#records.keep(signed);
  }

  tellProblems(): void {
    this.#tells = true;
    this.#tellFindings(this.#now(), []);
  }

  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  onCredentials(listener: () => void): void {
    this.#credentialListeners.push(listener);
  }

  save(key: AppKey, report: Report, options: SaveOptions): void {
    const clear = { operation: options.clearOperation ?? false, refresh: options.clearRefresh ?? false };
    if (this.#shelf.save(key, report, clear)) this.#writer.add(key, options.urgency);
  }

  notify(key: AppKey, notices: readonly Notice[]): void {
    const application = this.#shelf.get(key);
    if (application === undefined) return;
    const { namespace, name, uid } = application;
    for (const notice of notices) this.#events.add({ namespace, name, uid }, notice);
  }

  async release(key: AppKey): Promise<void> {
    await this.#writer.patch(key, () => {
      const finalizers = this.#shelf.get(key)?.finalizers ?? [];
      const left = finalizers.filter((finalizer) => !this.#options.dialect.isOurFinalizer(finalizer));
      return left.length === finalizers.length ? undefined : this.#metadata(key, { finalizers: left });
    });
  }

  async guard(key: AppKey, finalizers: readonly string[]): Promise<void> {
    await this.#writer.patch(key, () => {
      const present = this.#shelf.get(key)?.finalizers ?? [];
      const missing = finalizers.filter((finalizer) => !present.includes(finalizer));
      return missing.length === 0 ? undefined : this.#metadata(key, { finalizers: [...present, ...missing] });
    });
  }

  async unpin(key: AppKey): Promise<void> {
    const { pinAnnotation } = this.#options.dialect;
    await this.#writer.patch(key, () => {
      if (this.#shelf.get(key)?.annotations[pinAnnotation] === undefined) return undefined;
      return this.#metadata(key, { annotations: { [pinAnnotation]: null } });
    });
  }

  async flush(): Promise<void> {
    await this.#writer.flush();
    await this.#events.flush();
    await this.#records.flush();
  }

  /** Writes what is left, for five seconds at the most, and ends. */
  async stop(): Promise<void> {
    let cancel = (): void => undefined;
    const limit = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(5000, resolve);
    });
    await Promise.race([this.flush(), limit]);
    cancel();
    this.#writer.stop();
    this.#events.stop();
    this.#records.stop();
    this.#configuration?.stop();
    this.#stopApplications();
    for (const stop of this.#stops.splice(0)) stop();
    this.#listeners.length = 0;
    this.#credentialListeners.length = 0;
  }

  #now(): Configured {
    if (this.#configuration === undefined) throw new Error('the store has not been started');
    return this.#configuration.now();
  }

  #metadata(key: AppKey, metadata: JsonObject): JsonObject {
    return { metadata: { ...this.#shelf.identity(key), ...metadata } };
  }

  #tell(change: Change): void {
    if (this.#started) for (const listener of this.#listeners) listener(change);
  }

  #configured(now: Configured, before: Configured): void {
    if (String(now.applicationNamespaces) !== String(before.applicationNamespaces)) this.#rescope();
    this.#tell({ kind: 'settings' });
    if (this.#tells) this.#tellFindings(now, before.findings);
    for (const listener of this.#credentialListeners) listener();
  }

  #tellFindings({ findings, configMap }: Configured, before: Configured['findings']): void {
    const known = new Set(before.map((one) => JSON.stringify(one)));
    for (const one of findings) {
      if (known.has(JSON.stringify(one))) continue;
      const { level, object, key, message: reason } = one;
      this.#options.log.warn('a setting has a problem', { severity: level, object, key, reason });
      const message = `${object}: ${key}: ${reason}`;
      const notice: Notice = { kind: 'condition', level: 'warning', reason: 'SettingProblem', message };
      if (configMap !== undefined) this.#events.add({ ...configMap, kind: 'ConfigMap' }, notice);
    }
  }

  /** Patterns of namespaces, beside the control namespace, in which applications may lie. */
  #patterns(): readonly string[] {
    return [...(this.#options.applicationNamespaces ?? []), ...this.#now().applicationNamespaces];
  }

  #allowed(namespace: string): boolean {
    if (namespace === this.#options.controlNamespace) return true;
    return this.#patterns().some((pattern) => this.#options.matchesName(pattern, namespace));
  }

  #watchApplications(asks = false): Promise<void> {
    const { api, controlNamespace, log } = this.#options;
    const path = applicationsPath(this.#patterns().length > 0 ? undefined : controlNamespace);
    return new Promise((resolve) => {
      this.#stopApplications = api.watch(path, {
        put: (object) => this.#put(object),
        gone: ({ namespace, name }) => this.#gone(`${namespace}/${name}`),
        synced: resolve,
        state: (message) => {
          if (message !== '') log.warn('applications cannot be watched', { path, reason: message });
          if (message !== '' && asks) void denied(api, path).then((yes) => yes && resolve());
        },
      });
    });
  }

  #rescope(): void {
    this.#stopApplications();
    for (const { key, namespace } of this.#shelf.list()) if (!this.#allowed(namespace)) this.#gone(key);
    void this.#watchApplications();
  }

  #put(object: KubeObject): void {
    const key = keyOf(object);
    if (!this.#allowed(stringAt(object.metadata, 'namespace') ?? '')) return;
    if (this.#shelf.put(object)) this.#tell({ kind: 'application', key });
  }

  #gone(key: AppKey): void {
    if (this.#shelf.remove(key)) this.#tell({ kind: 'application', key });
  }

  #watchProjects(asks: boolean): Promise<void> {
    const { api, dialect, controlNamespace, log } = this.#options;
    const path = projectsPath(controlNamespace);
    return new Promise((resolve) => {
      const stop = api.watch(path, {
        put: (object) => {
          const project = dialect.readProject(object);
          this.#projects.set(project.name, project);
          this.#tell({ kind: 'project', name: project.name });
        },
        gone: ({ name }) => {
          this.#projects.delete(name);
          this.#tell({ kind: 'project', name });
        },
        synced: resolve,
        state: (message) => {
          if (message !== '') log.warn('projects cannot be watched', { path, reason: message });
          if (message !== '' && asks) void denied(api, path).then((yes) => yes && resolve());
        },
      });
      this.#stops.push(stop);
    });
  }

  // As Argo CD does. Without the right to, the project is allowed to exist in memory alone.
  async #declareDefault(): Promise<void> {
    const { api, dialect, controlNamespace, log } = this.#options;
    try {
      await api.request('POST', projectsPath(controlNamespace), {
        body: dialect.writeAllowAllProject('default', controlNamespace),
      });
    } catch (thrown) {
      const { code, message } = asEngineError(thrown);
      if (code !== 'object-conflict') log.debug('the default project is not declared', { code, reason: message });
    }
  }
}
