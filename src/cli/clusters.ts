/** A control plane that runs in the background. */
export type ClusterView = {
  readonly name: string;
  readonly server: string;
  /** The path of its kubeconfig. */
  readonly kubeconfig: string;
  /** Which binaries it runs. */
  readonly origin: string;
  readonly nodes: number;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly startedInMs: number;
  readonly ready: boolean;
};

/** What these commands do their work through; given by the composition root. */
export type Clusters = {
  up(
    name: string,
    nodes: number,
    progress: (text: string) => void,
  ): Promise<{ cluster: ClusterView; started: boolean }>;
  down(name: string): Promise<boolean>;
  list(): Promise<readonly ClusterView[]>;
  kubeconfig(name: string): Promise<string | undefined>;
};
