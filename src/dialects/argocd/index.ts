// Job: Argo CD's Application and AppProject, their annotations and their status, to and from the model.
// May import: model.
// Never: a request, a clock, a decision about what to do; user mistakes are returned as problems, not thrown.
export * from './annotations.ts';
export { readApplication } from './application.ts';
export { digestOf } from './digest.ts';
export { readDirectives } from './directives.ts';
export { parseDuration } from './duration.ts';
export { operationIdInfo, readOperation, writeOperation } from './operation.ts';
export { readPin, writePin } from './pin.ts';
export { allowAllProject, readProject, writeAllowAllProject } from './project.ts';
export { readReport } from './read-report.ts';
export { statusPatch } from './status-patch.ts';
export { unknownSyncOptions } from './sync-options.ts';
export { parseTrackingId, trackingId } from './tracking.ts';
export { readRecord } from './verdict.ts';
export { writeStatus } from './write-status.ts';
