import type { AppKey } from '../model/index.ts';

/** What follows a pass. `again` is when to look again (ms since the epoch, 0 for at once); `woken` are others to look at. */
export type Next = { readonly again?: number; readonly woken?: readonly AppKey[] };
