/** A rule about kinds: group and kind are globs; name too where given. */
export type KindRule = { readonly group: string; readonly kind: string; readonly name?: string };

/** When syncs are allowed or denied (Argo CD's sync windows). */
export type SyncWindow = {
  readonly kind: 'allow' | 'deny';
  /** Five-field cron expression. */
  readonly schedule: string;
  /** Length, ms. */
  readonly duration: number;
  readonly applications: readonly string[];
  readonly namespaces: readonly string[];
  readonly clusters: readonly string[];
  readonly manualSync: boolean;
  readonly andOperator: boolean;
  readonly syncOverrun: boolean;
  readonly timeZone: string;
  readonly description: string;
};

/** Which signatures the commits of some repositories need. `repos` are globs over addresses, `!` takes out; the first policy that fits counts. */
export type IntegrityPolicy = {
  readonly repos: readonly string[];
  /** `head`: of the tag or commit that is deployed; `strict`: of everything before it too, back to a seal. */
  readonly mode: 'none' | 'head' | 'strict';
  /** Whose signatures count: ids or fingerprints of GPG keys, `SHA256:` fingerprints or principals of SSH keys. */
  readonly keys: readonly string[];
};

/** What the applications of a project may do. Lists keep their order; `!` entries deny. */
export type Project = {
  readonly name: string;
  readonly description: string;
  readonly sourceRepos: readonly string[];
  readonly destinations: readonly { readonly server?: string; readonly name?: string; readonly namespace: string }[];
  readonly clusterAllow: readonly KindRule[];
  readonly clusterDeny: readonly KindRule[];
  /** Absent means that every namespaced kind is allowed. */
  readonly namespaceAllow?: readonly KindRule[];
  readonly namespaceDeny: readonly KindRule[];
  readonly sourceNamespaces: readonly string[];
  readonly orphaned?: { readonly warn: boolean; readonly ignore: readonly KindRule[] };
  readonly windows: readonly SyncWindow[];
  readonly permitOnlyProjectScopedClusters: boolean;
  readonly destinationServiceAccounts: readonly {
    readonly server: string;
    readonly namespace: string;
    readonly serviceAccount: string;
  }[];
  /** Absent where signatures do not matter. */
  readonly integrity?: readonly IntegrityPolicy[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly problems: readonly string[];
};
