// Keeps the catalog of served kinds current: looks again when somebody names an unknown kind (not too often), when a
// CRD comes or goes (until the server serves what the CRD promises), and every ten minutes.
import { stringAt } from '../model/index.ts';
import type { Clock } from '../ports/index.ts';
import type { Client } from './client.ts';
import { type Catalog, Discovery, kindIn, type ServedKind } from './discovery.ts';

const oldest = 600_000;
const betweenUnknown = 5_000;
const afterDefinition = 20;
const longestPause = 2_000;
const patience = 20_000;

/** The kinds of one cluster. */
export class Kinds {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #discovery: Discovery;
  readonly #changed: (kinds: readonly string[]) => void;
  #catalog: Catalog | undefined;
  #kubeVersion = '';
  #at = Number.NEGATIVE_INFINITY;
  #asking: Promise<Catalog> | undefined;
  /** CRDs that came or went, by name: what the catalog should say, and until when we look for it. */
  readonly #expected = new Map<string, { readonly served: boolean; readonly until: number }>();
  #cancel: (() => void) | undefined;
  #pause = afterDefinition;
  #stopped = false;

  /** `changed` hears of every `group/Kind` that has come, gone, or changed its versions. */
  constructor(client: Client, clock: Clock, changed: (kinds: readonly string[]) => void) {
    this.#client = client;
    this.#clock = clock;
    this.#discovery = new Discovery(client);
    this.#changed = changed;
  }

  /** The kind as the last look knew it, without a request. */
  known(group: string, kind: string, version?: string): ServedKind | undefined {
    return this.#catalog === undefined ? undefined : kindIn(this.#catalog, group, kind, version);
  }

  /** The kind; looks again when it is unknown and the last look was a while ago. */
  async find(group: string, kind: string, version?: string): Promise<ServedKind | undefined> {
    const found = kindIn(await this.catalog(), group, kind, version);
    if (found !== undefined || this.#clock.now() - this.#at < betweenUnknown) return found;
    return kindIn(await this.look(), group, kind, version);
  }

  /** The catalog as the last look knew it. */
  get current(): Catalog | undefined {
    return this.#catalog;
  }

  async catalog(): Promise<Catalog> {
    const known = this.#catalog;
    if (known !== undefined && this.#clock.now() - this.#at < oldest) return known;
    try {
      return await this.look();
    } catch (error) {
      // What was served ten minutes ago is better than nothing.
      if (known !== undefined) return known;
      throw error;
    }
  }

  async version(): Promise<{ readonly kubeVersion: string; readonly apiVersions: readonly string[] }> {
    const catalog = await this.catalog();
    return { kubeVersion: this.#kubeVersion, apiVersions: catalog.apiVersions };
  }

  /** Looks now; callers at the same time share one look. */
  look(): Promise<Catalog> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** The definition of a custom resource (`plural.group`) came, changed or went. */
  definition(name: string, exists: boolean): void {
    this.#expected.set(name, { served: exists, until: this.#clock.now() + patience });
    this.#pause = afterDefinition;
    this.#soon();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #ask(): Promise<Catalog> {
    const [catalog, version] = await Promise.all([
      this.#discovery.fetch(),
      this.#client.json({ method: 'GET', path: '/version', doing: 'version' }),
    ]);
    this.#kubeVersion = stringAt(version, 'gitVersion') ?? '';
    const before = this.#catalog;
    this.#catalog = catalog;
    this.#at = this.#clock.now();
    if (before !== undefined && before !== catalog) {
      const changed = differing(before, catalog);
      if (changed.length > 0) this.#changed(changed);
    }
    return catalog;
  }

  #soon(): void {
    if (this.#stopped || this.#cancel !== undefined) return;
    this.#cancel = this.#clock.after(this.#pause, () => {
      this.#cancel = undefined;
      this.#pause = Math.min(longestPause, this.#pause * 2);
      this.look().then(
        (catalog) => this.#settle(catalog),
        () => this.#soon(),
      );
    });
  }

  #settle(catalog: Catalog): void {
    const now = this.#clock.now();
    for (const [name, { served, until }] of this.#expected) {
      if (catalog.resources.has(name) === served || now > until) this.#expected.delete(name);
    }
    if (this.#expected.size > 0) this.#soon();
  }
}

function differing(before: Catalog, after: Catalog): readonly string[] {
  const changed: string[] = [];
  for (const key of new Set([...before.kinds.keys(), ...after.kinds.keys()])) {
    if (versionsOf(before, key) !== versionsOf(after, key)) changed.push(key);
  }
  return changed;
}

function versionsOf(catalog: Catalog, key: string): string {
  return (catalog.kinds.get(key) ?? []).map((kind) => kind.version).join(' ');
}
