// Job: turn what a pass has seen and done into the report that is saved, and into the notices that are told.
// May import: model.
// Never: decide anything; read a clock.
export { conditionsOf, type Finding, sameConditions } from './conditions.ts';
export { historyAfter } from './history.ts';
export { alertNotices, hasConverged, noticesOf } from './notices.ts';
export { isTrouble, reportOf, type Sight, troubleOf } from './report.ts';
export { type ReadDirectives, resourcesOf } from './resources.ts';
