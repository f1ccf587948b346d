/** A repository that is written to; the project decides which credentials may be used. */
export type WritableRepository = { readonly repoURL: string; readonly project: string };

/** Notes under one ref: what becomes of the note on each commit. */
export type NotesChange = {
  /** `refs/notes/…` */
  readonly ref: string;
  /** Full SHA → the new text, given the one that is there ('' for none). The same text is no change. */
  readonly texts: ReadonlyMap<string, (before: string) => string>;
};

/** A branch and where it should point. */
export type BranchMove = {
  /** `refs/heads/…` */
  readonly ref: string;
  /** Full SHA. */
  readonly to: string;
  /** True lets it go back to an ancestor of where it is: a rollback. */
  readonly back: boolean;
};

/** What came of a write: how often it had to be tried, and the refs that are different now. */
export type GitWritten = { readonly attempts: number; readonly moved: readonly string[] };

/**
 * Writes into Git repositories: notes and branches, never files. Everything of one call goes in one push, tried again
 * with jitter when somebody else was faster. EngineError `repo-denied` (never to be tried again) without the right to.
 */
export type GitWriter = {
  write(
    repository: WritableRepository,
    change: { readonly notes: readonly NotesChange[]; readonly branches: readonly BranchMove[] },
  ): Promise<GitWritten>;
  /** The note on a commit as the server has it now, undefined where there is none. */
  note(repository: WritableRepository, ref: string, commit: string): Promise<string | undefined>;
  /** Every note under a ref, on whichever commit. */
  notes(repository: WritableRepository, ref: string): Promise<readonly string[]>;
};
