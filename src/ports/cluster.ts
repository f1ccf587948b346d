import type {
  Destination,
  Json,
  JsonObject,
  KubeObject,
  LiveObject,
  Manifest,
  ObjectId,
  ObjectRef,
  Prediction,
  Resident,
  Settings,
} from '../model/index.ts';

/** What a cluster knows of a kind. */
export type KindInfo = {
  readonly namespaced: boolean;
  readonly plural: string;
  readonly version: string;
  readonly verbs: readonly string[];
};

/** How a write is made. */
export type ApplyOptions = {
  readonly how: 'server-side' | 'client-side' | 'replace' | 'recreate' | 'create';
  readonly dryRun: boolean;
  readonly validate: boolean;
  /** Take over fields of kubectl, Helm and other GitOps engines before applying. */
  readonly migrateManagers: boolean;
  /** The manifest leaves alone what does not count: its prediction is another than that of the whole one. */
  readonly spared?: boolean;
  /** With `recreate`: only what cannot be changed in place is made anew. */
  readonly inPlace?: boolean;
  /** The user in whose name it is written (`system:serviceaccount:<namespace>:<name>`); the engine's own when absent. */
  readonly as?: string;
};

/** What the server made of a write. */
export type Applied = {
  readonly kind: 'created' | 'configured' | 'unchanged';
  readonly live: LiveObject;
};

/** The live side of one application, from memory. */
export type Observation = {
  /** Objects tracked as the application's, and those asked for by id even when they are not tracked as its own. */
  readonly objects: ReadonlyMap<ObjectId, LiveObject>;
  /** Kinds that were asked for and that the cluster does not know. */
  readonly unknownKinds: readonly string[];
};

/** A node of the tree of an application: a live object and its place below its owners. */
export type TreeNode = {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly parentUids: readonly string[];
  readonly createdAt: string;
  readonly health?: LiveObject['health'];
  readonly images: readonly string[];
  readonly resourceVersion: string;
};

/**
 * One Kubernetes cluster. Reads come from watches; requests are made only for writes, dry runs and whole objects.
 * Every failure is an EngineError: `cluster-unreachable` and `throttled` may be tried again, `object-rejected` not.
 */
export type Cluster = {
  /** The server's address as Argo CD writes it (`https://kubernetes.default.svc` for its own). */
  readonly server: string;
  readonly name: string;
  /** The project that alone may use it; absent or '' when all may. */
  readonly project?: string;
  /** Version and API versions, from discovery; refreshed when CRDs come and go. */
  version(): Promise<{ readonly kubeVersion: string; readonly apiVersions: readonly string[] }>;
  /** The kind by group and kind, the preferred version unless given; undefined when the cluster does not know it. */
  kind(group: string, kind: string, version?: string): Promise<KindInfo | undefined>;
  /**
   * The live objects of an application. The first call for a kind starts its watch and resolves when it is complete,
   * later ones answer from memory without a request.
   */
  observe(want: { readonly tracking: string; readonly refs: readonly ObjectRef[] }): Promise<Observation>;
  /** Dry-runs a manifest and says what would change. `same` is remembered, so that LiveObject.matches is set after. */
  predict(manifest: Manifest, options: Omit<ApplyOptions, 'dryRun'>): Promise<Prediction>;
  /** Writes a manifest; an answer is remembered, so that LiveObject.matches is its digest from then on. */
  apply(manifest: Manifest, options: ApplyOptions): Promise<Applied>;
  /** Deletes an object if it still has `uid`; gone already is fine. */
  delete(
    ref: ObjectRef,
    options: {
      readonly uid?: string;
      readonly propagation: 'foreground' | 'background' | 'orphan';
      readonly dryRun?: boolean;
      readonly as?: string;
      /** A finalizer that is taken off first. */
      readonly without?: string;
    },
  ): Promise<void>;
  /** Patches an object (a JSON merge patch, its status included) if it still has `uid`: what a person's action asks for. */
  change?(ref: ObjectRef, patch: JsonObject, how: { readonly uid: string; readonly as?: string }): Promise<void>;
  /** The whole live object, undefined when there is none. */
  read(ref: ObjectRef): Promise<KubeObject | undefined>;
  /** The user as whom the cluster knows us. */
  whoAmI?(): Promise<string>;
  /** The objects of an application, those residents, and everything they own, live. */
  tree(tracking: string, roots: readonly ObjectRef[], residents?: readonly Resident[]): Promise<readonly TreeNode[]>;
  /**
   * The top-level objects of a namespace, whoever's they are. Where it is followed (Clusters.follow) they come from
   * memory: the same list as long as nothing has changed; later while they are not known yet (that promise never
   * fails). Elsewhere somebody goes and looks.
   */
  residents(namespace: string): readonly Resident[] | Promise<readonly Resident[]>;
  events(ref: ObjectRef, uid?: string): Promise<readonly KubeObject[]>;
  logs(ref: {
    readonly namespace: string;
    readonly pod: string;
    readonly container?: string;
    readonly tailLines?: number;
  }): Promise<string>;
  stop(): Promise<void>;
};

/**
 * A change of a live object that may matter to an application: never for echoes of our own writes. `residents` is about
 * a Namespace that is followed: somebody who belongs to no application has come or gone.
 */
export type LiveEvent = {
  readonly server: string;
  readonly id: ObjectId;
  /** Tracking names concerned: as the object says now, and as it said before. */
  readonly tracking: readonly string[];
  readonly what: 'drift' | 'health' | 'gone' | 'appeared' | 'kinds' | 'residents';
};

/** All clusters that are known. */
export type Clusters = {
  /** EngineError `cluster-not-found` when nothing matches; says when several do. */
  get(destination: Destination, project: string): Promise<Cluster>;
  list(): readonly {
    readonly server: string;
    readonly name: string;
    readonly connected: boolean;
    readonly message: string;
  }[];
  onEvent(listener: (event: LiveEvent) => void): void;
  /** Keeps the residents of these destinations' namespaces in memory, and of no others: replaces what was asked before. */
  follow(wanted: readonly { readonly destination: Destination; readonly project: string }[]): void;
  /** Settings that decide tracking and what is watched; a change takes effect at once. */
  configure(settings: Settings): void;
  stop(): Promise<void>;
};

/**
 * How a cluster is reached, in the words of Argo CD's cluster Secrets; the store fills it, the cluster room uses it.
 * PEM data is text (already base64-decoded). Every field comes from outside and is checked where it is used.
 */
export type ClusterCredential = {
  readonly name: string;
  readonly server: string;
  /** Empty means all namespaces. */
  readonly namespaces: readonly string[];
  /** With `namespaces`: cluster-scoped objects may be handled too. */
  readonly clusterResources: boolean;
  /** Usable only by applications of this project; '' by all. */
  readonly project: string;
  readonly username?: string;
  readonly password?: string;
  readonly bearerToken?: string;
  readonly insecure?: boolean;
  /** Name expected in the server's certificate, and sent as SNI. */
  readonly serverName?: string;
  readonly caData?: string;
  readonly certData?: string;
  readonly keyData?: string;
  readonly proxyUrl?: string;
  readonly exec?: {
    readonly command: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly apiVersion: string;
    readonly installHint?: string;
    readonly provideClusterInfo?: boolean;
    readonly config?: Json;
  };
  /** Changes whenever any of the above does: the connection is made anew. */
  readonly digest: string;
  /** What cannot be read of it; such a cluster is listed and never connected. */
  readonly problem?: string;
};
