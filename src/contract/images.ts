/** Which images of a directory are to be kept new. */
export type ImagesRequest = {
  /** Absolute. */
  readonly directory: string;
  /** `IMAGE=POLICY`; markers in the files count too. */
  readonly rules: readonly string[];
  /** False only looks. */
  readonly write: boolean;
};

/** One image that has a better tag. Digests are '' where nobody knows them. */
export type ImageUpdateView = {
  readonly image: string;
  readonly from: string;
  readonly to: string;
  readonly fromDigest: string;
  readonly toDigest: string;
  readonly policy: string;
  /** Files below the directory; lines count from 1. */
  readonly places: readonly { readonly file: string; readonly line: number }[];
};

/** What is new, and what could not be looked at. */
export type ImagesAnswer = {
  readonly updates: readonly ImageUpdateView[];
  readonly problems: readonly { readonly about: string; readonly error: Error }[];
};
