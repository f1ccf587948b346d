// Who may run now: passes side by side, shared between clusters so that one that hangs holds up no other.
//
// While several clusters are known none may have more than three quarters of the workers. A pass that has run for long
// only waits for somebody: it still counts against its cluster, and no longer against the others.
import type { AppKey } from '../model/index.ts';

/** A pass that runs longer than this waits for its cluster (ms). */
export const longPass = 5_000;

/** The passes that run. */
export type Turns = {
  /** True when a pass on this place may begin. */
  admits(place: string): boolean;
  /** True when some place may begin a pass. */
  free(): boolean;
  begin(key: AppKey, place: string): void;
  /** The pass of a key has run for long. */
  drags(key: AppKey): void;
  end(key: AppKey): void;
  readonly running: number;
};

/** Nobody runs yet. */
export function createTurns(workers: number): Turns {
  const passes = new Map<AppKey, { readonly place: string; drags: boolean }>();
  const perPlace = new Map<string, number>();
  const known = new Set<string>();
  let quick = 0;
  const free = (): boolean => quick < workers;
  return {
    free,
    admits(place) {
      known.add(place);
      const most = known.size > 1 ? Math.max(1, Math.floor((workers * 3) / 4)) : workers;
      return free() && (perPlace.get(place) ?? 0) < most;
    },
    begin(key, place) {
      passes.set(key, { place, drags: false });
      perPlace.set(place, (perPlace.get(place) ?? 0) + 1);
      quick += 1;
    },
    drags(key) {
      const pass = passes.get(key);
      if (pass === undefined || pass.drags) return;
      pass.drags = true;
      quick -= 1;
    },
    end(key) {
      const pass = passes.get(key);
      if (pass === undefined) return;
      passes.delete(key);
      if (!pass.drags) quick -= 1;
      const left = (perPlace.get(pass.place) ?? 1) - 1;
      if (left === 0) perPlace.delete(pass.place);
      else perPlace.set(pass.place, left);
    },
    get running() {
      return passes.size;
    },
  };
}
