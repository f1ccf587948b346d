import type {
  AppKey,
  Application,
  Destination,
  Health,
  HealthStatus,
  Hold,
  ObjectId,
  ObjectRef,
  OperationPhase,
  Project,
  ResourceReport,
  ResourceResult,
  Source,
  SyncStatus,
} from '../model/index.ts';

/** Which applications are meant. Absent fields do not narrow; lists mean "one of these". */
export type ApplicationFilter = {
  readonly keys?: readonly AppKey[];
  /** Namespace of the Application resources themselves. */
  readonly namespace?: string;
  readonly projects?: readonly string[];
  /** Equality and set requirements on labels, as in kubectl: `team=web,tier!=db,env in (a,b),!old`. */
  readonly selector?: string;
  /** Any address of the repository. */
  readonly repo?: string;
  /** The environment that verdicts name. */
  readonly environment?: string;
  readonly sync?: readonly SyncStatus[];
  readonly health?: readonly HealthStatus[];
  /** Address or name of the destination cluster. */
  readonly cluster?: string;
};

/** One application in a line: what lists show. */
export type ApplicationView = {
  readonly key: AppKey;
  readonly namespace: string;
  readonly name: string;
  readonly project: string;
  readonly dialect: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly sources: readonly Source[];
  readonly destination: Destination;
  /** False where a person has to ask for every sync. */
  readonly automated: boolean;
  readonly sync: SyncStatus;
  readonly health: Health;
  /** Since when the health is what it is, RFC 3339; '' when nobody has looked yet. */
  readonly healthSince: string;
  /** What it was last compared to, one per source. */
  readonly revisions: readonly string[];
  readonly operation?: OperationView;
  /** A sync was asked for and not picked up yet. */
  readonly requested: boolean;
  readonly refreshing: boolean;
  readonly deleting: boolean;
  /** Held at an earlier state by a rollback. */
  readonly pinned: boolean;
  readonly holds: readonly Hold[];
  readonly conditions: readonly { readonly type: string; readonly message: string; readonly since: string }[];
  /** RFC 3339, '' when nobody has looked yet. */
  readonly reconciledAt: string;
};

/** The sync that runs, or the last one that ran. */
export type OperationView = {
  readonly phase: OperationPhase;
  readonly message: string;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly retryAt?: string;
  readonly retryCount: number;
  readonly by: string;
  readonly dryRun: boolean;
  /** Which request it answers to (SyncAnswer), '' for the engine's own. */
  readonly request: string;
  readonly revisions: readonly string[];
};

/** One object of an application, with what became of it in the last sync and what it waits for. */
export type ObjectView = ResourceReport & {
  readonly id: ObjectId;
  /** The holds that name this object. */
  readonly waitsFor: readonly Hold[];
  readonly result?: ResourceResult;
};

/** Everything known of one application. */
export type ApplicationDetail = {
  readonly view: ApplicationView;
  readonly application: Application;
  readonly objects: readonly ObjectView[];
};

/** A news of a watch. `state` tells that the connection was lost (its message) or is back (''). */
export type ApplicationEvent =
  | { readonly kind: 'put'; readonly detail: ApplicationDetail }
  | { readonly kind: 'gone'; readonly key: AppKey }
  | { readonly kind: 'state'; readonly message: string };

/** A node of the tree of an application; roots have no parents among the nodes. */
export type TreeNodeView = {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly parentUids: readonly string[];
  readonly createdAt: string;
  readonly status?: SyncStatus | '';
  readonly health?: Health;
  readonly images: readonly string[];
  /** True for what belongs to no application. */
  readonly orphaned?: boolean;
};

/** What lives in the namespace of an application and belongs to no application. */
export type OrphansView = {
  /** False where the project does not ask about them (orphanedResources): nobody has looked. */
  readonly asked: boolean;
  /** The top-level objects, and everything that they own. */
  readonly nodes: readonly TreeNodeView[];
};

/** One project, and how many applications are in it. */
export type ProjectView = {
  readonly project: Project;
  readonly applications: number;
};
