// Job: turn what a pass has seen and done into the report that is saved, and into the notices that are told.
// May import: model.
// Never: decide anything; read a clock.
export type { Finding } from './conditions.ts';
export { alertNotices, noticesOf } from './notices.ts';
export { reportOf, type Sight, stamped, troubleOf } from './report.ts';
export { type ReadDirectives, resourcesOf } from './resources.ts';
