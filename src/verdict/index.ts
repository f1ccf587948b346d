// Job: judge each commit: which stages it has reached, whether it has converged, and what is worth telling.
// May import: model.
// Never: send anything; read a clock.
export { admit } from './admit.ts';
export { type Advanced, acknowledge, advance, released } from './advance.ts';
export { runsAt } from './record.ts';
export type { Seen } from './seen.ts';
