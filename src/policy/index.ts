// Job: what a project allows, and when: permissions and sync windows, answered as holds.
// May import: model.
// Never: a clock, a request, an opinion about how to sync; whoever calls brings the time and the zones.
export type { CronSchedule, ZonedTime, Zones } from './cron.ts';
export { lastStart, nextStart, parseCron } from './cron.ts';
export { matchesGlob, validGlob } from './glob.ts';
export {
  applicationNamespaceAllowed,
  type ClusterIdentity,
  matchesName,
  type ObjectAsked,
  permit,
  permitObjects,
} from './project.ts';
export { sameRepository } from './repository.ts';
export { syncWindowHold, type WindowState, windowStates } from './sync-window.ts';
