// How one apiserver is reached and as whom, whichever way it was written down: kubeconfig, service account, Argo CD Secret.
import type { Json } from '../model/index.ts';

/** A command that prints credentials (client.authentication.k8s.io). */
export type ExecPlugin = {
  readonly command: string;
  readonly args: readonly string[];
  /** Its whole environment: ours with the plugin's own on top. */
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  readonly installHint: string;
  readonly provideClusterInfo: boolean;
  readonly config?: Json;
  /** Where a relative command is looked for: the directory of the kubeconfig. */
  readonly directory?: string;
};

/** Who we are, besides a client certificate. A token file is read again, because its content rotates. */
export type Identity =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'token-file'; readonly path: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'exec'; readonly plugin: ExecPlugin };

/** Everything needed to reach an apiserver. PEM data is text; `server` is an http(s) URL, a path prefix is kept. */
export type Connection = {
  readonly server: string;
  readonly ca?: string;
  readonly insecure: boolean;
  readonly serverName?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly identity: Identity;
  readonly proxyUrl?: string;
  readonly impersonate?: { readonly user: string; readonly groups: readonly string[]; readonly uid?: string };
  /** The namespace that the context names; '' when none. */
  readonly namespace: string;
};
