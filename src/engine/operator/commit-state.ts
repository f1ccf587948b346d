// How far applications are with a commit: what they follow, what they were compared to, and what keeps them back.
import type { ApplicationFilter, CommitApplication, CommitState, CommitVerdict } from '../../contract/index.ts';
import { type Application, asEngineError, type Hold, type Source } from '../../model/index.ts';
import type { Sources } from '../../ports/index.ts';
import { matcher, namespaceOf } from './filter.ts';
import type { OperatorParts } from './parts.ts';
import { healthOf, syncOf, viewOf } from './views.ts';

// A repository is asked anew at most so often while somebody waits for a commit that it does not show yet, ms.
const patience = 5_000;
const sha = /^[0-9a-f]{7,64}$/;

/** Answers `commitState`; remembers only when each repository was asked last. */
export function commitStates(
  parts: OperatorParts,
): (commit: string, filter: ApplicationFilter) => Promise<CommitState> {
  const asked = new Map<string, number>();
  // Whether one commit comes after another never changes.
  const lineage = new Map<string, boolean>();
  return async (commit, filter) => {
    const { sources } = await parts.depths();
    const matches = matcher(filter);
    const found = (await parts.desk.applications(namespaceOf(filter))).filter((app) => matches(app));
    // All who ask about a repository share one question, so that one answer never mixes old and new.
    const decided = new Map<string, boolean>();
    const fresh = (repo: string): boolean => {
      const now = parts.clock.now();
      const before = decided.get(repo);
      if (before !== undefined) return before;
      const isDue = now - (asked.get(repo) ?? Number.NEGATIVE_INFINITY) >= patience;
      if (isDue) asked.set(repo, now);
      decided.set(repo, isDue);
      return isDue;
    };
    const states = await Promise.all(
      found.map((app) =>
        stateOf({ app, commit, sources, lineage, fresh: (source) => fresh(sources.normalize(source.repoURL)) }),
      ),
    );
    const told = states.flatMap((state) => state ?? []);
    return { asked: commit, applications: [...told, ...unanswered(found, states, sources)] };
  };
}

// Where Git may not be asked, an application is known to have a commit when it has come there. Others on the same branch
// have not, as far as anybody knows: they are waited for.
function unanswered(
  found: readonly Application[],
  states: readonly (CommitApplication | undefined)[],
  sources: Sources,
): readonly CommitApplication[] {
  const placeOf = ({ repoURL, targetRevision }: Source): string => `${sources.normalize(repoURL)} ${targetRevision}`;
  const reached = new Map<string, CommitApplication>();
  for (const [i, state] of states.entries()) {
    const source = found[i]?.sources.find(({ repoURL }) => repoURL === state?.repo);
    if (state === undefined || source === undefined || state.verdict === 'not-targeted') continue;
    reached.set(placeOf(source), state);
  }
  return found.flatMap((app, i) => {
    if (states[i] !== undefined) return [];
    const [revision = ''] = app.report?.sync.revisions ?? [];
    const record = app.report?.verdict?.record;
    for (const source of app.sources) {
      const like = reached.get(placeOf(source));
      if (source.chart !== undefined || like === undefined) continue;
      const { refreshing, holds } = viewOf(app);
      const judged = record === undefined ? {} : { environment: record.environment, record };
      const message = 'not known to be there: the repository does not answer';
      const { repo, commit, target } = like;
      const common = { repo, commit, target, compared: revision, holds, message };
      return [{ key: app.key, ...common, verdict: 'pending', ...(refreshing ? { refreshing } : {}), ...judged }];
    }
    return [];
  });
}

type Question = {
  readonly app: Application;
  readonly commit: string;
  readonly sources: Sources;
  readonly lineage: Map<string, boolean>;
  /** True when the repository of a source may be asked anew now. */
  readonly fresh: (source: Source) => boolean;
};

/** Undefined when no source of the application lies in a repository that has the commit. */
async function stateOf(question: Question): Promise<CommitApplication | undefined> {
  const { app } = question;
  const states: CommitApplication[] = [];
  for (const [i, source] of app.sources.entries()) {
    if (source.chart !== undefined || source.repoURL.startsWith('oci://')) continue;
    const state = await stateOfSource(question, source, app.report?.sync.revisions[i] ?? '');
    if (state !== undefined) states.push(state);
  }
  // An application has converged when all of its sources have.
  return states.sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))[0];
}

const order: readonly CommitVerdict[] = ['stalled', 'held', 'pending', 'progressing', 'converged', 'not-targeted'];

async function stateOfSource(
  question: Question,
  source: Source,
  compared: string,
): Promise<CommitApplication | undefined> {
  const { app } = question;
  const commit = await fullCommit(question, source);
  if (commit === undefined) return undefined;
  const record = app.report?.verdict?.record;
  const judged = record === undefined ? {} : { environment: record.environment, record };
  const { holds, refreshing } = viewOf(app);
  const looks = refreshing ? { refreshing } : {};
  const common = { key: app.key, repo: source.repoURL, commit, compared, holds, ...looks, ...judged };
  const included = compared === '' ? undefined : await contains(question, source, commit, compared);
  if (included === true) {
    return { ...common, target: compared, ...verdictAt(app) };
  }
  const target = await revisionOf(question, source);
  if (target === undefined && included === undefined) return undefined;
  if (target === undefined)
    return { ...common, target: '', verdict: 'pending', message: 'the repository does not answer' };
  const targeted = await contains(question, source, commit, target);
  if (targeted === undefined) return undefined;
  if (!targeted) {
    const name = source.targetRevision === '' ? 'HEAD' : source.targetRevision;
    return { ...common, target, verdict: 'not-targeted', message: `${name} does not contain it` };
  }
  return { ...common, target, ...verdictBefore(app, target) };
}

