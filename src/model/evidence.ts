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

/** What Git says of the signature of a commit or an annotated tag. */
export type SignatureFacts = {
  /** `commit 6f1d2c3`, `tag v1.2.0`. */
  readonly what: string;
  readonly signature: CommitFacts['signature'];
  /** Ids and fingerprints of the key that signed, and the principal of an SSH key; also where the key is unknown. */
  readonly keys: readonly string[];
};

/**
 * True when the signature is good and by one of these keys: ids (16 hexadecimal digits or more) or fingerprints of GPG
 * keys, `SHA256:` fingerprints or principals of SSH keys.
 */
export function isSignedBy(facts: Pick<SignatureFacts, 'signature' | 'keys'>, keys: readonly string[]): boolean {
  if (facts.signature !== 'good') return false;
  const hex = /^(?:0x)?([0-9A-F]{16,64})$/i;
  return keys.some((key) => {
    const id = hex.exec(key)?.[1]?.toUpperCase();
    return facts.keys.some((one) => (id === undefined ? one === key : hex.test(one) && one.toUpperCase().endsWith(id)));
  });
}

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
