import type { Application, Change, ChangedObject, Report } from '../model/index.ts';

/** What a pass has seen. `now` in ms since the epoch. */
export type Seen = {
  readonly application: Application;
  readonly report: Report;
  /** Changes that make the application OutOfSync. */
  readonly out: readonly Change[];
  /** What this pass has written. */
  readonly written: readonly ChangedObject[];
  /** When the revisions were known, when they were rendered, when this pass wrote first; `now` where it is not said. */
  readonly times?: { readonly seen: number; readonly rendered: number; readonly firstWrite?: number };
  /** Who made the newest revision, when that is known. */
  readonly commit?: { readonly author: string; readonly date: string; readonly message: string };
  readonly approvedBy?: readonly string[];
  /** False when nobody takes alerts: then none are kept. */
  readonly listened: boolean;
  readonly now: number;
};
