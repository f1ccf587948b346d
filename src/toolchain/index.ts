// Job: provides the programs Plumbline is made of besides itself: the toolbox and a Kubernetes control plane, built or found once per machine.
// May import: model, ports (in practice node:* alone).
// Never: runs what it built, writes into the checkout, or builds the same thing twice.

export { cacheFolder } from './cache-folder.ts';
export type { ControlPlaneBinaries } from './control-plane-binaries.ts';
export { ensureControlPlane } from './control-plane-binaries.ts';
export type { EnsureOptions } from './ensure-tool.ts';
export { ensureTool } from './ensure-tool.ts';
export type { Progress } from './progress.ts';
export { progressLine } from './progress.ts';
export type { ToolName } from './tools.ts';
