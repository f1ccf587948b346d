import type { SyncPhase } from './plan.ts';
import type { SyncOptions } from './sync.ts';

/** When a hook's object is deleted again. */
export type HookDeletePolicy = 'HookSucceeded' | 'HookFailed' | 'BeforeHookCreation';

/**
 * What the annotations of one object ask of the engine, in typed form: made by a dialect from Manifest.steering or
 * LiveObject.steering.
 */
export type Directives = {
  readonly wave: number;
  /** Phases in which it runs as a hook; empty for an ordinary object. */
  readonly hooks: readonly (SyncPhase | 'PreDelete' | 'PostDelete')[];
  /** True for `Skip`: it is neither applied nor compared. */
  readonly skip: boolean;
  readonly hookDelete: readonly HookDeletePolicy[];
  /** What differs from the application's options. */
  readonly options: Partial<SyncOptions>;
  /** An extra live object does not make the application OutOfSync. */
  readonly ignoreExtraneous: boolean;
  readonly ignoreHealth: boolean;
};

/** The directives of an object without steering annotations. */
export const noDirectives: Directives = {
  wave: 0,
  hooks: [],
  skip: false,
  hookDelete: [],
  options: {},
  ignoreExtraneous: false,
  ignoreHealth: false,
};
