// Job: decide whether to sync, and plan the next wave as data: what to write, in which order, and why the rest waits.
// May import: model, diff, policy.
// Never: know HTTP or the verbs of Kubernetes; wait; read a clock.
export { atRevisions, conclude, followHooks, nextAttempt, record } from './advance.ts';
export { againAt, anew } from './again.ts';
export { type Decision, decide, runningOperation, type Situation } from './decide.ts';
export { inTiers } from './kind-order.ts';
export { plan } from './plan.ts';
export { healed } from './retry.ts';
export { type Hook, hookMark, hookOperationAnnotation, type TaskInput } from './tasks.ts';
