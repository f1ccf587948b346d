import type { CommitFacts, SignatureFacts, Source } from '../model/index.ts';

/** An entry of a directory. `link` is a symbolic link, `module` a submodule that was not resolved. */
export type TreeEntry = {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link' | 'module';
  /** Content id: equal ids mean equal content (blob or tree hash). */
  readonly id: string;
};

/**
 * Read-only files of one revision. Paths are relative, `/`-separated, '' for the root, never with `.` or `..` segments.
 * Symbolic links inside the tree are followed by `read`, `list` and `entry`; one that leads outside is an EngineError
 * `path-outside`. Nothing is ever checked out.
 */
export type Tree = {
  /** The entry at a path after following links, undefined where there is none. The root is a directory named ''. */
  entry(path: string): Promise<TreeEntry | undefined>;
  /** The entries of a directory in byte order of their names, undefined where there is no directory. */
  list(path: string): Promise<readonly TreeEntry[] | undefined>;
  /** The bytes of a file, undefined where there is no file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** The path that `path` leads to once every link on it is followed; undefined where there is nothing. */
  realPath?(path: string): Promise<string | undefined>;
};

/** What a target revision means now. */
export type Resolved = {
  /** Full commit SHA, chart version, or `sha256:…` digest of an artifact. */
  readonly revision: string;
  /** The tag or branch it was found under, '' for a SHA. */
  readonly found: string;
  /** Set when the source does not answer and this is its last known state: since when (RFC 3339) and why. */
  readonly stale?: { readonly since: string; readonly message: string };
};

/** Who made a revision, and what they said. */
export type RevisionInfo = {
  readonly author: string;
  readonly date: string;
  readonly message: string;
  readonly tags: readonly string[];
  readonly parents: readonly string[];
};

/** A push, tag or package event, as parsed from a webhook. */
export type RepositoryEvent = {
  readonly provider: string;
  /** All addresses under which the repository may be named. */
  readonly urls: readonly string[];
  /** `refs/heads/x`, `refs/tags/x`, or a tag of a package. */
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly defaultBranch?: string;
  /** Undefined when the event does not say. */
  readonly changedFiles?: readonly string[];
};

/** Git repositories, Helm repositories and OCI registries: revisions and read-only trees. */
export type Sources = {
  /**
   * The revision that `source` targets now. From memory while the last poll is fresh; `fresh` asks again first. An
   * unreachable source answers with its last known state and `stale`; one that was never seen is an EngineError.
   */
  resolve(source: Source, project: string, options?: { readonly fresh?: boolean }): Promise<Resolved>;
  /** The files of a revision. For a chart the root of the tree is the chart's own directory. */
  open(source: Source, revision: string, project: string): Promise<Tree>;
  info(source: Source, revision: string, project: string): Promise<RevisionInfo | undefined>;
  /**
   * True when commit `ancestor` (full or short SHA) is `revision` or one of its ancestors; undefined when the repository
   * does not have either. Asks the repository again when it does not know `ancestor` yet.
   */
  descends?(
    source: Source,
    commits: { readonly ancestor: string; readonly revision: string },
    project: string,
  ): Promise<boolean | undefined>;
  /**
   * The commits that `to` has and `from` does not, newest first; without `from` the newest alone, with what it merged.
   * Signatures are checked with the keys of the settings. EngineError `revision-not-found` when either is not there,
   * `render-limit` when they are too many; undefined for what is no Git repository.
   */
  commitsBetween?(
    source: Source,
    range: { readonly from?: string; readonly to: string },
    project: string,
  ): Promise<readonly CommitFacts[] | undefined>;
  /**
   * The signature of what `revision` of a source is: of the annotated tag that the source names, else of the commit;
   * `strict` brings those of all commits before it too, back to seals by `keys`. Newest first; undefined for what is no
   * Git repository. EngineError `render-limit` when they are too many.
   */
  signatures?(
    source: Source,
    revision: string,
    asked: { readonly strict: boolean; readonly keys: readonly string[] },
    project: string,
  ): Promise<readonly SignatureFacts[] | undefined>;
  /** A chart archive from a Helm repository or registry, by name and version or range; for chart dependencies. */
  chart(
    repoURL: string,
    name: string,
    version: string,
    project: string,
  ): Promise<{ readonly version: string; readonly tree: Tree; readonly archive: Uint8Array }>;
  /** Bytes at an http(s) address (remote value files), bounded in size and time. */
  fetch(url: string, project: string): Promise<Uint8Array>;
  /** Tells of every repository whose refs have moved: by poll or by webhook. The answer is normalised, see `sameRepo`. */
  onChange(listener: (change: { readonly repo: string; readonly refs: readonly string[] }) => void): void;
  /** Looks at a repository again at once (a webhook came); resolves when its refs are known. Answers the repos concerned. */
  wake(event: RepositoryEvent): Promise<readonly string[]>;
  /** The repositories that applications use now; others are no longer polled. */
  watchOnly(sources: readonly { readonly source: Source; readonly project: string }[]): void;
  /** One normal form for all the addresses of a repository (`git@h:o/r.git`, `https://h/o/r`). */
  normalize(url: string): string;
  stop(): Promise<void>;
};

