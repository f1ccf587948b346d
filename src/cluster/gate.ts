// Lets a bounded number of requests through at once, taking turns between those who ask, so that an application of
// 5,000 objects cannot starve one of three. The bound shrinks when the server is overloaded and grows back slowly.

/** A turnstile. `enter` resolves when there is room; every `enter` needs one `leave`. */
export type Gate = {
  enter(who: string): Promise<void> | undefined;
  leave(overloaded: boolean): void;
  readonly limit: number;
  readonly waiting: number;
};

const least = 2;

/** A gate for at most `most` at once. */
export function createGate(most: number): Gate {
  return new TurnGate(most);
}

class TurnGate implements Gate {
  readonly #most: number;
  #limit: number;
  #inside = 0;
  #waiting = 0;
  #calm = 0;
  /** Waiting callers by name; the map's order is whose turn it is. */
  readonly #queues = new Map<string, (() => void)[]>();

  constructor(most: number) {
    this.#most = most;
    this.#limit = most;
  }

  get limit(): number {
    return this.#limit;
  }

  get waiting(): number {
    return this.#waiting;
  }

  enter(who: string): Promise<void> | undefined {
    if (this.#inside < this.#limit && this.#waiting === 0) {
      this.#inside++;
      return undefined;
    }
    this.#waiting++;
    return new Promise((resolve) => {
      const queue = this.#queues.get(who);
      if (queue === undefined) this.#queues.set(who, [resolve]);
      else queue.push(resolve);
    });
  }

  leave(overloaded: boolean): void {
    this.#inside--;
    if (overloaded) {
      this.#limit = Math.max(least, Math.floor(this.#limit / 2));
      this.#calm = 0;
    } else if (this.#limit < this.#most && ++this.#calm >= this.#limit) {
      // One more after a whole round without complaint: additive increase, multiplicative decrease.
      this.#limit++;
      this.#calm = 0;
    }
    while (this.#inside < this.#limit && this.#waiting > 0) this.#admit();
  }

  #admit(): void {
    for (const [who, queue] of this.#queues) {
      const resolve = queue.shift();
      this.#queues.delete(who);
      if (queue.length > 0) this.#queues.set(who, queue);
      if (resolve === undefined) continue;
      this.#waiting--;
      this.#inside++;
      resolve();
      return;
    }
  }
}
