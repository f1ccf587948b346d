import type {
  AppKey,
  Application,
  JsonObject,
  KubeObject,
  Notice,
  Project,
  SettingFinding,
  Settings,
} from '../model/index.ts';

/** A change of an application, saved reports included. `state` tells that the connection was lost or is back (''). */
export type DeskEvent =
  | { readonly kind: 'put'; readonly application: Application }
  | { readonly kind: 'gone'; readonly key: AppKey }
  /** Every application that exists has been told. Once. */
  | { readonly kind: 'synced' }
  | { readonly kind: 'state'; readonly message: string };

/** Settings as they are understood, and what people have to know of them. */
export type CheckedSettings = { readonly settings: Settings; readonly findings: readonly SettingFinding[] };

/** A program of an Argo CD installation. */
export type InstalledProgram = {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly name: string;
  readonly replicas: number;
  readonly running: number;
  readonly image: string;
  /** True for the application controller, which writes to clusters. */
  readonly writes: boolean;
};

/**
 * Where people's wishes are written down, and read back: Applications and projects as resources. Unlike Store it
 * keeps nothing. Failures are EngineErrors; `not-found` where a resource does not exist.
 */
export type Desk = {
  applications(namespace?: string): Promise<readonly Application[]>;
  application(key: AppKey): Promise<Application>;
  /** The resource as it is stored. */
  resource(key: AppKey): Promise<KubeObject>;
  resources(namespace?: string): Promise<readonly KubeObject[]>;
  /** EngineError `already-exists`; `object-rejected` when the API server does not accept it. */
  createApplication(resource: KubeObject): Promise<Application>;
  /**
   * A JSON merge patch (RFC 7396). With a `resourceVersion` in the patch's metadata it is an EngineError
   * `object-conflict` when somebody was faster.
   */
  patchApplication(key: AppKey, patch: JsonObject): Promise<Application>;
  deleteApplication(key: AppKey): Promise<void>;
  /** Writes an Event about an application, as of `at` (ms since the epoch). */
  tell?(app: Pick<Application, 'namespace' | 'name' | 'uid'>, notice: Notice, at: number): Promise<void>;
  projects(): Promise<readonly Project[]>;
  /** A JSON merge patch of a project. EngineError `not-found` when nobody declared it. */
  patchProject?(name: string, patch: JsonObject): Promise<Project>;
  /** What the settings of the control namespace mean, and what is wrong with them. */
  settings?(): Promise<CheckedSettings>;
  /** The programs of an Argo CD in the control namespace, and how many ApplicationSets they look after. */
  installation?(): Promise<{ readonly programs: readonly InstalledProgram[]; readonly applicationSets: number }>;
  /** Stops a program of Argo CD (how many ran is kept on it), or starts as many again. */
  setRunning?(program: InstalledProgram, running: boolean): Promise<void>;
  /** Tells every application, then every change, until the answer is called. */
  watch(namespace: string | undefined, listener: (event: DeskEvent) => void): () => void;
};
