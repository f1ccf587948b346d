import type {
  Application,
  Health,
  JsonObject,
  Manifest,
  RenderSettings,
  SettingFinding,
  Source,
} from '../model/index.ts';
import type { ObjectChange } from './changes.ts';

/** What is rendered, for whom. */
export type RenderInput = {
  readonly application: {
    readonly name: string;
    readonly namespace: string;
    readonly project: string;
    readonly trackingName: string;
    readonly destinationNamespace: string;
    /** Picks the overlays of workloads; the destination namespace when absent. */
    readonly environment?: string;
  };
  readonly sources: readonly Source[];
  /** Instead of the sources' target revisions, one per source; '' keeps the target. */
  readonly revisions?: readonly string[];
  /** `v1.37.0`; the toolbox's own version when absent. */
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  /** Of the engine that will render it; without them, Argo CD's defaults and `config`. */
  readonly settings?: RenderSettings;
  /** The data of an argocd-cm. */
  readonly config?: Readonly<Record<string, string>>;
  /** Sources of these repositories are read from a directory as it lies there, uncommitted changes included. */
  readonly workingTrees?: readonly { readonly repoURL: string; readonly root: string }[];
};

export type RenderOutput = {
  /** In the order of the sources, without tracking. */
  readonly manifests: readonly Manifest[];
  /** One per source; `working-tree` for a directory. */
  readonly revisions: readonly string[];
  readonly sourceTypes: readonly string[];
  readonly warnings: readonly { readonly type: string; readonly message: string }[];
};

/** A directory that belongs to a Git working tree. */
export type WorkingTree = {
  /** Absolute path of its root. */
  readonly root: string;
  /** The directory below the root, '' for the root itself. */
  readonly path: string;
  /** Full SHA, '' before the first commit. */
  readonly head: string;
  /** '' when detached. */
  readonly branch: string;
  readonly dirty: boolean;
  readonly remotes: readonly { readonly name: string; readonly url: string }[];
};

/** The health of objects, in their order; undefined where a kind says nothing about it. */
export type HealthAnswer = {
  readonly health: readonly (Health | undefined)[];
  /** Settings that cannot be read. */
  readonly problems: readonly string[];
};

/** Rendering and comparing without a cluster, on the machine where the command runs. */
export type Workbench = {
  /** EngineErrors name file and line in `about` where known. */
  render(input: RenderInput): Promise<RenderOutput>;
  /** What leads from one set of manifests to another; values of Secrets are masked. Only objects that differ. */
  compare(from: readonly Manifest[], to: readonly Manifest[]): readonly ObjectChange[];
  /** Reads Application resources of any dialect; others are ignored. */
  readApplications(resources: readonly JsonObject[]): readonly Application[];
  /** The objects of a YAML or JSON text as the engine reads them; items of lists one by one. */
  readObjects(text: string, file: string): Promise<readonly JsonObject[]>;
  /** Judges objects as they are written down. `config` is the data of an argocd-cm with checks of the user's own. */
  health(objects: readonly JsonObject[], config: Readonly<Record<string, string>>): Promise<HealthAnswer>;
  /** What people have to know of settings: ConfigMaps and Secrets of Argo CD. */
  checkSettings(resources: readonly JsonObject[]): Promise<readonly SettingFinding[]>;
  /** The working tree around a directory, undefined where there is none. */
  workingTree(directory: string): Promise<WorkingTree | undefined>;
  /** The full SHA that the working tree around `directory` knows under this name, undefined where it knows none. */
  localCommit(directory: string, name: string): Promise<string | undefined>;
  /** True when both addresses name one repository. */
  sameRepository(a: string, b: string): boolean;
  close(): Promise<void>;
};
