// Whether a change may be written where a project asks for several pairs of eyes: gathers the evidence, and asks policy.
import {
  type Admission,
  type Application,
  asEngineError,
  type CommitEvidence,
  EngineError,
  formatInstant,
  type Hold,
  type Project,
  type Source,
  sameJson,
} from '../model/index.ts';
import {
  breakGlassOf,
  type FourEyesRules,
  fourEyes,
  fourEyesHold,
  fourEyesRules,
  seenBy,
  unproven,
} from '../policy/index.ts';
import type { Rendered } from '../ports/index.ts';
import type { Engine } from './engine.ts';
import { projectOf } from './project.ts';

/** What is asked for: these revisions of these sources. `local` came along with the request and is in no commit. */
export type Wish = {
  readonly sources: readonly Source[];
  readonly revisions: readonly string[];
  readonly local?: boolean;
  readonly rendered?: Pick<Rendered, 'unpinned'>;
};

/** `again` is when the evidence may have changed, ms since the epoch. */
export type Admitted = { readonly holds: readonly Hold[]; readonly admission?: Admission; readonly again?: number };

type Proof = { readonly hold?: Hold; readonly people: readonly string[]; readonly ahead: boolean };
type Kept = { readonly proof: Promise<Proof>; readonly at: number; settled: boolean };

/** ms: what was not proven is looked at again after this long. */
const patience = 20_000;
const mostQuestions = 100;
const mostProofs = 500;
// By the sources that it is read from, so that every engine has its own: what is proven stays proven.
const proofs = new WeakMap<object, Map<string, Kept>>();

/** Asks whether a wish may be written. Nothing is asked of anybody where no project requires it. */
export async function admitWish(engine: Engine, app: Application, wish: Wish): Promise<Admitted> {
  const project = projectOf(engine, app);
  const rules = fourEyesRules(project);
  if (rules === undefined) return { holds: [] };
  const now = engine.clock.now();
  const glass = breakGlassOf(app, now);
  if (typeof glass === 'object') {
    const breakGlass = `break-glass by ${glass.by} until ${glass.until}: ${glass.reason}`;
    return { holds: [], admission: { revisions: wish.revisions, approvedBy: [], breakGlass } };
  }
  const withGlass = (hold: Hold): Hold =>
    glass === undefined ? hold : { ...hold, message: `${hold.message}; ${glass}` };
  const later = now + patience;
  if ('reason' in rules) return { holds: [withGlass(rules)] };
  if (wish.local === true) return { holds: [withGlass(fourEyesHold('four eyes: local manifests are in no commit'))] };
  const loose = wish.rendered?.unpinned ?? [];
  if (loose.length > 0) return { holds: [withGlass(fourEyesHold(restsOn(loose)))] };
  if (sameJson([...wish.revisions], [...(app.report?.verdict?.admitted ?? [])])) return { holds: [] };
  const found = await Promise.all(wish.sources.map((source, i) => prove(engine, app, project, source, wish, i, rules)));
  const holds = found.flatMap(({ hold }) => (hold === undefined ? [] : [withGlass(hold)]));
  if (holds.length > 0) {
    const until = formatInstant(later);
    return {
      holds: holds.map((hold) => ({ ...hold, on: hold.on ?? `evidence, looked at again ${until}` })),
      again: later,
    };
  }
  // Going back to what was admitted before leaves open how far forward is known to be good.
  if (found.every(({ ahead }) => !ahead)) return { holds: [] };
  const approvedBy = [...new Set(found.flatMap(({ people }) => people))];
  return { holds: [], admission: { revisions: wish.revisions, approvedBy } };
}

// What moves without a commit is what nobody has reviewed, also under revisions that were admitted.
function restsOn(loose: readonly string[]): string {
  const more = loose.length > 3 ? ` and ${loose.length - 3} more` : '';
  return `four eyes: no commit names a version of what it rests on: ${loose.slice(0, 3).join(', ')}${more}`;
}

