import type { Application, CommitRecord, Json, JsonObject, SignedRecord } from '../model/index.ts';

/** Where records of commits are kept beyond the status of their application: resources, Git. */
export type Archive = {
  /**
   * Keeps a record that has ended. Resolves when every place has it that can; the same record may come again, and
   * changes nothing then. Throws EngineError to be tried again.
   */
  keep(record: CommitRecord, application: Application): Promise<void>;
  /** The application has come to other revisions, or to rest: what points at what is live may have to move. */
  moved(application: Application): void;
  stop(): Promise<void>;
};

/** Signs records with the key of this installation; without one they stay unsigned. */
export type Signer = { sign(record: CommitRecord): SignedRecord };

/** What a proof turned out to be: `unknown-key` is signed by a key that is not published here. */
export type ProofState = 'valid' | 'invalid' | 'unsigned' | 'unknown-key' | 'unchecked';

/** What was kept, for those who ask later. Everything here is as it was found: it may have been tampered with. */
export type Evidence = {
  /** `{record, signature}` of every kept record of a namespace, or of all; none where they cannot be read. */
  records(namespace: string | undefined): Promise<readonly JsonObject[]>;
  /** The lines of the note that an environment left on a commit. */
  notes(
    repository: { readonly repoURL: string; readonly project: string },
    environment: string,
    commit: string,
  ): Promise<readonly Json[]>;
  /** The lines of all notes that an environment left in a repository; absent where Git is not asked. */
  allNotes?(
    repository: { readonly repoURL: string; readonly project: string },
    environment: string,
  ): Promise<readonly Json[]>;
  /** Checks the signature of `{record, signature}` against the published keys. */
  check(proof: JsonObject): Promise<ProofState>;
};
