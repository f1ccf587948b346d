import type { JsonObject } from './json.ts';

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
  /** Picks the build options of that version; what builds is the version that is built in. */
  readonly version?: string;
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
