// The queue of application keys: each at most once, urgent ones first, never two passes of one application at a time.
import type { AppKey } from '../model/index.ts';
import type { Clock } from '../ports/index.ts';

/** `now`: somebody waits or the world has moved. `soon`: bookkeeping that may wait behind everything urgent. */
export type Urgency = 'now' | 'soon';

/** A queue of keys. `take` hands out a key, which stays taken until `done`; adds in between bring it back after. */
export type Queue = {
  add(key: AppKey, urgency: Urgency): void;
  /** Adds the key at a later time (ms since the epoch); the earliest of several wins. */
  addAt(key: AppKey, at: number): void;
  /** The next key, or undefined when there is none that may run. */
  take(): AppKey | undefined;
  done(key: AppKey): void;
  forget(key: AppKey): void;
  /** Keys that wait or run now; those due later do not count. */
  size(): number;
};

/** Makes a queue. `wake` is called whenever a key may be taken. */
export function createQueue(clock: Clock, wake: () => void): Queue {
  const lanes: Record<Urgency, Set<AppKey>> = { now: new Set(), soon: new Set() };
  const taken = new Map<AppKey, Urgency | undefined>();
  const timers = new Map<AppKey, { readonly at: number; readonly cancel: () => void }>();

  const add = (key: AppKey, urgency: Urgency): void => {
    if (taken.has(key)) {
      if (taken.get(key) !== 'now') taken.set(key, urgency);
      return;
    }
    if (urgency === 'now') lanes.soon.delete(key);
    else if (lanes.now.has(key)) return;
    lanes[urgency].add(key);
    wake();
  };
  const clearTimer = (key: AppKey): void => {
    timers.get(key)?.cancel();
    timers.delete(key);
  };
  return {
    add,
    addAt(key, at) {
      const known = timers.get(key);
      if (known !== undefined && known.at <= at) return;
      clearTimer(key);
      const cancel = clock.after(Math.max(0, at - clock.now()), () => {
        timers.delete(key);
        add(key, 'now');
      });
      timers.set(key, { at, cancel });
    },
    take() {
      for (const lane of [lanes.now, lanes.soon]) {
        const [key] = lane;
        if (key === undefined) continue;
        lane.delete(key);
        taken.set(key, undefined);
        return key;
      }
      return undefined;
    },
    done(key) {
      const again = taken.get(key);
      taken.delete(key);
      if (again !== undefined) add(key, again);
    },
    forget(key) {
      clearTimer(key);
      lanes.now.delete(key);
      lanes.soon.delete(key);
    },
    size: () => lanes.now.size + lanes.soon.size + taken.size,
  };
}
