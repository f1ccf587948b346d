/**
 * Keeps the images of applications new that ask for it: looks at each in its own interval, one after the other, slower
 * where a registry or a repository refuses.
 */
import { type AppKey, type Application, asEngineError, type EngineError, type Notice } from '../model/index.ts';
import type { Clock, Log, Metrics, Random, Store } from '../ports/index.ts';
import { type Outcome, type RoundParts, roundOf } from './round.ts';
import { sharedRegistry } from './shared-registry.ts';
import { updateAnnotation, wishesOf } from './wishes.ts';

export type ImageLoopParts = Omit<RoundParts, 'environmentOf'> & {
  readonly store: Pick<Store, 'applications' | 'application' | 'project' | 'notify'>;
  /** Where a person opens a pull request for a branch, '' where that is not known. */
  readonly proposeAt?: (app: Application, outcome: Outcome) => Promise<string>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
};

export type ImageLoop = {
  /** Looks at everything that is due now; resolves when it has. */
  look(): Promise<void>;
  /** Ends after the look that is under way. */
  stop(): Promise<void>;
};

/** What is remembered of an application between two looks. */
type Memory = {
  readonly annotations: string;
  due: number;
  failures: number;
  said: string;
  readonly proposed: Set<string>;
};

/** ms between two looks at what is due. */
const tick = 10_000;
const longestPause = 3_600_000;

/** Starts the loop on a started store. */
export function startImageLoop(parts: ImageLoopParts): ImageLoop {
  const { store, clock } = parts;
  const registry = sharedRegistry(parts.registry, clock);
  const environmentOf = (app: Application): string => {
    const key = 'plumbline.dev/environment';
    return app.annotations[key] ?? store.project(app.project)?.annotations[key] ?? app.destination.namespace;
  };
  const round = { ...parts, registry, environmentOf };
  const memories = new Map<AppKey, Memory>();
  let stopped = false;
  let under: Promise<void> = Promise.resolve();
  let cancel = (): void => undefined;

  const lookOnce = async (): Promise<void> => {
    const wanting = store.applications().filter((app) => app.annotations[updateAnnotation] !== undefined);
    const keys = new Set(wanting.map((app) => app.key));
    for (const key of memories.keys()) if (!keys.has(key)) memories.delete(key);
    for (const { key } of wanting) {
      const app = store.application(key);
      if (stopped || app === undefined) continue;
      const memory = memoryOf(memories, app);
      if (memory.due > clock.now() || isResting(app)) continue;
      await lookAt(parts, round, app, memory);
    }
  };
  const look = (): Promise<void> => {
    under = under
      .then(lookOnce)
      .catch((error: unknown) => parts.log.error('images were not looked at', { error: String(error) }));
    return under;
  };
  const next = (): void => {
    cancel = clock.after(tick, () => void look().then(() => (stopped ? undefined : next())));
  };
  next();
  return {
    look,
    async stop() {
      stopped = true;
      cancel();
      await under;
    },
  };
}

function isResting(app: Application): boolean {
  return app.deletion !== undefined || app.skipReconcile || app.problems.length > 0 || app.pin !== undefined;
}

/** Changed annotations are looked at at once. */
function memoryOf(memories: Map<AppKey, Memory>, app: Application): Memory {
  const annotations = JSON.stringify(
    Object.entries(app.annotations).filter(([name]) => name.startsWith('plumbline.dev/image-')),
  );
  const known = memories.get(app.key);
  if (known?.annotations === annotations) return known;
  const memory = { annotations, due: 0, failures: 0, said: '', proposed: new Set<string>() };
  memories.set(app.key, memory);
  return memory;
}

async function lookAt(parts: ImageLoopParts, round: RoundParts, app: Application, memory: Memory): Promise<void> {
  const { clock, random, metrics } = parts;
  let interval = 300_000;
  try {
    const wishes = wishesOf(app);
    interval = wishes.interval;
    const outcomes = await roundOf(round, app, wishes, memory.proposed);
    memory.failures = 0;
    memory.said = '';
    for (const outcome of outcomes.filter(({ pushed }) => pushed)) {
      const review = wishes.review !== undefined;
      const link = review ? await parts.proposeAt?.(app, outcome).catch(() => '') : undefined;
      tell(parts, app, outcome, { review, link: link ?? '' });
    }
    metrics.count('plumbline_image_checks_total', { result: 'ok' });
  } catch (thrown) {
    const error = asEngineError(thrown);
    memory.failures += 1;
    interval = pauseAfter(error, interval, memory.failures);
    metrics.count('plumbline_image_checks_total', { result: error.code });
    if (memory.said !== error.message) complain(parts, app, error);
    memory.said = error.message;
  }
  // A tenth sooner or later, so that not all of them ask at once for ever.
  memory.due = clock.now() + interval * (0.9 + random.next() * 0.2);
}

function pauseAfter({ retry }: EngineError, interval: number, failures: number): number {
  const asked = typeof retry === 'object' ? retry.after : 0;
  return Math.max(asked, Math.min(longestPause, interval * 2 ** Math.min(failures - 1, 10)));
}

type Told = { readonly review: boolean; readonly link: string };

function tell(parts: ImageLoopParts, app: Application, outcome: Outcome, { review, link }: Told): void {
  const { store, log, metrics } = parts;
  const changes = outcome.updates.map(({ image, from, to }) => `${image} ${from} → ${to}`).join(', ');
  const where = review ? `for review on ${outcome.branch}` : `on ${outcome.branch}`;
  const propose = link === '' ? '' : `; propose it: ${link}`;
  const message = `committed ${outcome.commit.slice(0, 7)} ${where}: ${changes}${propose}`;
  const notice: Notice = { kind: 'condition', level: 'normal', reason: 'ImagesUpdated', message };
  store.notify(app.key, [notice]);
  metrics.count('plumbline_image_updates_total', { mode: review ? 'branch' : 'direct' }, outcome.updates.length);
  const proposal = link === '' ? {} : { link };
  log.info('images updated', { app: app.key, commit: outcome.commit, branch: outcome.branch, changes, ...proposal });
}

function complain({ store, log }: ImageLoopParts, app: Application, error: EngineError): void {
  const notice: Notice = { kind: 'condition', level: 'warning', reason: 'ImageUpdateFailed', message: error.message };
  store.notify(app.key, [notice]);
  log.warn('images could not be looked at', { app: app.key, code: error.code, error: error.message });
}
