import type { IgnoreRule } from './application.ts';
import { defaultVerdictRules, type VerdictRules } from './verdict.ts';

/** How an object says which application it belongs to (Argo CD's three methods). */
export type TrackingMethod = 'annotation' | 'label' | 'annotation+label';

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
  readonly maxDirectoryBytes: number;
  /** When verdicts are told, unless a project or an application says otherwise. */
  readonly verdict: Omit<VerdictRules, 'environment'>;
  readonly problems: readonly string[];
};

export type ResourceFilter = {
  readonly apiGroups: readonly string[];
  readonly kinds: readonly string[];
  readonly clusters: readonly string[];
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
  maxDirectoryBytes: 10 * 1024 * 1024,
  verdict: defaultVerdictRules,
  problems: [],
};
