// What a control plane is made of, and where each part's program lies. Plain data, so that it can be handed to a detached owner.

/** The programs of a control plane, by Kubernetes' own names. */
export type Component = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kwok';

/** Where the programs are: `official` ones by their paths, the others inside the one binary `kubebox`. */
export type Binaries = {
  /** A sentence for people: which binaries these are and where they came from. */
  readonly origin: string;
  readonly kubebox: string;
  readonly official: { readonly [component in Component]?: string };
};

/** The command line that starts a component so that it ends when its standard input closes. */
export function commandOf(binaries: Binaries, component: Component, flags: readonly string[]): readonly string[] {
  const official = binaries.official[component];
  return official === undefined
    ? [binaries.kubebox, component, ...flags]
    : [binaries.kubebox, 'own', official, ...flags];
}
