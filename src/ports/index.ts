// Job: the interfaces through which the engine reaches the world, and rooms reach each other.
// May import: model.
// Never: contain logic.
export type * from './archive.ts';
export type * from './clock.ts';
export type * from './cluster.ts';
export type * from './desk.ts';
export type * from './dialect.ts';
export type * from './forge.ts';
export type * from './git-writer.ts';
export type * from './images.ts';
export type * from './kube-api.ts';
export type * from './languages.ts';
export type * from './log.ts';
export type * from './notifier.ts';
export type * from './renderer.ts';
export type * from './reviews.ts';
export type * from './sources.ts';
export type * from './store.ts';
