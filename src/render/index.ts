// Job: turns sources into manifests, a function of content: generators over trees, and the cache of what they read.
// May import: model, ports.
// Never: another effect room, a checkout, a path that leads out of a repository.
export { createLanguages } from './languages.ts';
export { localSources } from './local-sources.ts';
export { readObjects } from './read-objects.ts';
export { createRenderer } from './renderer.ts';
export { createToolbox } from './toolbox/client.ts';
export type { Toolbox } from './toolbox/protocol.ts';
