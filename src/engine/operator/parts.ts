// What the operator works with.
import type { AppKey, Change, Hold, Manifest } from '../../model/index.ts';
import type {
  Clock,
  Clusters,
  Desk,
  Evidence,
  Languages,
  Random,
  Renderer,
  Sources,
  Store,
} from '../../ports/index.ts';

/** What a sync would do now: the engine's own plan, with nothing written. */
export type Inspection = {
  readonly changes: readonly Change[];
  readonly holds: readonly Hold[];
  readonly manifests: readonly Manifest[];
  readonly revisions: readonly string[];
  /** Hash of what was rendered from Git. */
  readonly digest?: string;
};

/** Compares an application as a sync would, at its target, at other revisions, or with manifests that are given. */
export type Inspect = (
  key: AppKey,
  want: { readonly revisions?: readonly string[]; readonly manifests?: readonly Manifest[] },
) => Promise<Inspection>;

/** The part of the world that only some questions need. */
export type Depths = {
  readonly store: Pick<Store, 'settings' | 'project'>;
  readonly clusters: Clusters;
  readonly sources: Sources;
  readonly renderer: Renderer;
  /** Without them only our own actions can be run. */
  readonly languages?: Languages;
  readonly inspect: Inspect;
};

/** `depths` is called when the first question needs it, and answers the same ever after. */
export type OperatorParts = {
  readonly desk: Desk;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  /** What was kept of commits; absent where nothing is. */
  readonly evidence?: Evidence;
  readonly depths: () => Promise<Depths>;
  readonly close: () => Promise<void>;
};
