/** One look at the images of an Application, and the commits that come of it. */
import { type Application, EngineError, type Source } from '../model/index.ts';
import type { GitFiles, ImageRegistry, Sources, Tree } from '../ports/index.ts';
import { messageOf } from './message.ts';
import { planUpdates, type Updates } from './plan-updates.ts';
import { filesOf } from './source-files.ts';
import type { Wishes } from './wishes.ts';

export type RoundParts = {
  readonly sources: Pick<Sources, 'resolve' | 'open'>;
  readonly registry: ImageRegistry;
  readonly files: GitFiles;
  /** False for a repository that the project does not allow. */
  readonly permits: (app: Application, source: Source) => boolean;
  readonly environmentOf: (app: Application) => string;
};

/** What became of one source. */
export type Outcome = Pick<Updates, 'updates'> & {
  readonly repoURL: string;
  readonly branch: string;
  /** The branch that it is based on, '' for the default branch. */
  readonly base: string;
  /** '' when nothing was committed. */
  readonly commit: string;
  readonly pushed: boolean;
};

/**
 * Looks, and commits what is new. `proposed` are the keys of what was pushed for review before and still stands: the
 * same on the same revision is not made again. Throws the first EngineError after all sources had their turn.
 */
export async function roundOf(
  parts: RoundParts,
  app: Application,
  wishes: Wishes,
  proposed: Set<string>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const problems: EngineError[] = [];
  const missing = new Map<string, EngineError>();
  let looked = 0;
  for (const source of app.sources) {
    if (source.chart !== undefined && source.chart !== '') continue;
    if (source.repoURL.startsWith('oci://')) continue;
    if (!parts.permits(app, source)) {
      problems.push(new EngineError('not-permitted', `image update: the project does not allow ${source.repoURL}`));
      continue;
    }
    looked++;
    const { revision } = await parts.sources.resolve(source, app.project);
    const plan = await planOf(parts, app, source, wishes, await parts.sources.open(source, revision, app.project));
    for (const { about, error } of plan.problems) {
      // In an application of several sources an image stands in one of them.
      if (error.code === 'not-found') missing.set(`${about} ${looked}`, error);
      else problems.push(error);
    }
    if (plan.updates.length === 0) continue;
    const key = `${revision} ${plan.updates.map((one) => `${one.image}:${one.to}`).join(' ')}`;
    if (proposed.has(key)) continue;
    outcomes.push(await commit(parts, app, source, wishes));
    if (wishes.review !== undefined) proposed.add(key);
  }
  for (const { image } of wishes.rules) {
    const misses = [...missing].filter(([about]) => about.startsWith(`${image} `));
    if (misses.length === looked && misses[0] !== undefined) problems.push(misses[0][1]);
  }
  if (problems[0] !== undefined && outcomes.length === 0) throw problems[0];
  return outcomes;
}

async function planOf(
  parts: RoundParts,
  app: Application,
  source: Source,
  wishes: Wishes,
  tree: Tree,
): Promise<Updates> {
  const { texts, overlays } = await filesOf(tree, source, parts.environmentOf(app), lentBy(app, source));
  return planUpdates(texts, wishes.rules, parts.registry, app.project, overlays);
}

/** The value files that other sources of an application read from this one. */
function lentBy(app: Application, { ref }: Source): readonly string[] {
  if (ref === undefined || ref === '') return [];
  const prefix = `$${ref}/`;
  return app.sources
    .flatMap((other) => other.helm?.valueFiles ?? [])
    .flatMap((file) => (file.startsWith(prefix) ? [file.slice(prefix.length)] : []));
}

async function commit(parts: RoundParts, app: Application, source: Source, wishes: Wishes): Promise<Outcome> {
  const base = source.targetRevision === 'HEAD' ? '' : source.targetRevision;
  let made: Updates = { updates: [], files: new Map(), problems: [] };
  const done = await parts.files.commit(
    { repoURL: source.repoURL, project: app.project },
    {
      base,
      ...(wishes.review === undefined ? {} : { review: wishes.review }),
      edit: async (tree) => {
        made = await planOf(parts, app, source, wishes, tree);
        return { message: messageOf(made.updates, app.key), files: made.files };
      },
    },
  );
  const { commit: id = '', branch = '', pushed = false } = done ?? {};
  return { updates: made.updates, repoURL: source.repoURL, branch, base, commit: id, pushed };
}