/** The commit as this repository knows it: a SHA as it is, a branch or tag resolved. */
function fullCommit(question: Question, source: Source): Promise<string | undefined> | string {
  const { commit } = question;
  return sha.test(commit) ? commit : revisionOf(question, { ...source, targetRevision: commit });
}

// A repository that does not answer, or has no such revision, keeps back nobody who waits for another one.
async function revisionOf({ app, sources, fresh }: Question, source: Source): Promise<string | undefined> {
  try {
    return (await sources.resolve(source, app.project, { fresh: fresh(source) })).revision;
  } catch (thrown) {
    return undefinedUnlessOurs(thrown);
  }
}

// What a source refuses is an answer; a mistake of our own is not.
function undefinedUnlessOurs(thrown: unknown): undefined {
  if (asEngineError(thrown).code === 'internal') throw thrown;
}

/** True when `revision` is the commit or comes after it; without the repository's help only equality is known. */
async function contains(
  { app, sources, lineage }: Question,
  source: Source,
  commit: string,
  revision: string,
): Promise<boolean | undefined> {
  if (revision.startsWith(commit)) return true;
  const pair = `${sources.normalize(source.repoURL)} ${commit} ${revision}`;
  const known = lineage.get(pair);
  if (known !== undefined) return known;
  const asked = sources.descends?.(source, { ancestor: commit, revision }, app.project);
  const found = await asked?.catch(undefinedUnlessOurs);
  if (found !== undefined) lineage.set(pair, found);
  return found;
}

type Verdict = Pick<CommitApplication, 'verdict' | 'message' | 'unsure'>;

// The application was compared to a state that has the commit: is the cluster there too?
function verdictAt(app: Application): Verdict {
  const health = healthOf(app);
  const last = app.report?.operation;
  const busy = app.operation !== undefined || (last !== undefined && last.finishedAt === undefined);
  if (syncOf(app) === 'Synced' && health.status === 'Healthy' && !busy) {
    if (app.report?.verdict?.record.outcome !== 'open') return { verdict: 'converged', message: '' };
    return { verdict: 'progressing', message: 'Synced and Healthy; converged when it stays so' };
  }
  const blocked = blockedBy(app);
  if (blocked !== undefined) return blocked;
  const why = [
    syncOf(app) === 'Synced' ? '' : syncOf(app),
    health.status === 'Healthy' ? '' : health.status,
    health.message ?? '',
  ];
  return { verdict: 'progressing', message: why.filter(Boolean).join(', ') };
}

// Git has it, and the application was not compared to it yet: what held or stalled the commit before may end with it.
function verdictBefore(app: Application, target: string): Verdict {
  const frozen = frozenBy(app);
  if (frozen !== undefined) return frozen;
  if (app.pin?.untilRevisionChangesFrom.includes(target) === true) return pinnedBy(app.pin);
  const error = errorOf(app);
  return error === undefined ? { verdict: 'pending', message: 'not looked at yet' } : { ...error, unsure: true };
}

const stalling: readonly Hold['reason'][] = [
  'gave-up',
  'not-permitted',
  'preflight-failed',
  'empty-not-allowed',
  'source-integrity',
];
const holding: readonly Hold['reason'][] = [
  'manual-sync',
  'no-self-heal',
  'prune-disabled',
  'prune-needs-confirmation',
  'delete-needs-confirmation',
  'sync-window',
  'pinned',
  'four-eyes',
  'skip-reconcile',
  'shared-object',
];

function blockedBy(app: Application): Verdict | undefined {
  const view = viewOf(app);
  const frozen = frozenBy(app);
  if (frozen !== undefined) return frozen;
  const stuck = view.holds.find((hold) => stalling.includes(hold.reason));
  if (stuck !== undefined) return { verdict: 'stalled', message: stuck.message };
  const { operation } = view;
  const failed = operation?.phase === 'Failed' || operation?.phase === 'Error';
  const held = view.holds.find((hold) => holding.includes(hold.reason));
  if (held !== undefined) return { verdict: 'held', message: held.message };
  if (app.pin !== undefined) return pinnedBy(app.pin);
  if (failed && operation.retryAt === undefined && app.operation === undefined && view.holds.length === 0) {
    return { verdict: 'stalled', message: operation.message };
  }
  return errorOf(app);
}

// Nobody looks at it before a person has changed it.
function frozenBy(app: Application): Verdict | undefined {
  const [problem] = app.problems;
  if (problem !== undefined) return { verdict: 'stalled', message: problem };
  if (app.skipReconcile) return { verdict: 'held', message: 'the application is frozen (skip-reconcile)' };
  return undefined;
}

function pinnedBy({ by, reason }: NonNullable<Application['pin']>): Verdict {
  return { verdict: 'held', message: `rolled back by ${by}: ${reason}` };
}

function errorOf(app: Application): Verdict | undefined {
  const error = viewOf(app).conditions.find((one) => one.type.endsWith('Error') && one.type !== 'SyncError');
  return error === undefined ? undefined : { verdict: 'stalled', message: error.message };
}
