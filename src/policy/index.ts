// Job: what a project allows, and when: permissions and sync windows, answered as holds.
// May import: model.
// Never: a clock, a request, an opinion about how to sync; whoever calls brings the time and the zones.

export { type BreakGlass, breakGlassOf } from './break-glass.ts';
export type { ZonedTime, Zones } from './cron.ts';
export { lastStart, nextStart, parseCron } from './cron.ts';
export {
  type FourEyesRules,
  fourEyes,
  fourEyesRules,
  hold as fourEyesHold,
  seenBy,
  unproven,
} from './four-eyes.ts';
export { accountFor } from './impersonate.ts';
export { inherit, parentsOf } from './inherit.ts';
export {
  type Locked,
  type LockMode,
  lockAnnotation,
  lockedBy,
  lockName,
  lockNamespace,
  lockObjects,
} from './lock.ts';
export { orphansOf, orphansWarning } from './orphans.ts';
export {
  matchesName,
  permit,
  permitObjects,
  permitsRepository,
} from './project.ts';
export { isExcludedKind } from './resource-filter.ts';
export { parseSilence, type SilentTime, silentUntil } from './silence.ts';
export { integrityHold, type SignaturePolicy, signaturePolicy, unsigned } from './source-integrity.ts';
export { syncWindowHold } from './sync-window.ts';
