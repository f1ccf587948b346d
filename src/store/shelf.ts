// The applications as they are known: what people declared, from the watch, with the reports that were saved laid over
// it. It also remembers what the server's status is made of, so that only differences are written.
import {
  type AppKey,
  type Application,
  type JsonObject,
  type KubeObject,
  objectAt,
  type Report,
  stringAt,
} from '../model/index.ts';
import type { Dialect } from '../ports/index.ts';
import { isOlder } from './resource.ts';

/** A report on its way to the server. */
export type Pending = {
  readonly report: Report;
  /** Id of the operation that was picked up. */
  readonly clearOperation?: string;
  readonly clearRefresh: boolean;
};

/** The status that the server has: made of a report as we write it, or (seldom) as it was found. */
type Base =
  | { readonly kind: 'written'; readonly report: Report | undefined; readonly declared: Application }
  | { readonly kind: 'found'; readonly status: JsonObject };

type Entry = {
  application: Application;
  resourceVersion: string;
  base: Base;
  /** What the resource asks for on the server, whatever is hidden here because it was picked up. */
  asked: { readonly operation: string | undefined; readonly refresh: boolean };
  pending?: Pending;
  /** Set while a write is on its way: events wait, the newest one here. */
  writing?: { readonly pending: Pending | undefined; event?: KubeObject };
};

/** Every application, by key. */
export class Shelf {
  readonly #entries = new Map<AppKey, Entry>();
  readonly #dialect: Dialect;
  readonly #controlNamespace: string;
  #list: readonly Application[] | undefined;

  constructor(dialect: Dialect, controlNamespace: string) {
    this.#dialect = dialect;
    this.#controlNamespace = controlNamespace;
  }

  list(): readonly Application[] {
    this.#list ??= [...this.#entries.values()].map((entry) => entry.application);
    return this.#list;
  }

  get(key: AppKey): Application | undefined {
    return this.#entries.get(key)?.application;
  }

  /** Takes over what a watch or a read tells. True when somebody else changed what is wanted. */
  put(resource: KubeObject): boolean {
    const key = keyOf(resource);
    const version = stringAt(resource.metadata, 'resourceVersion') ?? '';
    const entry = this.#entries.get(key);
    const same = entry?.application.uid === stringAt(resource.metadata, 'uid');
    if (entry === undefined || !same) {
      this.#enter(key, resource, version);
      return true;
    }
    if (entry.writing !== undefined) {
      entry.writing.event = resource;
      return false;
    }
    if (version === entry.resourceVersion || isOlder(version, entry.resourceVersion)) return false;
    const seen = this.#read(resource, entry.application.report);
    const changed = seen.intentDigest !== entry.application.intentDigest;
    this.#refresh(entry, seen, version);
    entry.base = this.#baseOf(entry, resource, seen);
    return changed;
  }

  /** True when it was there. */
  remove(key: AppKey): boolean {
    this.#list = undefined;
    return this.#entries.delete(key);
  }

