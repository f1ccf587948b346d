/**
 * What the toolbox can do, as types: its methods, what each takes and gives back, and the files it may ask for.
 * The renderers are written against `Toolbox` alone; client.ts makes one over a process, tests may make one by hand.
 */

/** The version both sides must speak; the process says its own in the first frame and a mismatch is refused. */
export const PROTOCOL_VERSION = 1;

/** What a directory entry is. `link` is a symbolic link: whoever lists does not follow it, `stat` does. */
export type EntryKind = 'file' | 'directory' | 'link';

/** One entry of a listing. */
export type DirEntry = { readonly name: string; readonly kind: EntryKind };

/** What a path leads to once every link on it is followed: its kind, and the path that has no link left in it. */
export type FileStat = { readonly kind: 'file' | 'directory'; readonly path: string };

/**
 * The read-only tree of one request. Paths are relative to its root, with `/` and without `.` or `..`; the root is ''.
 * `read` and `list` follow links that stay inside the tree; a path that is absent, or leads outside, gives undefined.
 * Without `stat` there are no links: kinds are taken from `list`, and a `link` entry counts as absent.
 */
export type FileSource = {
  read(path: string): Promise<Uint8Array | undefined>;
  list(path: string): Promise<readonly DirEntry[] | undefined>;
  stat?(path: string): Promise<FileStat | undefined>;
};

/** Files and listings sent along with a request to spare round trips; the trace says which of them mattered. */
export type Preload = {
  readonly files?: ReadonlyMap<string, Uint8Array>;
  readonly lists?: ReadonlyMap<string, readonly DirEntry[]>;
};

/** Everything a request looked at, preloaded or asked for, misses included: with the arguments, the whole input of its result. */
export type Trace = {
  /** Files whose content was read. */
  readonly read: readonly string[];
  /** Directories whose listing was used. */
  readonly listed: readonly string[];
  /** Paths of which only the kind and the real path were used. */
  readonly statted: readonly string[];
  /** Paths that were looked for and are not there; their appearance would change the result. */
  readonly missed: readonly string[];
};

/** Limits of one request; what is left out has the default of `DEFAULT_LIMITS`. */
export type Limits = {
  /** Wall time from the moment the process has the request. */
  readonly timeMs?: number;
  /** The most bytes that the result may have. */
  readonly outputBytes?: number;
  /** The most bytes of files that may be read. */
  readonly inputBytes?: number;
};

export const DEFAULT_LIMITS = { timeMs: 60_000, outputBytes: 64 << 20, inputBytes: 128 << 20 } as const;

/** What every request may carry. `signal` gives it up: the promise rejects at once with code `cancelled`. */
export type RequestOptions = { readonly limits?: Limits; readonly signal?: AbortSignal };

/** A request that looks at files. */
export type FileRequest = RequestOptions & { readonly fs: FileSource; readonly preload?: Preload };

/** One rendered object as JSON text (integers keep all their digits), and the file or template that it came from. */
export type Doc = { readonly json: string; readonly source: string };

/** Helm values, later ones win: a file of the tree, or YAML text. */
export type HelmValues = { readonly file: string } | { readonly inline: string; readonly name?: string };

export type HelmRequest = FileRequest & {
  /** The chart: a directory of the tree, or an archive in it (`….tgz`). */
  readonly chart: string;
  readonly release: string;
  readonly namespace: string;
  /** As `--kube-version`; without it, Helm's own default. */
  readonly kubeVersion?: string;
  /** Added to Helm's built-in ones, as `--api-versions`. */
  readonly apiVersions?: readonly string[];
  readonly values?: readonly HelmValues[];
  /** `name=value` in the grammar of `--set`, in order. */
  readonly set?: readonly string[];
  /** As `--set-string`; applied after all of `set`. */
  readonly setString?: readonly string[];
  /** `name=path`, as `--set-file` with a path in the tree; applied last. */
  readonly setFile?: readonly string[];
  /** Objects of crds/ directories come first in the output. */
  readonly includeCrds?: boolean;
  readonly skipTests?: boolean;
  readonly skipSchemaValidation?: boolean;
  readonly isUpgrade?: boolean;
  /** A value file that is not there is passed over (and is in the trace as missed). */
  readonly ignoreMissingValueFiles?: boolean;
  /** Archives of the tree that stand for fetched dependencies, as if they lay in charts/. */
  readonly dependencies?: readonly string[];
  /** Files of the tree that stand for what a values schema refers to, by URL; others fail with `remote-base`. */
  readonly mounts?: Readonly<Record<string, string>>;
};

export type HelmResult = {
  /** In the order of `helm template`: CRDs, then by kind, then hooks with their annotations, and no notes. */
  readonly docs: readonly Doc[];
  readonly chart: { readonly name: string; readonly version: string; readonly appVersion: string };
  readonly trace: Trace;
};

