// Job: what people can do to one live object beside changing it in Git: restart, pause, scale, retry, reconcile.
// May import: model.
// Never: a request, a clock; it says what is to be written, others write it.
export type { Action, ActionInput, Effect, Param } from './action.ts';
export { actionKinds, builtInActions } from './registry.ts';
export { discoveredActions, effectsOfScript, type Offered } from './scripts.ts';
