// The only place where a plan becomes writes: group after group, the steps of a group side by side.
import { dress } from '../diff/index.ts';
import {
  asEngineError,
  formatInstant,
  type OperationState,
  type Outcome,
  type Plan,
  type Step,
} from '../model/index.ts';
import { hookOperationAnnotation } from '../plan/index.ts';
import type { Clock, Cluster } from '../ports/index.ts';
import type { Desired } from './desire.ts';
import { writeOptions } from './see.ts';

/** Carries out the groups of a plan. A failed step fails alone; the groups behind its own are not begun. */
export async function carryOut(
  clock: Clock,
  cluster: Cluster,
  desired: Desired,
  state: OperationState,
  plan: Plan,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const group of plan.groups) {
    const done = await Promise.all(group.map((step) => carryOutOne(clock, cluster, desired, state, step)));
    outcomes.push(...done);
    if (done.some((outcome) => outcome.result === 'failed')) break;
  }
  return outcomes;
}

async function carryOutOne(
  clock: Clock,
  cluster: Cluster,
  desired: Desired,
  state: OperationState,
  step: Step,
): Promise<Outcome> {
  const at = (): string => formatInstant(clock.now());
  const { dryRun } = state.operation;
  try {
    if (step.kind === 'delete') {
      await cluster.delete(step.ref, { uid: step.uid, propagation: step.propagation, dryRun });
      return { step, result: 'done', message: dryRun ? 'would be pruned' : 'pruned', at: at() };
    }
    const marks = step.hook === undefined ? {} : { [hookOperationAnnotation]: state.operation.id };
    const isNamespace = step.manifest === desired.namespace;
    const manifest = isNamespace ? step.manifest : dress(step.manifest, desired.identity, marks);
    const options = { ...writeOptions(desired, step.manifest), how: step.how, dryRun };
    const applied = await cluster.apply(manifest, options);
    const name = `${step.ref.kind.toLowerCase()}${step.ref.group === '' ? '' : `.${step.ref.group}`}/${step.ref.name}`;
    const result = applied.kind === 'unchanged' ? 'unchanged' : 'done';
    return { step, result, message: `${name} ${applied.kind}${dryRun ? ' (dry run)' : ''}`, at: at() };
  } catch (thrown) {
    return { step, result: 'failed', message: asEngineError(thrown).message, at: at() };
  }
}
