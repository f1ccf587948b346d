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
  /**
   * Notes that an application has been looked at in vain at these revisions, so that nobody waits for it. What it
   * wanted before it still wants, unless it is known that its sources have `nothing` for it any more.
   */
  pass(look: Pick<Claim, 'key' | 'tracking' | 'seen'>, nothing: boolean): void;
  /** The applications that have to be looked at because of `pass`, once. */
  freed(): readonly AppKey[];
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
  /** The revisions of the last look at an application, whatever came of it. */
  const looks = new Map<AppKey, Claim['seen']>();
  const freed = new Set<AppKey>();
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
      looks.set(claim.key, claim.seen);
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
      looks.delete(key);
      claims.delete(key);
      if (before === undefined) return [];
      byTracking.delete(before.tracking);
      unlink(before);
      return waiting(key);
    },
    pass(look, nothing) {
      looks.set(look.key, look.seen);
      const before = claims.get(look.key);
      if (!nothing || before?.ids.size === 0) return;
      const claim: Claim = { ...look, server: before?.server ?? '', ids: new Set() };
      claims.set(claim.key, claim);
      byTracking.set(claim.tracking, claim);
      if (before !== undefined) unlink(before);
      for (const other of waiting(claim.key)) freed.add(other);
    },
    freed() {
      const keys = [...freed];
      freed.clear();
      return keys;
    },
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
      const mine = looks.get(key) ?? new Map<string, string>();
      return all.every((other) => {
        if (other === key) return true;
        const theirs = looks.get(other);
        return (
          theirs !== undefined && [...mine].every(([source, revision]) => (theirs.get(source) ?? revision) === revision)
        );
      });
    },
    contest: (key) => void contesting.add(key),
  };
}