/** A dependency that Chart.yaml asks for. `file://` ones that lie in the tree are found without help. */
export type ChartDependency = {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
  readonly alias?: string;
};

export type HelmDependenciesRequest = FileRequest & {
  readonly chart: string;
  readonly dependencies?: readonly string[];
};

/** What Chart.yaml (or requirements.yaml) asks for, what Chart.lock pins, and which of them charts/ lacks. */
export type HelmDependenciesResult = {
  readonly declared: readonly ChartDependency[];
  readonly locked: readonly ChartDependency[];
  readonly missing: readonly ChartDependency[];
  readonly trace: Trace;
};

/** One of the patches that an Application injects. */
export type KustomizePatch = {
  readonly path?: string;
  readonly patch?: string;
  readonly target?: {
    readonly group?: string;
    readonly version?: string;
    readonly kind?: string;
    readonly name?: string;
    readonly namespace?: string;
    readonly labelSelector?: string;
    readonly annotationSelector?: string;
  };
  readonly options?: Readonly<Record<string, boolean>>;
};

/** Edits of the root kustomization, made in memory as `kustomize edit set|add` would; the tree itself is not changed. */
export type KustomizeEdits = {
  readonly namePrefix?: string;
  readonly nameSuffix?: string;
  readonly namespace?: string;
  /** In the grammar of `kustomize edit set image`: `[old=]new[:tag|@digest]`. */
  readonly images?: readonly string[];
  readonly replicas?: readonly { readonly name: string; readonly count: number }[];
  readonly commonLabels?: Readonly<Record<string, string>>;
  readonly labelWithoutSelector?: boolean;
  readonly labelIncludeTemplates?: boolean;
  /** Overwrites labels that the kustomization sets already; without it, such a clash is an error. */
  readonly forceCommonLabels?: boolean;
  readonly commonAnnotations?: Readonly<Record<string, string>>;
  readonly forceCommonAnnotations?: boolean;
  readonly patches?: readonly KustomizePatch[];
  readonly components?: readonly string[];
  /** Components that are not there are passed over. */
  readonly ignoreMissingComponents?: boolean;
};

export type KustomizeRequest = FileRequest & {
  /** The directory of the kustomization. */
  readonly root: string;
  readonly edits?: KustomizeEdits;
  /** `root` (the default): files must lie in or below their kustomization. */
  readonly loadRestrictions?: 'root' | 'none';
  /** Where the trees or files of remote references are in `fs`, by the URL as written; unmounted ones fail with `remote-base`. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** As `--reorder`; without it, `sortOptions` of the kustomization or the order of its files. */
  readonly reorder?: 'legacy' | 'none';
  /** Adds the label `app.kubernetes.io/managed-by`. */
  readonly managedByLabel?: boolean;
  /** Allows `helmCharts`, and says what charts see of the cluster where the kustomization does not. */
  readonly helm?: { readonly kubeVersion?: string; readonly apiVersions?: readonly string[] };
  /** Charts that were fetched; others that are not in the tree fail with `missing-charts`. */
  readonly charts?: readonly FetchedChart[];
};

/** A chart by what the kustomization says of it, and where in the tree its archive is. */
export type FetchedChart = {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
  readonly archive: string;
};

/** `charts` is how many charts were rendered. */
export type KustomizeResult = { readonly docs: readonly Doc[]; readonly charts: number; readonly trace: Trace };

/** An external variable or top-level argument; `code` says that the value is Jsonnet and not a string. */
export type JsonnetVariable = { readonly name: string; readonly value: string; readonly code?: boolean };

export type JsonnetRequest = FileRequest & {
  readonly file: string;
  readonly extVars?: readonly JsonnetVariable[];
  readonly tlas?: readonly JsonnetVariable[];
  /** Library directories of the tree, searched last to first as `jsonnet -J`. */
  readonly libs?: readonly string[];
};

export type JsonnetResult = { readonly json: string; readonly trace: Trace };

export type YamlRequest = RequestOptions & { readonly text: Uint8Array | string; readonly name?: string };

/** One document of a stream, empty ones left out; `line` (from 1) is where it starts. */
export type YamlDoc = { readonly json: string; readonly line: number };

export type YamlResult = { readonly docs: readonly YamlDoc[] };

/** The outcome of one item of a batch. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: ToolboxErrorCode; readonly message: string };

export type TemplateRequest = RequestOptions & {
  /** Go templates, each parsed once and executed with each of `data`. */
  readonly texts: readonly string[];
  /** JSON texts; numbers are float64, as in Argo CD. */
  readonly data: readonly string[];
  /** As of `template.Option`, e.g. `missingkey=error`. */
  readonly options?: readonly string[];
};

