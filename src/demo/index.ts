// Job: `plumb up`: a cluster, a repository and the engine in one terminal, and what a newcomer may try with them.
// May import: model, ports, contract; js-yaml and node:*.
// Never: does what the operator or an API server would not let anybody do, or leaves anything behind.
export { runDemo } from './demo.ts';
export type { DemoCluster, DemoConnection, DemoEngine, DemoOptions, DemoParts, DemoWorld } from './parts.ts';
