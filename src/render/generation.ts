/** What every generator is given, and what it gives back. The renderer fills it in for each source of a request. */
import type { Manifest, Source } from '../model/index.ts';
import type { RenderRequest, Sources, Tree, TreeEntry } from '../ports/index.ts';
import type { Facts } from './build-environment.ts';
import type { Limits, Toolbox } from './toolbox/protocol.ts';

/** Another source of the application, reached by `$ref`. */
export type Referenced = { readonly source: Source; readonly tree: Tree };

/** One source to render. Everything that is read goes through `tree`, `referenced` and `facts`, and is remembered. */
export type Generation = {
  readonly request: RenderRequest;
  readonly index: number;
  /** The source with the repository's own options merged over it. */
  readonly source: Source;
  readonly tree: Tree;
  /** The directory of the source in `tree`, cleaned. */
  readonly path: string;
  /** The listing of `path`. */
  readonly entries: readonly TreeEntry[];
  readonly facts: Facts;
  readonly toolbox: Toolbox;
  /** Of each request to the toolbox. */
  readonly limits: Limits;
  readonly sources: Sources;
  /** The source with this `ref` (without `$`), undefined when there is none. */
  referenced(ref: string): Promise<Referenced | undefined>;
  warn(type: string, message: string): void;
  /** The result rests on something that has no version (a web page): it is asked for again after a while. `what` is for people, without a login. */
  unversioned(what: string): void;
  /** The result rests on another repository at this revision. */
  restsOn(source: Source, revision: string): void;
  /** Lets others run when this has kept the thread for long. */
  breathe(): Promise<void>;
};

/** A generator: the manifests of one source, in order. */
export type Generator = (generation: Generation) => Promise<Manifest[]>;
