import type { Application, Manifest, Settings, Source } from '../model/index.ts';

/** What a rendering depends on besides the files. */
export type RenderRequest = {
  readonly application: Pick<Application, 'name' | 'namespace' | 'project' | 'trackingName'> & {
    readonly destinationNamespace: string;
    /** The environment that the application says it is in; the destination namespace is taken for it when absent. */
    readonly environment?: string;
  };
  readonly sources: readonly Source[];
  /** One per source. */
  readonly revisions: readonly string[];
  readonly kubeVersion: string;
  /** `apps/v1` and `apps/v1/Deployment` forms, as Helm's --api-versions takes them. */
  readonly apiVersions: readonly string[];
  readonly settings: Settings;
};

export type Rendered = {
  /** In the order of the sources, without tracking and without defaulted namespaces. */
  readonly manifests: readonly Manifest[];
  /** Hash over all manifests in order. */
  readonly digest: string;
  /** `Directory`, `Helm`, `Kustomize`, `Plugin`: one per source. */
  readonly sourceTypes: readonly string[];
  /** Things worth a condition: duplicate objects, duplicate keys. */
  readonly warnings: readonly { readonly type: string; readonly message: string }[];
  /**
   * What was taken from elsewhere by an address or a range, not by a commit or a complete version: remote bases at a
   * branch, charts in a range, files of the web. Not there when nothing was.
   */
  readonly unpinned?: readonly string[];
  /** True when nothing had to be rendered. */
  readonly cached: boolean;
};

/** Turns sources into manifests: a function of content, cached by all the inputs that were really read. */
export type Renderer = {
  /** Throws EngineError with file and line in `about` where known. */
  render(request: RenderRequest): Promise<Rendered>;
  /** True when `render` would answer from the cache: nothing that the application reads has changed. */
  isCurrent(request: RenderRequest): Promise<boolean>;
  /** Forgets what is cached for these sources (hard refresh). */
  forget(request: RenderRequest): void;
  stop(): Promise<void>;
};
