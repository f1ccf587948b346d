// Job: what a project allows, and when: permissions and sync windows, answered as holds.
// May import: model.
// Never: a clock, a request, an opinion about how to sync; whoever calls brings the time and the zones.
export type { ZonedTime, Zones } from './cron.ts';
export { lastStart, nextStart, parseCron } from './cron.ts';
export { matchesGlob, validGlob } from './glob.ts';
export {
  matchesName,
  permit,
  permitObjects,
} from './project.ts';
export { syncWindowHold } from './sync-window.ts';
