import type { Review } from '../model/index.ts';

/** Who reviewed what, as forges know it. */
export type Reviews = {
  /** The changes that brought a commit, with their approvals. EngineError where the forge is not known or does not answer. */
  of(repoURL: string, sha: string, project: string): Promise<readonly Review[]>;
};
