import type { ObjectRef } from './object.ts';

/** One desired object: identity and digest at hand, the body as text until somebody needs it. */
export type Manifest = {
  readonly ref: ObjectRef;
  /** Hash of the body; equal bodies have equal digests, whatever the order of their keys. */
  readonly digest: string;
  /** The object as JSON text. */
  readonly body: string;
  /** Annotations that steer the engine (argocd.argoproj.io/*, helm.sh/*, plumbline.dev/*), nothing else. */
  readonly steering: Readonly<Record<string, string>>;
  /** Where it was written: `path/file.yaml:12`, or the template or base it came from; '' when unknown. */
  readonly origin: string;
  /** Index of the source it came from. */
  readonly source: number;
};
