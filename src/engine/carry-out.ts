// The only place where a plan becomes writes: group after group, the steps of a group side by side.
import { dress, unsaid } from '../diff/index.ts';
import {
  asEngineError,
  formatInstant,
  type Manifest,
  type OperationState,
  type Outcome,
  type Plan,
  type Step,
} from '../model/index.ts';
import { hookMark, hookOperationAnnotation } from '../plan/index.ts';
import type { Cluster } from '../ports/index.ts';
import type { Desired } from './desire.ts';
import type { Engine } from './engine.ts';
import { sparedFor, writeOptions } from './see.ts';
import { directivesOf } from './steering.ts';

type Hands = Pick<Engine, 'clock' | 'languages'>;

/** Carries out the groups of a plan. A failed step fails alone; the groups behind its own are not begun. */
export async function carryOut(
  engine: Hands,
  cluster: Cluster,
  desired: Desired,
  state: OperationState,
  plan: Plan,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const group of plan.groups) {
    const done = await Promise.all(group.map((step) => carryOutOne(engine, cluster, desired, state, step)));
    outcomes.push(...done);
    if (done.some((outcome) => outcome.result === 'failed')) break;
  }
  return outcomes;
}

async function carryOutOne(
  engine: Hands,
  cluster: Cluster,
  desired: Desired,
  state: OperationState,
  step: Step,
): Promise<Outcome> {
  const at = (): string => formatInstant(engine.clock.now());
  const { dryRun } = state.operation;
  try {
    if (step.kind === 'delete') {
      const as = desired.as === undefined ? {} : { as: desired.as };
      const without = step.without === undefined ? {} : { without: step.without };
      await cluster.delete(step.ref, { uid: step.uid, propagation: step.propagation, dryRun, ...as, ...without });
      return { step, result: 'done', message: dryRun ? 'would be pruned' : 'pruned', at: at() };
    }
    const marks = step.hook === undefined ? {} : { [hookOperationAnnotation]: hookMark(state, step.phase) };
    const isNamespace = step.manifest === desired.namespace;
    const dressed = isNamespace ? step.manifest : dress(step.manifest, desired.identity, marks);
    const options = { ...writeOptions(desired, step.manifest), how: step.how, dryRun };
    const applied = await cluster.apply(await respectful(engine, cluster, desired, step, dressed), options);
    const name = `${step.ref.kind.toLowerCase()}${step.ref.group === '' ? '' : `.${step.ref.group}`}/${step.ref.name}`;
    const result = applied.kind === 'unchanged' ? 'unchanged' : 'done';
    return { step, result, message: `${name} ${applied.kind}${dryRun ? ' (dry run)' : ''}`, at: at() };
  } catch (thrown) {
    const { message } = asEngineError(thrown);
    const told = step.kind === 'apply' ? unsaid(message, step.manifest) : message;
    return { step, result: 'failed', message: told, at: at() };
  }
}

// With RespectIgnoreDifferences what does not count is not written either, once the object is there.
async function respectful(
  engine: Hands,
  cluster: Cluster,
  desired: Desired,
  step: Extract<Step, { readonly kind: 'apply' }>,
  dressed: Manifest,
): Promise<Manifest> {
  const { respectIgnoreDifferences } = { ...desired.options, ...directivesOf(step.manifest).options };
  const exists = step.change.live !== undefined && step.hook === undefined;
  if (!respectIgnoreDifferences || !exists || step.how === 'create' || step.how === 'recreate') return dressed;
  return sparedFor(engine, cluster, desired, dressed, step.how);
}
