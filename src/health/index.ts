// Job: the health of live objects and of applications made of them.
// May import: model.
// Never: a request, a clock; an object of whatever form makes it throw.
export { aggregate, type HealthInput } from './aggregate.ts';
export { assess, assessAll, keyOfKind } from './assess.ts';
export { checkedKinds, hasCheck } from './registry.ts';
export { healthBeforeScript, healthFromScript, type ScriptRun } from './scripts.ts';
