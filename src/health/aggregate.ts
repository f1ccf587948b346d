// The health of an application: the worst of what it manages, with the names of what caused it.

import { compareHealth, describe, type Health, type HealthStatus, type ObjectRef } from '../model/index.ts';

/** One managed object as the aggregate sees it. */
export type HealthInput = {
  readonly ref: Pick<ObjectRef, 'group' | 'kind' | 'namespace' | 'name'>;
  /** What `assess` said; absent when the kind says nothing about health, or the object does not exist. */
  readonly health?: Health;
  /** False for an object that is desired and not there. */
  readonly exists: boolean;
  /** Hooks, objects of other applications and orphans do not count; neither does `ignore-healthcheck: "true"`. */
  readonly hook?: boolean;
  readonly orphan?: boolean;
  readonly ignored?: boolean;
  /** A sync is on its way to creating it: it is not missing, it has not had its turn. */
  readonly pending?: boolean;
};

const healthy: Health = Object.freeze({ status: 'Healthy' });
const missing: Health = Object.freeze({ status: 'Missing', message: 'No object of the application exists' });
/** So many causes are named. */
const named = 3;

/**
 * The worst health of `inputs` (Argo CD's order). Missing objects do not count unless all are missing; pending ones
 * count as Progressing. A child Application that is Missing or Unknown does not count.
 */
export function aggregate(inputs: Iterable<HealthInput>): Health {
  let worst: HealthStatus = 'Healthy';
  let causes: HealthInput[] = [];
  let counted = 0;
  let there = 0;
  for (const input of inputs) {
    if (input.hook === true || input.orphan === true) continue;
    counted += 1;
    if (input.exists) there += 1;
    if (input.ignored === true) continue;
    const status = statusOf(input);
    if (status === undefined) continue;
    const order = compareHealth(status, worst);
    if (order > 0) {
      worst = status;
      causes = [input];
    } else if (order === 0 && status !== 'Healthy') causes.push(input);
  }
  // Argo CD compares in one order: an application that has nothing is Missing unless something worse is known.
  if (counted > 0 && there === 0 && worst === 'Healthy') return missing;
  return worst === 'Healthy' ? healthy : { status: worst, message: because(causes) };
}

function statusOf({ ref, health, exists, pending }: HealthInput): HealthStatus | undefined {
  if (!exists) return pending === true ? 'Progressing' : undefined;
  if (health === undefined) return undefined;
  const child = ref.group === 'argoproj.io' && ref.kind === 'Application';
  if (child && (health.status === 'Missing' || health.status === 'Unknown')) return undefined;
  return health.status;
}

/** `Caused by Deployment web/a: why; Service web/b; and 4 more`. */
function because(causes: readonly HealthInput[]): string {
  const list = causes.slice(0, named).map(({ ref, health, exists }) => {
    const why = exists ? health?.message : 'not created yet';
    return why === undefined || why === '' ? describe(ref) : `${describe(ref)}: ${why.replace(/\s+/g, ' ').trim()}`;
  });
  if (causes.length > named) list.push(`and ${causes.length - named} more`);
  return `Caused by ${list.join('; ')}`;
}
