import type { Json, JsonObject } from './json.ts';
import type { Report } from './report.ts';

/** `namespace/name` of an application's own resource: the key of the queue and of every map of applications. */
export type AppKey = string;

/** One place that manifests come from. Every dialect translates into this; options are typed, never strings. */
export type Source = {
  readonly repoURL: string;
  /** A path in a repository; '' for its root. Absent for a chart. */
  readonly path?: string;
  /** Branch, tag, SHA, semver range or chart version; '' is the default branch. */
  readonly targetRevision: string;
  /** Only tags with this prefix are candidates of a semver range; it is cut before they are compared. */
  readonly tagPrefix?: string;
  /** Name of a chart in a Helm repository. */
  readonly chart?: string;
  /** The name under which other sources reach this one's files (`$name/path`). */
  readonly ref?: string;
  readonly name?: string;
  readonly directory?: DirectoryOptions;
  readonly helm?: HelmOptions;
  readonly kustomize?: KustomizeOptions;
  readonly plugin?: JsonObject;
};

export type DirectoryOptions = {
  readonly recurse: boolean;
  readonly include?: string;
  readonly exclude?: string;
  readonly jsonnet?: {
    readonly extVars: readonly JsonnetVar[];
    readonly tlas: readonly JsonnetVar[];
    readonly libs: readonly string[];
  };
};

export type JsonnetVar = { readonly name: string; readonly value: string; readonly code: boolean };

export type HelmOptions = {
  readonly valueFiles: readonly string[];
  readonly values?: string;
  readonly valuesObject?: JsonObject;
  readonly parameters: readonly { readonly name: string; readonly value: string; readonly forceString: boolean }[];
  readonly fileParameters: readonly { readonly name: string; readonly path: string }[];
  readonly releaseName?: string;
  readonly namespace?: string;
  readonly passCredentials: boolean;
  readonly ignoreMissingValueFiles: boolean;
  readonly skipCrds: boolean;
  readonly skipTests: boolean;
  readonly skipSchemaValidation: boolean;
  readonly kubeVersion?: string;
  readonly apiVersions: readonly string[];
};

export type KustomizeOptions = {
  readonly namePrefix?: string;
  readonly nameSuffix?: string;
  /** As in `kustomize edit set image`: `name=newname:tag`, `name:tag`, `name@digest`. */
  readonly images: readonly string[];
  readonly replicas: readonly { readonly name: string; readonly count: number }[];
  readonly namespace?: string;
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly labelWithoutSelector: boolean;
  readonly labelIncludeTemplates: boolean;
  readonly forceCommonLabels: boolean;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly commonAnnotationsEnvsubst: boolean;
  readonly forceCommonAnnotations: boolean;
  readonly patches: readonly JsonObject[];
  readonly components: readonly string[];
  readonly ignoreMissingComponents: boolean;
  readonly kubeVersion?: string;
  readonly apiVersions: readonly string[];
};

export type Destination = { readonly server?: string; readonly name?: string; readonly namespace: string };

/** What a sync does beyond applying; the peers' strings (`Replace=true`) are translated in `dialects/`. */
export type SyncOptions = {
  readonly validate: boolean;
  readonly createNamespace: boolean;
  readonly prunePropagation: 'foreground' | 'background' | 'orphan';
  readonly pruneLast: boolean;
  readonly replace: boolean;
  readonly force: boolean;
  /** False asks for the three-way apply of kubectl instead of server-side apply. */
  readonly serverSideApply: boolean;
  readonly migrateManagers: boolean;
  readonly applyOutOfSyncOnly: boolean;
  readonly respectIgnoreDifferences: boolean;
  readonly failOnSharedResource: boolean;
  readonly skipDryRunOnMissingResource: boolean;
  readonly prune: 'yes' | 'no' | 'confirm';
  readonly delete: 'yes' | 'no' | 'confirm';
};

export type RetryPolicy = {
  /** Attempts after the first; negative is without end. */
  readonly limit: number;
  /** First pause, ms. */
  readonly delay: number;
  readonly factor: number;
  /** Longest pause, ms. */
  readonly maxDelay: number;
  /** Each attempt takes the newest revision. */
  readonly refresh: boolean;
};

export type SyncPolicy = {
  readonly automated?: { readonly prune: boolean; readonly selfHeal: boolean; readonly allowEmpty: boolean };
  readonly options: SyncOptions;
  readonly retry?: RetryPolicy;
  readonly managedNamespaceMetadata?: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
};

/** Differences that do not count; '' and '*' match everything, other patterns are globs. */
export type IgnoreRule = {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly jsonPointers: readonly string[];
  readonly jqPathExpressions: readonly string[];
  readonly managers: readonly string[];
};

/** A sync that somebody (or the policy) asked for. */
export type Operation = {
  readonly id: string;
  readonly initiatedBy: { readonly username: string; readonly automated: boolean };
  /** One per source; empty means whatever the application targets. */
  readonly revisions: readonly string[];
  /** Replaces the application's sources (a rollback does). */
  readonly sources?: readonly Source[];
  readonly prune: boolean;
  readonly dryRun: boolean;
  /** Apply only these; absent means all. */
  readonly only?: readonly {
    readonly group: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  }[];
  readonly options?: SyncOptions;
  readonly force: boolean;
  readonly retry?: RetryPolicy;
  readonly info: readonly { readonly name: string; readonly value: string }[];
  /** Manifests sent along instead of rendered ones (`--local`). */
  readonly manifests?: readonly string[];
  /** Asked to end at the next pass. */
  readonly terminate?: boolean;
};

/** A rollback that holds against automated sync until Git moves past `untilRevisionChangesFrom`, or it is lifted. */
export type Pin = {
  readonly sources: readonly Source[];
  readonly revisions: readonly string[];
  readonly untilRevisionChangesFrom: readonly string[];
  readonly by: string;
  readonly reason: string;
};

/** What a person declared: one application, in the words of the engine, whatever dialect it was written in. */
export type Application = {
  readonly key: AppKey;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly dialect: string;
  /** The name under which its objects are tracked. */
  readonly trackingName: string;
  readonly project: string;
  readonly sources: readonly Source[];
  readonly destination: Destination;
  readonly syncPolicy: SyncPolicy;
  readonly ignoreDifferences: readonly IgnoreRule[];
  readonly info: readonly { readonly name: string; readonly value: string }[];
  readonly revisionHistoryLimit: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
  /** A sync that was asked for and not picked up yet. */
  readonly operation?: Operation;
  readonly refresh?: 'normal' | 'hard';
  readonly skipReconcile: boolean;
  readonly pin?: Pin;
  /** Set while the application is being deleted. */
  readonly deletion?: { readonly requestedAt: string; readonly cascade: 'none' | 'foreground' | 'background' };
  /** Changes whenever something a person may write changes; status writes do not change it. */
  readonly intentDigest: string;
  /** The last report that was saved, absent for a new application. */
  readonly report?: Report;
  /** Problems of the form of the resource itself; an application with any is not reconciled. */
  readonly problems: readonly string[];
  /** The spec as it was written, for `comparedTo` and for people. */
  readonly rawSpec: Json;
};
