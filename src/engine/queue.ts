// The queue of application keys: each at most once, urgent ones first, never two passes of one application at a time.
import type { AppKey } from '../model/index.ts';
import type { Clock } from '../ports/index.ts';

/**
 * `first`: something that was begun can go on, or a live object has changed; what is begun is finished before anything
 * else begins. `now`: somebody waits or the world has moved. `soon`: bookkeeping that may wait behind everything urgent.
 */
export type Urgency = 'first' | 'now' | 'soon';

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
  const lanes: Record<Urgency, Set<AppKey>> = { first: new Set(), now: new Set(), soon: new Set() };
  const taken = new Map<AppKey, Urgency | undefined>();
  const timers = new Map<AppKey, { readonly at: number; readonly cancel: () => void }>();

  const add = (key: AppKey, urgency: Urgency): void => {
    if (taken.has(key)) {
      taken.set(key, moreUrgent(taken.get(key), urgency));
      return;
    }
    const waits = order.find((lane) => lanes[lane].has(key));
    if (waits === moreUrgent(waits, urgency)) return;
    if (waits !== undefined) lanes[waits].delete(key);
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
      for (const lane of order) {
        const [key] = lanes[lane];
        if (key === undefined) continue;
        lanes[lane].delete(key);
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
      for (const lane of order) lanes[lane].delete(key);
    },
    size: () => order.reduce((sum, lane) => sum + lanes[lane].size, taken.size),
  };
}

const order: readonly Urgency[] = ['first', 'now', 'soon'];

function moreUrgent(a: Urgency | undefined, b: Urgency): Urgency {
  return a !== undefined && order.indexOf(a) <= order.indexOf(b) ? a : b;
}
