/** Lets a number of jobs run at once; the urgent ones of those that wait go first. */
export class Gate {
  readonly #limit: number;
  #running = 0;
  readonly #urgent: (() => void)[] = [];
  readonly #patient: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<T>(urgent: boolean, job: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) {
      await new Promise<void>((resolve) => (urgent ? this.#urgent : this.#patient).push(resolve));
    } else this.#running++;
    try {
      return await job();
    } finally {
      // The place is handed over, so that nobody slips in between.
      const next = this.#urgent.shift() ?? this.#patient.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