/** `outputs[i][j]` is `texts[j]` with `data[i]`. */
export type TemplateResult = { readonly outputs: readonly (readonly Outcome<string>[])[] };

export type LuaRequest = RequestOptions & {
  readonly script: string;
  /** One run for each: `obj` (JSON text) and, for resource actions, `actionParams` (JSON text) are its globals. */
  readonly calls: readonly { readonly obj: string; readonly actionParams?: string }[];
  /** All libraries of Argo CD's useOpenLibs (never io, os.execute or the like) instead of base, table, string and os.time/date. */
  readonly openLibs?: boolean;
  /** The limit of one run, 1000 without it, as in Argo CD. */
  readonly callMs?: number;
};

/** For each call the JSON text of what the script returned (`null` for nil; an empty table is `[]`). */
export type LuaResult = { readonly results: readonly Outcome<string>[] };

export type JqRequest = RequestOptions & {
  readonly object: string;
  readonly expressions: readonly string[];
  /** `each` (the default) runs every expression on the object; `chain` gives each the first output of the one before, skipping those that fail. */
  readonly mode?: 'each' | 'chain';
  /** The limit of one expression, 1000 without it. */
  readonly callMs?: number;
};

/** `results[i]` are all outputs of expression i as JSON texts; `object` is the end of a chain (else the object as it came). */
export type JqResult = { readonly results: readonly Outcome<readonly string[]>[]; readonly object: string };

export type ExprRequest = RequestOptions & {
  readonly expressions: readonly string[];
  /** JSON object with the variables. */
  readonly env: string;
  /** What `time.Now()` says, RFC 3339; without it the clock. */
  readonly now?: string;
};

/** For each expression the JSON text of its value. */
export type ExprResult = { readonly results: readonly Outcome<string>[] };

/** The version of each library in the process, by its usual name (helm, kustomize, jsonnet, …): part of every cache key. */
export type ToolboxVersions = Readonly<Record<string, string>>;

/** The toolbox: every method rejects with a `ToolboxError` and nothing else, except with what `fs` itself threw. */
export type Toolbox = {
  helm(request: HelmRequest): Promise<HelmResult>;
  helmDependencies(request: HelmDependenciesRequest): Promise<HelmDependenciesResult>;
  kustomize(request: KustomizeRequest): Promise<KustomizeResult>;
  jsonnet(request: JsonnetRequest): Promise<JsonnetResult>;
  yaml(request: YamlRequest): Promise<YamlResult>;
  template(request: TemplateRequest): Promise<TemplateResult>;
  lua(request: LuaRequest): Promise<LuaResult>;
  jq(request: JqRequest): Promise<JqResult>;
  expr(request: ExprRequest): Promise<ExprResult>;
  /** Starts the process if need be. */
  versions(): Promise<ToolboxVersions>;
  /** Stops all processes; requests under way reject with `closed`. */
  close(): Promise<void>;
};

/** Why a request failed; stable, for people and programs to act on. */
export type ToolboxErrorCode =
  // limits and the process itself
  | 'timeout'
  | 'memory'
  | 'input-limit'
  | 'output-limit'
  | 'crashed'
  | 'cancelled'
  | 'closed'
  | 'spawn'
  | 'protocol'
  // the request
  | 'bad-request'
  | 'unsupported'
  | 'not-found'
  // what the sources say
  | 'yaml'
  | 'chart'
  | 'values'
  | 'schema'
  | 'kube-version'
  | 'missing-dependencies'
  | 'missing-charts'
  | 'template'
  | 'kustomization'
  | 'remote-base'
  | 'load-restriction'
  | 'cycle'
  | 'jsonnet'
  | 'lua'
  | 'jq'
  | 'expr';

/** What is known about a failure beyond its code; `file` is a path of the tree where the library names one. */
export type ToolboxErrorDetails = {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** With `remote-base`: the reference as written, and all that were found with it. */
  readonly url?: string;
  readonly urls?: readonly string[];
  /** With `missing-dependencies` and `missing-charts`. */
  readonly dependencies?: readonly ChartDependency[];
};

/** The one error of the toolbox. Messages are one line and name no secret. */
export class ToolboxError extends Error {
  readonly code: ToolboxErrorCode;
  readonly details: ToolboxErrorDetails;
  /** What was looked at before the failure: as long as that stays, so does the failure (unless a limit was hit). */
  readonly trace: Trace | undefined;

  constructor(
    code: ToolboxErrorCode,
    message: string,
    details: ToolboxErrorDetails = {},
    options?: ErrorOptions,
    trace?: Trace,
  ) {
    super(message, options);
    this.name = 'ToolboxError';
    this.code = code;
    this.details = details;
    this.trace = trace;
  }
}
