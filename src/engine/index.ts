// Job: the control loop: what to look at, when, and one pass over it.
// May import: model, ports, contract and the pure rooms.
// Never: an effect room, a node module, a timer of its own.
export { type Assessor, createAssessor } from './assessor.ts';
export type { Ports } from './engine.ts';
export { createInspect } from './inspect.ts';
export { type Loop, type LoopOptions, startLoop } from './loop.ts';
export { createOperator } from './operator/operator.ts';
export type { Depths, Inspect, Inspection, OperatorParts } from './operator/parts.ts';
export { type Bench, createWorkbench, type WorkbenchParts } from './operator/workbench.ts';
