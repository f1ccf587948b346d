import type { ObjectReader } from './object-reader.ts';

/** Bounds how many `cat-file` processes live at once: a new one takes the place of the one that was idle longest. */
export class ReaderPool {
  readonly #limit: number;
  readonly #readers = new Set<ObjectReader>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** To be called before each read. */
  admit(reader: ObjectReader): void {
    if (reader.running) return;
    this.#readers.add(reader);
    const running = [...this.#readers].filter((one) => one.running);
    if (running.length < this.#limit) return;
    const idle = running.filter((one) => !one.busy).sort((a, b) => a.lastUse - b.lastUse);
    idle[0]?.stop();
  }
}
