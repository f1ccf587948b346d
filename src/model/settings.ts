import type { IgnoreRule } from './application.ts';
import { defaultVerdictRules, type VerdictRules } from './verdict.ts';

/** How an object says which application it belongs to (Argo CD's three methods). */
export type TrackingMethod = 'annotation' | 'label' | 'annotation+label';

/** A project that others inherit from: those with all of these labels for which all of the expressions hold. */
export type GlobalProject = {
  readonly project: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly expressions?: readonly LabelExpression[];
};

/** One of Kubernetes' `matchExpressions`. */
export type LabelExpression = {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
};

/** System-wide settings, read from argocd-cm and its siblings, with Argo CD's defaults. */
export type Settings = {
  readonly trackingMethod: TrackingMethod;
  readonly instanceLabelKey: string;
  readonly installationId: string;
  /** Pause between polls of a repository, ms, and the most that is added at random. */
  readonly pollInterval: number;
  readonly pollJitter: number;
  readonly ignoreDifferences: readonly IgnoreRule[];
  readonly exclusions: readonly ResourceFilter[];
  readonly inclusions: readonly ResourceFilter[];
  readonly helmEnabled: boolean;
  readonly kustomizeEnabled: boolean;
  readonly jsonnetEnabled: boolean;
  readonly helmValuesFileSchemes: readonly string[];
  readonly kustomizeBuildOptions: string;
  /** Instead of these, for applications that name a version of Kustomize (`kustomize.buildOptions.<version>`). */
  readonly kustomizeVersions: Readonly<Record<string, string>>;
  readonly maxDirectoryBytes: number;
  /** When verdicts are told, unless a project or an application says otherwise. */
  readonly verdict: Omit<VerdictRules, 'environment'>;
  /** Silent times, as `<cron> <duration> [zone]`, parted by `;` or lines. */
  readonly silent?: string;
  /** Health checks that people wrote: `resource.customizations.health.*`; exact kinds before wildcards. */
  readonly healthScripts: readonly HealthScript[];
  /** Actions that people wrote: `resource.customizations.actions.*`. */
  readonly actions: readonly ActionSettings[];
  /** Whose `status` does not count when it stands in Git (`resource.compareoptions`). */
  readonly ignoreStatus: 'all' | 'crd' | 'none';
  /** Annotations of Secrets whose values are masked too (`resource.sensitive.mask.annotations`). */
  readonly sensitiveAnnotations: readonly string[];
  /** Writes are made in the name of the project's service account for the destination. */
  readonly impersonation: boolean;
  /** Projects whose lists others inherit by their labels. */
  readonly globalProjects: readonly GlobalProject[];
  readonly problems: readonly string[];
};

/** The settings that decide what sources render to. */
export type RenderSettings = Pick<
  Settings,
  | 'helmEnabled'
  | 'kustomizeEnabled'
  | 'jsonnetEnabled'
  | 'helmValuesFileSchemes'
  | 'kustomizeBuildOptions'
  | 'kustomizeVersions'
  | 'maxDirectoryBytes'
>;

/** The rendering part of all settings. */
export function renderSettingsOf(settings: Settings): RenderSettings {
  const { helmEnabled, kustomizeEnabled, jsonnetEnabled, helmValuesFileSchemes } = settings;
  const { kustomizeBuildOptions, kustomizeVersions, maxDirectoryBytes } = settings;
  const kustomize = { kustomizeEnabled, kustomizeBuildOptions, kustomizeVersions };
  return { helmEnabled, helmValuesFileSchemes, jsonnetEnabled, maxDirectoryBytes, ...kustomize };
}

/** A health check in Lua for one kind; `group` and `kind` may be globs. */
export type HealthScript = {
  readonly group: string;
  readonly kind: string;
  readonly script: string;
  /** All of Lua's harmless libraries, not only the basic ones (`useOpenLibs`). */
  readonly openLibs: boolean;
};

/** Actions for one kind, in Lua; `group` and `kind` may be globs. */
export type ActionSettings = {
  readonly group: string;
  readonly kind: string;
  /** Returns a table of the actions that an object has now; '' offers all definitions. */
  readonly discovery: string;
  readonly definitions: readonly { readonly name: string; readonly script: string }[];
  /** Our own actions for the kind stay beside these. */
  readonly mergeBuiltin: boolean;
};

export type ResourceFilter = {
  readonly apiGroups: readonly string[];
  readonly kinds: readonly string[];
  readonly clusters: readonly string[];
};

/** Something that people have to know of a setting: `error` is not used, `warning` is most likely a mistake. */
export type SettingFinding = {
  readonly level: 'error' | 'warning' | 'info';
  /** The ConfigMap, or `Secret NAME`. */
  readonly object: string;
  readonly key: string;
  /** One line, without the value where that may be a secret. */
  readonly message: string;
};

/** Argo CD's defaults. */
export const defaultSettings: Settings = {
  trackingMethod: 'annotation',
  instanceLabelKey: 'app.kubernetes.io/instance',
  installationId: '',
  pollInterval: 120_000,
  pollJitter: 60_000,
  ignoreDifferences: [],
  exclusions: [],
  inclusions: [],
  helmEnabled: true,
  kustomizeEnabled: true,
  jsonnetEnabled: true,
  helmValuesFileSchemes: ['http', 'https'],
  kustomizeBuildOptions: '',
  kustomizeVersions: {},
  maxDirectoryBytes: 10 * 1024 * 1024,
  verdict: defaultVerdictRules,
  healthScripts: [],
  actions: [],
  ignoreStatus: 'all',
  sensitiveAnnotations: [],
  impersonation: false,
  globalProjects: [],
  problems: [],
};
