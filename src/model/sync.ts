import type { Source } from './source.ts';

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
