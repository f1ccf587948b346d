// Four eyes: whether every commit of a change was seen by enough people, and if not, which commit lacks what.
import { type CommitEvidence, type Hold, type Person, type Project, type Review, samePerson } from '../model/index.ts';

/** What a project requires. */
export type FourEyesRules = {
  /** So many people, the author among them. */
  readonly people: number;
  /** Reviews at the forge, or signatures in Git alone. */
  readonly evidence: 'forge' | 'signatures';
  /** Names that are nobody's eyes; `*` stands for anything. */
  readonly bots: readonly string[];
};

/** What a commit lacks; `seenBy` have seen it. */
export type Unproven = { readonly commit: CommitEvidence; readonly seenBy: readonly Person[]; readonly lacks: string };

const annotation = 'plumbline.dev/four-eyes';
const usualBots = ['*[bot]', 'dependabot*', 'renovate*', 'github-actions*', 'noreply@github.com', 'web-flow', '*-bot'];

/** The rules of a project; undefined when it has none. What cannot be read is a hold: nothing is written. */
export function fourEyesRules(project: Pick<Project, 'name' | 'annotations'>): FourEyesRules | Hold | undefined {
  const written = project.annotations[annotation]?.trim();
  if (written === undefined || written === '' || written === '0' || written === '1') return undefined;
  const evidence = project.annotations[`${annotation}-evidence`]?.trim() ?? 'forge';
  if (!/^[2-9]$/.test(written)) return hold(`project ${project.name}: ${annotation}: is not a number from 2 to 9`);
  if (evidence !== 'forge' && evidence !== 'signatures') {
    return hold(`project ${project.name}: ${annotation}-evidence: is neither forge nor signatures`);
  }
  const bots = project.annotations[`${annotation}-bots`]?.split(',').map((one) => one.trim());
  return { people: Number(written), evidence, bots: bots?.filter((one) => one !== '') ?? usualBots };
}

/** The hold for a change, undefined when every commit is proven. `commits` are all that are new, newest first. */
export function fourEyes(commits: readonly CommitEvidence[], rules: FourEyesRules): Hold | undefined {
  const lacking = unproven(commits, rules);
  if (lacking.length === 0) return undefined;
  const told = lacking.slice(0, 3).map(({ commit, seenBy, lacks }) => {
    const names = seenBy.length === 0 ? 'nobody' : seenBy.map((one) => one.name).join(' and ');
    return `commit ${commit.id.slice(0, 7)} (${commit.subject.slice(0, 60)}) was seen by ${names}: it lacks ${lacks}`;
  });
  const more = lacking.length > told.length ? `; and ${lacking.length - told.length} more` : '';
  return hold(`four eyes: ${told.join('; ')}${more}`);
}

/** A hold of this rule. */
export function hold(message: string): Hold {
  return { reason: 'four-eyes', message, objects: [] };
}

/** Everybody who has seen any of the commits. */
export function seenBy(commits: readonly CommitEvidence[], rules: FourEyesRules): readonly Person[] {
  const change = new Change(commits, rules);
  return distinct(commits.flatMap((commit) => change.eyesOf(commit)));
}

/** The commits that were not seen by enough people. */
export function unproven(commits: readonly CommitEvidence[], rules: FourEyesRules): readonly Unproven[] {
  const change = new Change(commits, rules);
  return commits.flatMap((commit): readonly Unproven[] => {
    // What git makes of two histories by itself says nothing that their own commits do not say.
    if (commit.cleanMerge) return [];
    const eyes = change.eyesOf(commit);
    if (eyes.length >= rules.people) return [];
    return [{ commit, seenBy: eyes, lacks: lackOf(commit, eyes, rules) }];
  });
}

function lackOf(commit: CommitEvidence, eyes: readonly Person[], rules: FourEyesRules): string {
  const missing = rules.people - eyes.length;
  if (rules.evidence === 'signatures') {
    if (commit.signature === 'bad') return 'a good signature: the one that it has is wrong';
    if (commit.signature === 'unknown-key') return 'a signature by a key that is allowed';
    return `${missing} more ${missing === 1 ? 'signature' : 'signatures'}, its own or of a clean merge`;
  }
  if (commit.parents.length > 1) return 'a review of what the merge changed beyond its parents';
  return `${missing} more ${missing === 1 ? 'approval' : 'approvals'} by others, of its last state`;
}

/** The commits of a change by their ids, and who covers which. */
class Change {
  readonly #byId: ReadonlyMap<string, CommitEvidence>;
  readonly #rules: FourEyesRules;
  readonly #covering = new Map<string, Review[]>();
  readonly #squashed = new Set<string>();
  readonly #merges: readonly { readonly by: Person; readonly brought: ReadonlySet<string> }[];

