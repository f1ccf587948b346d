/** A pull or merge request: full SHAs of what it would bring, and of what it would change. */
export type ChangeRequestView = {
  readonly number: number;
  readonly head: string;
  readonly base: string;
  readonly branch: string;
  readonly merged: boolean;
};

/** The pull or merge requests of one repository at its forge. */
export type ChangeRequests = {
  change(number: number): Promise<ChangeRequestView>;
  /** One comment for each environment: written anew, or in place of the one before. */
  comment(number: number, environment: string, markdown: string): Promise<void>;
  close(): Promise<void>;
};
