import type { WritableRepository } from './git-writer.ts';
import type { Tree } from './sources.ts';

/** What a registry says of one tag. `created` is RFC 3339, absent where the image does not say. */
export type ImageDescription = { readonly digest: string; readonly created?: string };

/**
 * Container images in registries, read with the repository credentials of a project. `image` is a name as pods have it:
 * `nginx`, `ghcr.io/acme/web`. EngineErrors: `repo-denied`, `repo-not-found`, `repo-unreachable`, `throttled`.
 */
export type ImageRegistry = {
  /** All tags, in the order of the registry. */
  tags(image: string, project: string): Promise<readonly string[]>;
  describe(image: string, tag: string, project: string): Promise<ImageDescription>;
};

/** A commit that changes files. */
export type FilesChange = {
  /** The branch that is changed, '' for the default branch. EngineError `revision-not-found` when it is no branch. */
  readonly base: string;
  /** A branch for review instead: made anew on top of `base`, whatever was there. */
  readonly review?: string;
  /** The new content of files, given those of the branch as it is now. None is no commit. Called again after a race. */
  readonly edit: (tree: Tree) => Promise<{ readonly message: string; readonly files: ReadonlyMap<string, string> }>;
};

/** What came of it: the commit on top of `branch`; `pushed` is false when it was there already. */
export type FilesCommitted = { readonly commit: string; readonly branch: string; readonly pushed: boolean };

/** Commits changes of files that exist. EngineError `repo-denied` without the right to. */
export type GitFiles = {
  commit(repository: WritableRepository, change: FilesChange): Promise<FilesCommitted | undefined>;
};
