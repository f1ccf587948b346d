/** A person as Git and forges name them. Two are the same where any of their aliases is equal. */
export type Person = {
  /** How they are shown. */
  readonly name: string;
  /** Lower case: login, e-mail addresses, full name, key. */
  readonly aliases: readonly string[];
};

/** A pull or merge request that brought a commit, with those who approved it. */
export type Review = {
  /** `#12`, `!12`. */
  readonly change: string;
  readonly author: Person;
  /** The last commit of its branch. */
  readonly head: string;
  /** The merge commit, squashed commit or last rebased commit that it became; '' while it is open. */
  readonly merged: string;
  /** Oldest first; `at` in seconds since the epoch, the time of authorship. */
  readonly commits: readonly { readonly id: string; readonly author: Person; readonly at: number }[];
  /** `current` is false when the branch has moved since. */
  readonly approvals: readonly { readonly by: Person; readonly current: boolean }[];
};

/** What Git itself says of a commit. */
export type CommitFacts = {
  readonly id: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  /** Seconds since the epoch, the time of authorship. */
  readonly at: number;
  readonly subject: string;
  /** A merge that says nothing of its own: git makes the same of its parents. False for commits that are no merge. */
  readonly cleanMerge: boolean;
  readonly signature: 'none' | 'good' | 'bad' | 'unknown-key';
  /** Whose signature is good. */
  readonly signer?: Person;
};

/** Everything that can be known of who saw a commit. */
export type CommitEvidence = CommitFacts & { readonly reviews: readonly Review[] };

/** A person by the names that are known; empty ones do not count. */
export function personOf(...names: readonly (string | undefined)[]): Person {
  const known = names.filter((name): name is string => name !== undefined && name.trim() !== '');
  return { name: known[0] ?? 'somebody', aliases: [...new Set(known.map((name) => name.trim().toLowerCase()))] };
}

/** True when both may be one person. */
export function samePerson(a: Person, b: Person): boolean {
  return a.aliases.some((alias) => b.aliases.includes(alias));
}
