// How the demo stops: at once when the person wants it, and with nothing left behind.

/** The person wants to stop. */
export class Stopped extends Error {}

/** The answer of `work`, or Stopped as soon as the signal says so. What `work` still answers goes to `late`. */
export function orStop<T>(signal: AbortSignal, work: Promise<T>, late: (value: T) => void = () => {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      work.then(late, () => {});
      reject(new Stopped());
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** Resolves when the person wants to stop. */
export function untilStopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** What has to be closed, in the opposite order of its opening. */
export type Endings = {
  add(end: () => Promise<void> | void): void;
  /** Closes everything; each part has `patience` ms. */
  close(patience: number): Promise<void>;
};

/** An empty list of endings. */
export function createEndings(): Endings {
  const ends: (() => Promise<void> | void)[] = [];
  return {
    add: (end) => void ends.push(end),
    async close(patience) {
      for (const end of ends.splice(0).reverse()) {
        let timer: NodeJS.Timeout | undefined;
        const enough = new Promise<void>((resolve) => {
          timer = setTimeout(resolve, patience);
        });
        await Promise.race([Promise.resolve().then(end), enough]).catch(() => {});
        clearTimeout(timer);
      }
    },
  };
}