  constructor(commits: readonly CommitEvidence[], rules: FourEyesRules) {
    this.#byId = new Map(commits.map((commit) => [commit.id, commit]));
    this.#rules = rules;
    const reviews = new Map(commits.flatMap(({ reviews: all }) => all.map((one) => [one.change, one] as const)));
    for (const review of reviews.values()) {
      for (const id of this.#coveredBy(review)) this.#covering.set(id, [...(this.#covering.get(id) ?? []), review]);
    }
    this.#merges = commits.flatMap((commit) => {
      const { signer } = commit;
      if (!commit.cleanMerge || commit.signature !== 'good' || signer === undefined) return [];
      return [{ by: signer, brought: this.#broughtBy(commit) }];
    });
  }

  eyesOf(commit: CommitEvidence): readonly Person[] {
    if (this.#rules.evidence === 'signatures') return this.#signersOf(commit);
    const author = this.#humans([commit.author]);
    const seen = (this.#covering.get(commit.id) ?? []).map((review) => this.#reviewersOf(commit, review));
    return seen.reduce((best, one) => (one.length > best.length ? one : best), author);
  }

  // The author, and whoever approved the last state without having made any of it.
  #reviewersOf(commit: CommitEvidence, review: Review): readonly Person[] {
    const isWhole = this.#squashed.has(`${review.change}/${commit.id}`);
    // A rebased commit has another id, and the author and time of the one that was reviewed.
    const entry =
      review.commits.find((one) => one.id === commit.id) ??
      review.commits.find((one) => one.at === commit.at && samePerson(one.author, commit.author));
    const authors = [
      ...(entry === undefined ? [commit.author] : [entry.author, commit.author]),
      review.author,
      ...(isWhole ? review.commits.map((one) => one.author) : []),
    ];
    const others = review.approvals.filter(({ by, current }) => current && !authors.some((one) => samePerson(one, by)));
    const [author] = this.#humans(authors);
    return distinct([...(author === undefined ? [] : [author]), ...this.#humans(others.map(({ by }) => by))]);
  }

  #signersOf(commit: CommitEvidence): readonly Person[] {
    const own = commit.signature === 'good' && commit.signer !== undefined ? [commit.signer] : [];
    const mergers = this.#merges.filter(({ brought }) => brought.has(commit.id)).map(({ by }) => by);
    return distinct(this.#humans([...own, ...mergers]));
  }

  // The commits whose content is what the review approved.
  #coveredBy(review: Review): ReadonlySet<string> {
    const covered = new Set(review.commits.map((one) => one.id).filter((id) => this.#byId.has(id)));
    const became = this.#byId.get(review.merged);
    if (became === undefined) return covered;
    if (became.parents.length > 1) {
      if (became.parents.slice(1).includes(review.head)) for (const id of this.#broughtBy(became)) covered.add(id);
      return covered;
    }
    covered.add(became.id);
    const rebased = this.#rebased(became, review);
    if (rebased.length === review.commits.length) for (const id of rebased) covered.add(id);
    // Not commit by commit: all of it became one.
    else if (!review.commits.some((one) => one.id === became.id)) this.#squashed.add(`${review.change}/${became.id}`);
    return covered;
  }

  // A rebase keeps who wrote each commit and when; a squash leaves one commit.
  #rebased(last: CommitEvidence, review: Review): readonly string[] {
    const ids: string[] = [];
    let here: CommitEvidence | undefined = last;
    for (const one of [...review.commits].reverse()) {
      if (here === undefined || here.parents.length > 1 || here.at !== one.at || !samePerson(here.author, one.author))
        break;
      ids.push(here.id);
      here = this.#byId.get(here.parents[0] ?? '');
    }
    return ids;
  }

  // What a merge brought: what is before its other parents and not before its first.
  #broughtBy(merge: CommitEvidence): ReadonlySet<string> {
    const [first = '', ...others] = merge.parents;
    const before = this.#before([first]);
    return new Set([...this.#before(others)].filter((id) => !before.has(id)));
  }

  #before(heads: readonly string[]): ReadonlySet<string> {
    const seen = new Set<string>();
    const open = [...heads];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const commit = this.#byId.get(id);
      if (commit === undefined || seen.has(id)) continue;
      seen.add(id);
      open.push(...commit.parents);
    }
    return seen;
  }

  #humans(people: readonly Person[]): readonly Person[] {
    return people.filter(({ aliases }) => !aliases.some((alias) => this.#rules.bots.some((bot) => isLike(bot, alias))));
  }
}

function distinct(people: readonly Person[]): readonly Person[] {
  const found: Person[] = [];
  for (const one of people) if (!found.some((other) => samePerson(one, other))) found.push(one);
  return found;
}

// Names hold brackets, so that patterns know nothing but `*`.
function isLike(pattern: string, name: string): boolean {
  const parts = pattern.toLowerCase().split('*');
  if (parts.length === 1) return parts[0] === name;
  const [head = ''] = parts;
  const tail = parts[parts.length - 1] ?? '';
  if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false;
  let at = head.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - tail.length;
}
