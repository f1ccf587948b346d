import type { AppKey, Application, Notice, Project, Report, Settings } from '../model/index.ts';

/** What a save may change on the application's own resource besides its status. */
export type SaveOptions = {
  /** The operation with this id was picked up (or ended): remove it from the resource. */
  readonly clearOperation?: boolean;
  /** The refresh annotation was honoured. */
  readonly clearRefresh?: boolean;
  /** `later` lets the write wait behind others; newer reports of the same application replace it. */
  readonly urgency: 'now' | 'later';
};

/** Applications, projects and settings, from watches; and where reports are written. */
export type Store = {
  /** Starts the watches; resolves when everything is known. */
  start(): Promise<void>;
  applications(): readonly Application[];
  application(key: AppKey): Application | undefined;
  /** `default` always exists and allows everything unless it was declared otherwise. */
  project(name: string): Project | undefined;
  settings(): Settings;
  /** Tells of changes that a person or another program made, never of saved reports. */
  onChange(
    listener: (
      change:
        | { readonly kind: 'application'; readonly key: AppKey }
        | { readonly kind: 'project'; readonly name: string }
        | { readonly kind: 'settings' },
    ) => void,
  ): void;
  /** Remembers a report at once (`application(key).report` is it) and writes it; resolves when remembered, not when written. */
  save(key: AppKey, report: Report, options: SaveOptions): void;
  /** Events of transitions; written behind everything else, bounded. */
  notify(key: AppKey, notices: readonly Notice[]): void;
  /** Removes our finalizers, so that a deleted application goes. */
  release(key: AppKey): Promise<void>;
  /** Adds finalizers, so that the hooks of a deletion can run. */
  guard(key: AppKey, finalizers: readonly string[]): Promise<void>;
  /** Removes a pin (rollback) from the application. */
  unpin(key: AppKey): Promise<void>;
  /** Resolves when every report and event has been written. */
  flush(): Promise<void>;
  stop(): Promise<void>;
};