  /** Lays a report over an application; what was asked for and is picked up is hidden at once. */
  save(key: AppKey, report: Report, clear: { readonly operation: boolean; readonly refresh: boolean }): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    const id = clear.operation ? entry.application.operation?.id : undefined;
    const clearOperation = id ?? entry.pending?.clearOperation;
    entry.pending = {
      report,
      clearRefresh: clear.refresh || (entry.pending?.clearRefresh ?? false),
      ...(clearOperation !== undefined && { clearOperation }),
    };
    const { operation, refresh, ...rest } = entry.application;
    this.#set(entry, {
      ...rest,
      report,
      ...(operation && !clear.operation && { operation }),
      ...(refresh && !clear.refresh && { refresh }),
    });
    return true;
  }

  /** The merge patch that writes what is pending, undefined when there is nothing to write. */
  patch(key: AppKey): JsonObject | undefined {
    const entry = this.#entries.get(key);
    if (entry?.pending === undefined) return undefined;
    const { report, clearOperation, clearRefresh } = entry.pending;
    const context = { controlNamespace: this.#controlNamespace };
    const after = this.#dialect.writeStatus(report, entry.application, context);
    const status = this.#dialect.statusPatch(this.#statusOf(entry.base), after);
    const operation = clearOperation !== undefined && clearOperation === entry.asked.operation;
    const refresh = clearRefresh && entry.asked.refresh;
    if (status === undefined && !operation && !refresh) return undefined;
    return {
      metadata: {
        ...this.identity(key),
        ...(refresh && { annotations: { [this.#dialect.refreshAnnotation]: null } }),
      },
      ...(operation && { operation: null }),
      ...(status && { status }),
    };
  }

  /** Makes a patch apply to the resource exactly as it is known; anything newer is a conflict. */
  identity(key: AppKey): JsonObject {
    const entry = this.#entries.get(key);
    return entry === undefined ? {} : { uid: entry.application.uid, resourceVersion: entry.resourceVersion };
  }

  /** A write begins, of what is pending or of something else: until `written` or `failed`, events wait. */
  begin(key: AppKey, what: 'pending' | 'other'): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.writing = { pending: what === 'pending' ? entry.pending : undefined };
    if (what === 'pending') delete entry.pending;
  }

  /** Nothing had to be written. */
  skip(key: AppKey): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) delete entry.pending;
  }

  /** The server's answer to a write. True when an event that waited tells of somebody else's change. */
  written(key: AppKey, resource: KubeObject): boolean {
    const entry = this.#entries.get(key);
    if (entry?.writing === undefined) return false;
    const { pending, event } = entry.writing;
    delete entry.writing;
    const seen = this.#read(resource, entry.application.report);
    // Recreated meanwhile: the answer is about something that is gone.
    if (seen.uid !== entry.application.uid) return event !== undefined && this.put(event);
    if (pending !== undefined) entry.base = { kind: 'written', report: pending.report, declared: entry.application };
    this.#refresh(entry, seen, stringAt(resource.metadata, 'resourceVersion') ?? '');
    return event !== undefined && this.put(event);
  }

  /** The write did not happen: what was pending is pending again, below anything newer. True as for `written`. */
  failed(key: AppKey): boolean {
    const entry = this.#entries.get(key);
    if (entry?.writing === undefined) return false;
    const { pending, event } = entry.writing;
    delete entry.writing;
    if (pending !== undefined) {
      const clearOperation = entry.pending?.clearOperation ?? pending.clearOperation;
      entry.pending = {
        report: entry.pending?.report ?? pending.report,
        clearRefresh: pending.clearRefresh || (entry.pending?.clearRefresh ?? false),
        ...(clearOperation !== undefined && { clearOperation }),
      };
    }
    return event !== undefined && this.put(event);
  }

  hasPending(key: AppKey): boolean {
    return this.#entries.get(key)?.pending !== undefined;
  }

  #read(resource: KubeObject, report?: Report): Application {
    const controlNamespace = this.#controlNamespace;
    return this.#dialect.readApplication(resource, { controlNamespace, ...(report && { report }) });
  }

  #enter(key: AppKey, resource: KubeObject, resourceVersion: string): void {
    const application = this.#read(resource);
    const base: Base = { kind: 'written', report: application.report, declared: application };
    const entry: Entry = { application, resourceVersion, base, asked: askedOf(application) };
    entry.base = this.#baseOf(entry, resource, application);
    this.#entries.set(key, entry);
    this.#list = undefined;
  }

  #refresh(entry: Entry, seen: Application, resourceVersion: string): void {
    entry.resourceVersion = resourceVersion;
    entry.asked = askedOf(seen);
    this.#set(entry, overlaid(seen, entry));
  }

  #set(entry: Entry, application: Application): void {
    entry.application = application;
    this.#list = undefined;
  }

  // Usually the status is what we wrote or would write, and nothing of it has to be kept.
  #baseOf(entry: Entry, resource: KubeObject, seen: Application): Base {
    const status = objectAt(resource, 'status');
    const candidates: Base[] = [entry.base, { kind: 'written', report: seen.report, declared: seen }];
    for (const base of candidates)
      if (base.kind === 'written' && this.#dialect.statusPatch(status, this.#statusOf(base)) === undefined) return base;
    return { kind: 'found', status };
  }

  #statusOf(base: Base): JsonObject {
    if (base.kind === 'found') return base.status;
    if (base.report === undefined) return {};
    return this.#dialect.writeStatus(base.report, base.declared, { controlNamespace: this.#controlNamespace });
  }
}

/** `namespace/name` of a resource. */
export function keyOf(resource: KubeObject): AppKey {
  return `${stringAt(resource.metadata, 'namespace') ?? ''}/${stringAt(resource.metadata, 'name') ?? ''}`;
}

function askedOf(seen: Application): Entry['asked'] {
  const operation = seen.operation?.terminate === true ? undefined : seen.operation?.id;
  return { operation, refresh: seen.refresh !== undefined };
}

/** What was seen, with the remembered report, and without what was picked up already. */
function overlaid(seen: Application, entry: Entry): Application {
  const picked = [entry.pending, entry.writing?.pending];
  const { operation, refresh, ...rest } = seen;
  const report = entry.application.report ?? seen.report;
  // A request to end an operation that is ending, or has ended, says nothing new.
  const stale = operation?.terminate === true && report?.operation?.phase !== 'Running';
  const hidden =
    stale || picked.some((one) => one?.clearOperation !== undefined && one.clearOperation === operation?.id);
  return {
    ...rest,
    ...(report && { report }),
    ...(operation && !hidden && { operation }),
    ...(refresh && !picked.some((one) => one?.clearRefresh) && { refresh }),
  };
}
