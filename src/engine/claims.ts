// Who wants which object: so that an object that moves from one application to another is handed over, never deleted.
import type { AppKey, ObjectId } from '../model/index.ts';

type Claim = {
  readonly key: AppKey;
  readonly tracking: string;
  readonly server: string;
  readonly ids: ReadonlySet<ObjectId>;
  /** `repository@target` → the revision that the claim was made at. */
  readonly seen: ReadonlyMap<string, string>;
};

/** What applications want, as of their last passes. Lost at a restart and made anew by the first passes. */
export type Claims = {
  /** Records what an application wants now; answers the applications that were waiting for one of its objects. */
  put(claim: Claim): readonly AppKey[];
  drop(key: AppKey): readonly AppKey[];
  /** Notes that an application has been looked at without an answer, so that nobody waits for it. */
  pass(key: AppKey): void;
  /** True when `tracking` is a known application that wants the object, or has not been looked at yet. */
  wants(server: string, tracking: string, id: ObjectId): boolean;
  /** The tracking name of another application that wants the object. */
  wantedElsewhere(server: string, tracking: string, id: ObjectId): string | undefined;
  /** True when every application that could take over from `key` has been looked at, at the same revisions. */
  settled(key: AppKey, all: readonly AppKey[]): boolean;
  /** Remembers that an application waits for somebody else's object. */
  contest(key: AppKey): void;
};

/** Makes an empty registry. `known` tells whether a tracking name belongs to an application that exists. */
export function createClaims(known: (tracking: string) => boolean): Claims {
  const claims = new Map<AppKey, Claim>();
  const byTracking = new Map<string, Claim>();
  const wanting = new Map<string, Set<string>>();
  const passed = new Set<AppKey>();
  const contesting = new Set<AppKey>();
  const place = (server: string, id: ObjectId): string => `${server} ${id}`;

  const unlink = (claim: Claim, keep?: Claim): boolean => {
    let shrunk = false;
    for (const id of claim.ids) {
      if (keep !== undefined && keep.server === claim.server && keep.ids.has(id)) continue;
      shrunk = true;
      const at = place(claim.server, id);
      const names = wanting.get(at);
      names?.delete(claim.tracking);
      if (names?.size === 0) wanting.delete(at);
    }
    return shrunk;
  };
  const waiting = (but: AppKey): readonly AppKey[] => {
    const keys = [...contesting].filter((key) => key !== but);
    contesting.clear();
    return keys;
  };
  return {
    put(claim) {
      const before = claims.get(claim.key);
      passed.add(claim.key);
      claims.set(claim.key, claim);
      byTracking.set(claim.tracking, claim);
      if (before?.ids === claim.ids) return [];
      for (const id of claim.ids) {
        const at = place(claim.server, id);
        const names = wanting.get(at);
        if (names === undefined) wanting.set(at, new Set([claim.tracking]));
        else names.add(claim.tracking);
      }
      const shrunk = before !== undefined && unlink(before, claim);
      return shrunk || before === undefined ? waiting(claim.key) : [];
    },
    drop(key) {
      const before = claims.get(key);
      passed.delete(key);
      claims.delete(key);
      if (before === undefined) return [];
      byTracking.delete(before.tracking);
      unlink(before);
      return waiting(key);
    },
    pass: (key) => void passed.add(key),
    wants(server, tracking, id) {
      const claim = byTracking.get(tracking);
      if (claim === undefined) return known(tracking);
      return claim.server === server && claim.ids.has(id);
    },
    wantedElsewhere(server, tracking, id) {
      for (const name of wanting.get(place(server, id)) ?? []) if (name !== tracking) return name;
      return undefined;
    },
    settled(key, all) {
      const mine = claims.get(key);
      return all.every((other) => {
        if (other === key) return true;
        if (!passed.has(other)) return false;
        const theirs = claims.get(other);
        if (mine === undefined || theirs === undefined) return true;
        return [...mine.seen].every(([source, revision]) => (theirs.seen.get(source) ?? revision) === revision);
      });
    },
    contest: (key) => void contesting.add(key),
  };
}
