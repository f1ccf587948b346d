// A test run as data: stages that need each other, and what came of them. The scheduler runs as many at once as are worth it.

/** What a stage counted, with the text of everything that failed. */
export type Outcome = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly string[];
  /** A word for the line of the stage: "no tests yet", "from the cache". */
  readonly note?: string;
};

/** One step of a run. */
export type Stage = {
  readonly name: string;
  /** Stages that must have succeeded before. */
  readonly needs: readonly string[];
  /** Uses the processors for long without us having much to do with it: runs beside the others. */
  readonly background?: boolean;
  readonly run: (tell: (text: string) => void) => Promise<Outcome>;
};

/** A stage that is over; `outcome` is undefined when a stage that it needs failed. */
export type Finished = { readonly name: string; readonly ms: number; readonly outcome: Outcome | undefined };

/** Who wants to know how a run goes. */
export type Listener = {
  readonly begin: (stage: Stage) => void;
  readonly tell: (stage: Stage, text: string) => void;
  readonly end: (finished: Finished) => void;
};

/** The outcome of something that only succeeds or not. */
export function verdict(failures: readonly string[]): Outcome {
  return { passed: failures.length === 0 ? 1 : 0, failed: failures.length === 0 ? 0 : 1, skipped: 0, failures };
}

/** The outcome of a preparation that succeeded: not a test, so it counts nothing. */
export function prepared(note: string): Outcome {
  return { passed: 0, failed: 0, skipped: 0, failures: [], note };
}

/** Runs stages in their order, `lanes` at a time (those in the background not counted), each after those that it needs. */
export async function runStages(
  stages: readonly Stage[],
  lanes: number,
  listener: Listener,
): Promise<readonly Finished[]> {
  const names = new Set(stages.map(({ name }) => name));
  const waiting = [...stages];
  const running = new Map<Stage, Promise<void>>();
  const finished = new Map<string, Finished>();
  const finish = (done: Finished) => {
    finished.set(done.name, done);
    listener.end(done);
  };
  const needsOf = (stage: Stage) => stage.needs.filter((need) => names.has(need)).map((need) => finished.get(need));
  while (waiting.length > 0 || running.size > 0) {
    for (const stage of [...waiting]) {
      const needs = needsOf(stage);
      const blocked = needs.some((need) => need !== undefined && !succeeded(need));
      const busy = [...running.keys()].filter(({ background }) => background !== true).length;
      if (!blocked && (needs.includes(undefined) || (busy >= lanes && stage.background !== true))) continue;
      waiting.splice(waiting.indexOf(stage), 1);
      if (blocked) {
        finish({ name: stage.name, ms: 0, outcome: undefined });
        continue;
      }
      listener.begin(stage);
      const ended = runOne(stage, listener).then((done) => {
        running.delete(stage);
        finish(done);
      });
      running.set(stage, ended);
    }
    if (running.size > 0) await Promise.race(running.values());
  }
  return [...finished.values()];
}

async function runOne(stage: Stage, listener: Listener): Promise<Finished> {
  const begin = performance.now();
  const outcome = await stage
    .run((text) => listener.tell(stage, text))
    .catch((error: unknown) => verdict([error instanceof Error ? error.message : String(error)]));
  return { name: stage.name, ms: performance.now() - begin, outcome };
}

function succeeded({ outcome }: Finished): boolean {
  return outcome !== undefined && outcome.failed === 0;
}
