// Job: turns sources into manifests, a function of content: generators over trees, and the cache of what they read.
// May import: model, ports.
// Never: another effect room, a checkout, a path that leads out of a repository.
export { localSources } from './local-sources.ts';
export { createRenderer, type RendererOptions } from './renderer.ts';
export { createToolbox, type ToolboxOptions } from './toolbox/client.ts';
export type { Toolbox } from './toolbox/protocol.ts';
export { workingTree } from './working-tree.ts';
