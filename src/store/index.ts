// Job: Applications, projects, settings and credentials as resources of an API server: read by watches, reports written back.
// May import: model, ports; js-yaml and node:crypto.
// Never: imports a dialect (it is handed one), decides what to do, or writes what has not changed.

export { checkSettings } from './check-settings.ts';
export { createDesk } from './desk.ts';
export { openEvidence } from './record-reader.ts';
export type { ResourceStore } from './resource-store.ts';
export { createResourceStore } from './resource-store.ts';
export { openSigningKey } from './signing-key.ts';
