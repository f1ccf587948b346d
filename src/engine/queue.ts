// The queue of application keys: each at most once, urgent ones first, never two passes of one application at a time.
// Keys of one place (a cluster) wait in a row of their own; places take turns, so that a long row delays only itself.
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
  /** The next key of a place that `admits` takes, or undefined when there is none. */
  take(admits?: (place: string) => boolean): AppKey | undefined;
  done(key: AppKey): void;
  forget(key: AppKey): void;
  /** Keys that wait or run now; those due later do not count. */
  size(): number;
};

/** A row of keys per place; the place that was served last comes last. */
type Lane = Map<string, Set<AppKey>>;

/**
 * Makes a queue. `wake` is called whenever a key may be taken; `placeOf` names where the work of a key goes, as of the
 * moment it is added.
 */
export function createQueue(clock: Clock, wake: () => void, placeOf: (key: AppKey) => string = () => ''): Queue {
  const lanes: Record<Urgency, Lane> = { first: new Map(), now: new Map(), soon: new Map() };
  const waiting = new Map<AppKey, { readonly lane: Urgency; readonly place: string }>();
  const taken = new Map<AppKey, { readonly lane: Urgency; again?: Urgency }>();
  /** How many of those taken are bookkeeping. */
  let books = 0;
  const timers = new Map<AppKey, { readonly at: number; readonly cancel: () => void }>();

  const leave = (key: AppKey): void => {
    const spot = waiting.get(key);
    if (spot === undefined) return;
    waiting.delete(key);
    const row = lanes[spot.lane].get(spot.place);
    row?.delete(key);
    if (row?.size === 0) lanes[spot.lane].delete(spot.place);
  };
  const add = (key: AppKey, urgency: Urgency): void => {
    const running = taken.get(key);
    if (running !== undefined) {
      running.again = moreUrgent(running.again, urgency);
      return;
    }
    const waits = waiting.get(key)?.lane;
    if (waits === moreUrgent(waits, urgency)) return;
    leave(key);
    const place = placeOf(key);
    waiting.set(key, { lane: urgency, place });
    const row = lanes[urgency].get(place);
    if (row === undefined) lanes[urgency].set(place, new Set([key]));
    else row.add(key);
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
    take(admits = () => true) {
      for (const urgency of order) {
        const lane = lanes[urgency];
        // Beside what people wait for, one pass of bookkeeping at a time.
        if (urgency === 'soon' && books > 0 && books < taken.size) continue;
        for (const [place, row] of lane) {
          const [key] = row;
          if (key === undefined || !admits(place)) continue;
          leave(key);
          lane.delete(place);
          if (row.size > 0) lane.set(place, row);
          taken.set(key, { lane: urgency });
          if (urgency === 'soon') books += 1;
          return key;
        }
      }
      return undefined;
    },
    done(key) {
      const was = taken.get(key);
      taken.delete(key);
      if (was?.lane === 'soon') books -= 1;
      if (was?.again !== undefined) add(key, was.again);
    },
    forget(key) {
      clearTimer(key);
      leave(key);
    },
    size: () => waiting.size + taken.size,
  };
}

const order: readonly Urgency[] = ['first', 'now', 'soon'];

function moreUrgent(a: Urgency | undefined, b: Urgency): Urgency {
  return a !== undefined && order.indexOf(a) <= order.indexOf(b) ? a : b;
}
