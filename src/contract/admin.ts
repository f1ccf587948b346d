import type { AppKey, SettingFinding } from '../model/index.ts';

/** A program of an Argo CD installation. */
export type Component = {
  readonly kind: 'Deployment' | 'StatefulSet';
  readonly name: string;
  /** How many are wanted, and how many run. */
  readonly replicas: number;
  readonly running: number;
  readonly image: string;
  /** True for the application controller: it writes to clusters, and so would two engines. */
  readonly writes: boolean;
};

/** How the objects of an application compare with what is live. */
export type ObjectTally = {
  /** They equal their manifests: nothing is written when they are taken over. */
  readonly same: number;
  readonly update: number;
  readonly create: number;
  readonly prune: number;
  /** Rejected by the server, of an unknown kind, or owned by another application. */
  readonly hindered: number;
  /** Those of `update` that differ in nothing but the mark of their application. */
  readonly onlyTracking: number;
};

/** One application of a running Argo CD, as it would be taken over. */
export type ImportedApplication = {
  readonly key: AppKey;
  /** True when a sync would start by itself. */
  readonly automated: boolean;
  /** What is not supported (`warning`), or worth knowing (`info`). */
  readonly notes: readonly { readonly level: 'warning' | 'info'; readonly message: string }[];
  readonly objects: ObjectTally;
  /** Why it cannot be compared. */
  readonly error?: string;
};

/** What taking a running Argo CD over would mean. Nothing has been written for it. */
export type ImportReport = {
  readonly components: readonly Component[];
  /** ApplicationSets: their controller may go on running. */
  readonly applicationSets: number;
  readonly findings: readonly SettingFinding[];
  readonly applications: readonly ImportedApplication[];
  /** What to do first, one sentence each. */
  readonly advice: readonly string[];
};
