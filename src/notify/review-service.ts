// Who reviewed what, asked of the forge of a repository.
import { EngineError } from '../model/index.ts';
import type { ForgeLogin, ForgeSetting, Reviews } from '../ports/index.ts';
import type { Pauses } from './forges/call.ts';
import { openForge } from './forges/open-forge.ts';

/** The Reviews port over the forges. `settings` is asked at each question. */
export function createReviews(parts: {
  readonly settings: () => readonly ForgeSetting[];
  readonly login: ForgeLogin;
  readonly now: () => number;
}): Reviews {
  const pauses: Pauses = new Map();
  return {
    async of(repoURL, sha, project) {
      const access = await parts.login(repoURL, project);
      const forge =
        access === undefined ? undefined : openForge(access, { settings: parts.settings(), pauses, now: parts.now });
      if (forge !== undefined) return forge.reviewsOf(sha);
      const where = access?.host ?? 'a file';
      throw new EngineError('forge-denied', `reviews: no forge is known at ${where}: name it in plumbline.forges`);
    },
  };
}