/**
 * One of Argo CD's repository or repo-creds Secrets, as data. `url` is the repository itself, or (repo-creds) the
 * prefix of every address it is for. Which one is used: the repository's own of the project, then without a project,
 * then the longest prefix.
 */
export type RepositoryCredential = {
  readonly kind: 'repository' | 'repo-creds';
  readonly url: string;
  readonly type: 'git' | 'helm' | 'oci';
  readonly name?: string;
  /** Only for applications of this project. */
  readonly project?: string;
  readonly username?: string;
  readonly password?: string;
  readonly bearerToken?: string;
  /** PEM or OpenSSH text. */
  readonly sshPrivateKey?: string;
  /** Neither the server's certificate nor its ssh host key is checked (`insecure`, `insecureIgnoreHostKey`). */
  readonly insecure: boolean;
  readonly enableLfs: boolean;
  readonly enableOCI: boolean;
  readonly insecureOCIForceHttp: boolean;
  /** PEM. */
  readonly tlsClientCertData?: string;
  /** PEM. */
  readonly tlsClientCertKey?: string;
  readonly githubApp?: {
    readonly id: string;
    /** Found by the owner of the repository when absent. */
    readonly installationId?: string;
    /** PEM. */
    readonly privateKey: string;
    /** `https://ghe.example.com/api/v3`; api.github.com when absent. */
    readonly enterpriseBaseUrl?: string;
  };
  readonly proxy?: string;
  readonly noProxy?: string;
  readonly forceHttpBasicAuth: boolean;
  /** Commits of history that are fetched; 0 is all. */
  readonly depth: number;
};

/** Which servers are trusted: argocd-tls-certs-cm and argocd-ssh-known-hosts-cm. */
export type TrustSettings = {
  /** PEM bundles by server name (with `:port` where the ConfigMap names one). */
  readonly tlsCerts: Readonly<Record<string, string>>;
  /** Lines of a known_hosts file. */
  readonly knownHosts: string;
};

/** The webhook secrets of argocd-secret; where one is absent its webhooks are not verified, as in Argo CD. */
export type WebhookSecrets = {
  /** `webhook.github.secret` */
  readonly github?: string;
  /** `webhook.gitlab.secret` */
  readonly gitlab?: string;
  /** `webhook.gogs.secret`, for Gitea too. */
  readonly gogs?: string;
  /** `webhook.bitbucketserver.secret` */
  readonly bitbucketServer?: string;
  /** `webhook.bitbucket.uuid` */
  readonly bitbucketUuid?: string;
  /** `webhook.azuredevops.username` and `.password` */
  readonly azure?: { readonly username: string; readonly password: string };
  /** `webhook.harbor.secret` */
  readonly harbor?: string;
};

/** Whose signatures count: argocd-gpg-keys-cm and plumbline-allowed-signers. */
export type SignerKeys = {
  /** Armored public keys. */
  readonly gpg: readonly string[];
  /** Lines of an OpenSSH allowed_signers file. */
  readonly ssh: string;
};
