import type { AppKey } from './app-key.ts';
import type { Json } from './json.ts';
import type { Report } from './report.ts';
import type { Source } from './source.ts';
import type { Operation, SyncPolicy } from './sync.ts';

export type Destination = { readonly server?: string; readonly name?: string; readonly namespace: string };

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