async function prove(
  engine: Engine,
  app: Application,
  project: Project,
  source: Source,
  wish: Wish,
  i: number,
  rules: FourEyesRules,
): Promise<Proof> {
  const to = wish.revisions[i] ?? '';
  if (source.chart !== undefined && source.chart !== '') return proveChart(source, to);
  const from = baseOf(app)[i];
  if (from === to) return { people: [], ahead: false };
  const key = JSON.stringify([engine.sources.normalize(source.repoURL), project.name, from ?? '', to, rules]);
  const known = proofs.get(engine.sources) ?? new Map<string, Kept>();
  proofs.set(engine.sources, known);
  const kept = known.get(key);
  const now = engine.clock.now();
  if (kept !== undefined && (!kept.settled || now - kept.at < patience)) return kept.proof;
  if (known.size >= mostProofs) known.clear();
  const proof = gather(engine, app, source, from === undefined ? { to } : { from, to }, rules).catch(failed);
  const entry: Kept = { proof, at: now, settled: false };
  known.set(key, entry);
  // What is proven is never asked for again.
  void proof.then(({ hold }) => {
    entry.settled = hold !== undefined;
  });
  return proof;
}

// The last that was admitted; where the rule is new, what last converged.
function baseOf(app: Application): readonly (string | undefined)[] {
  const verdict = app.report?.verdict;
  if (verdict?.admitted !== undefined) return verdict.admitted;
  if (verdict?.record.outcome === 'converged') return verdict.record.revisions;
  return verdict?.lived[0] ?? app.report?.history.at(-1)?.revisions ?? [];
}

// Nobody reviews what a registry serves: only the version that a commit names is known.
function proveChart(source: Source, version: string): Proof {
  if (source.targetRevision === version) return { people: [], ahead: false };
  const message = `four eyes: chart ${source.chart}: ${source.targetRevision || 'the newest version'} is not one version that a commit names`;
  return { hold: fourEyesHold(message), people: [], ahead: true };
}

function failed(thrown: unknown): Proof {
  const { code, message } = asEngineError(thrown);
  return { hold: fourEyesHold(`four eyes: the evidence cannot be read: ${code}: ${message}`), people: [], ahead: true };
}

async function gather(
  engine: Engine,
  app: Application,
  source: Source,
  range: { readonly from?: string; readonly to: string },
  rules: FourEyesRules,
): Promise<Proof> {
  const facts = await engine.sources.commitsBetween?.(source, range, app.project);
  if (facts === undefined) {
    return { hold: fourEyesHold(`four eyes: no Git repository: ${source.repoURL}`), people: [], ahead: true };
  }
  const commits = facts.map((fact): CommitEvidence => ({ ...fact, reviews: [] }));
  const evidence = rules.evidence === 'forge' ? await reviewed(engine, app, source, commits, rules) : commits;
  const hold = fourEyes(evidence, rules);
  const people = seenBy(evidence, rules).map((one) => one.name);
  return { ...(hold === undefined ? {} : { hold }), people, ahead: commits.length > 0 };
}

// A review covers many commits: merges are asked about first, and only as long as something is not proven.
async function reviewed(
  engine: Engine,
  app: Application,
  source: Source,
  commits: readonly CommitEvidence[],
  rules: FourEyesRules,
): Promise<readonly CommitEvidence[]> {
  const { reviews } = engine;
  if (reviews === undefined) throw new EngineError('forge-denied', 'no forge is known here');
  const evidence = [...commits];
  let asked = 0;
  for (const [i, commit] of commits.entries()) {
    const lacking = unproven(evidence, rules);
    if (lacking.length === 0) break;
    if (!commit.cleanMerge && !lacking.some((one) => one.commit.id === commit.id)) continue;
    asked += 1;
    if (asked > mostQuestions) break;
    evidence[i] = { ...commit, reviews: await reviews.of(source.repoURL, commit.id, app.project) };
  }
  return evidence;
}
