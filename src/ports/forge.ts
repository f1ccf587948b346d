/** The forges whose API is known. Forgejo speaks Gitea's. */
export type ForgeKind = 'github' | 'gitlab' | 'gitea' | 'bitbucket' | 'bitbucket-server' | 'azure';

/** A forge under a name of its own (`plumbline.forges`). `api` is the address of its API where it is not the usual one. */
export type ForgeSetting = { readonly host: string; readonly kind: ForgeKind; readonly api?: string };

/** One request to a forge; `url` is absolute. */
export type ForgeRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent to the origin of `url` only, never after a redirect to another. */
  readonly authorization?: string;
  readonly body?: string;
};

/** Header names are lower case. */
export type ForgeAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

/** The forge of one repository: where it is, and who we are there. Holds secrets: never to be logged or shown. */
export type ForgeAccess = {
  readonly scheme: 'https' | 'http';
  /** Lower case, with its port where the repository's web address has one. */
  readonly host: string;
  /** `owner/name`, as the address of the repository has it. */
  readonly path: string;
  readonly username?: string;
  /** Password or token. */
  readonly token?: string;
  /** The API of a GitHub Enterprise server, when the credential names it. */
  readonly api?: string;
  /** Sends with the TLS trust and the proxy of the repository. Throws EngineError `repo-unreachable` or `repo-config`. */
  send(request: ForgeRequest): Promise<ForgeAnswer>;
};

/** How the forge of a repository is reached; undefined for repositories that are on none (files). */
export type ForgeLogin = (repoURL: string, project: string) => Promise<ForgeAccess | undefined>;
