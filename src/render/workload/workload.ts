/** What a workload is, whichever form it was written in: read by `read-score` and `read-short`, rendered by `objects`. */
import type { Place } from './node.ts';

/** A value of an environment variable: text, or a key of a Secret or ConfigMap that somebody else provides. */
export type Variable =
  | { readonly name: string; readonly kind: 'text'; readonly value: string }
  | { readonly name: string; readonly kind: 'secret' | 'config'; readonly from: string; readonly key: string };

export type Handler =
  | {
      readonly kind: 'http';
      readonly path: string;
      readonly port: number;
      readonly scheme: 'HTTP' | 'HTTPS';
      readonly headers: readonly { readonly name: string; readonly value: string }[];
    }
  | { readonly kind: 'tcp'; readonly port: number }
  | { readonly kind: 'exec'; readonly command: readonly string[] };

/** A file in a container. `mode` is octal text. */
export type FileMount = { readonly target: string; readonly mode?: string; readonly content: string | Uint8Array };

/** What a mount shows. */
export type VolumeSource =
  | { readonly kind: 'claim' | 'secret' | 'config'; readonly name: string }
  | { readonly kind: 'scratch'; readonly size?: string; readonly name: string };

export type Mount = {
  readonly volume: VolumeSource;
  readonly target: string;
  readonly subPath?: string;
  readonly readOnly: boolean;
};

/** Quantities as Kubernetes writes them. */
export type Amounts = { readonly cpu?: string; readonly memory?: string };

export type Container = {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly variables: readonly Variable[];
  readonly files: readonly FileMount[];
  readonly mounts: readonly Mount[];
  readonly requests: Amounts;
  readonly limits: Amounts;
  readonly liveness?: Handler;
  readonly readiness?: Handler;
};

export type Port = {
  readonly name: string;
  readonly port: number;
  readonly target: number;
  readonly protocol: 'TCP' | 'UDP';
};

/** A way in from outside. */
export type Route = {
  /** Of the Ingress. */
  readonly name: string;
  readonly host: string;
  readonly path: string;
  readonly port: number;
  readonly ingressClass?: string;
  /** Name of the Secret with the certificate. */
  readonly tls?: string;
};

/** Storage that is made for the workload. */
export type Claim = {
  readonly name: string;
  readonly size: string;
  readonly storageClass?: string;
  readonly accessMode: 'ReadWriteOnce' | 'ReadWriteMany' | 'ReadWriteOncePod';
};

/** Everything about how it runs that Score has no word for: fields of the short form, annotations in Score. */
export type Traits = {
  readonly replicas: number;
  readonly autoscale?: { readonly min: number; readonly max: number; readonly cpu: number };
  readonly size: Required<Amounts>;
  readonly ingressClass?: string;
  readonly issuer?: string;
  /** False when the Ingress speaks plain http. */
  readonly tls: boolean | string;
  /** Numeric id; the image's own user when absent. */
  readonly user?: number;
  readonly root: boolean;
  readonly writable: boolean;
  readonly serviceAccount?: string;
  readonly pullSecret?: string;
  /** Seconds between the request to end and the end. */
  readonly grace: number;
};

export type Workload = {
  readonly place: Place;
  readonly name: string;
  /** The user's own, for every object. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly containers: readonly Container[];
  readonly ports: readonly Port[];
  readonly routes: readonly Route[];
  readonly claims: readonly Claim[];
  readonly traits: Traits;
};
