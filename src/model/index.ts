// Job: the nouns of the engine as readonly plain data, and the few functions that read them.
// May import: nothing.
// Never: a package, a clock, an `async`, a decision.
export * from './app-key.ts';
export * from './application.ts';
export * from './appliers.ts';
export * from './change.ts';
export * from './directives.ts';
export * from './errors.ts';
export * from './evidence.ts';
export * from './glob.ts';
export * from './health.ts';
export * from './instant.ts';
export * from './json.ts';
export * from './live.ts';
export * from './manifest.ts';
export * from './nearest.ts';
export * from './object.ts';
export * from './plan.ts';
export * from './project.ts';
export * from './report.ts';
export * from './resident.ts';
export * from './settings.ts';
export * from './source.ts';
export * from './sync.ts';
export * from './verdict.ts';
export * from './version.ts';
export * from './version-range.ts';
