import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { at, EngineError, type Json, numberAt, stringAt } from '../../model/index.ts';
import type { Resolved, RevisionInfo } from '../../ports/index.ts';
import type { ArchiveCache, OpenedArchive } from '../archive/archive-cache.ts';
import { failure, type HttpClient, type HttpTrust, statusFailure } from '../http/client.ts';
import { JsonFile } from '../json-file.ts';
import { Polled, type PolledOptions, type Restored } from '../polled.ts';
import { staleOf } from '../stale.ts';
import { restoredFailure, storedFailure } from '../stored-failure.ts';
import { chooseVersion, isExactVersion } from './chart-choice.ts';
import { type ChartVersion, chartVersions } from './index-section.ts';

/** What is known of a repository's index; the text itself lies on disk. */
type IndexState = { readonly hash: string; readonly etag: string; readonly modified: string };

/** What one chart repository needs from outside. */
export type HelmRepositoryOptions = {
  /** Without a slash at its end and without secrets. */
  readonly url: string;
  readonly dir: string;
  readonly http: HttpClient;
  readonly archives: ArchiveCache;
  readonly trust: (host: string, port: string) => HttpTrust;
  readonly authorization: () => string | undefined;
  /** Told the charts whose versions changed; none when it fell silent or came back. */
  readonly changed: (charts: readonly string[]) => void;
} & Pick<PolledOptions<IndexState>, 'clock' | 'random' | 'interval'>;

const maxIndex = 128 * 1024 * 1024;
const maxArchive = 50 * 1024 * 1024;
const textKept = 2_000;

/** One HTTP chart repository: its index, kept on disk and asked for with its ETag, and the charts in it. */
export class HelmRepository {
  readonly #options: HelmRepositoryOptions;
  readonly #polled: Polled<IndexState>;
  readonly #state: JsonFile;
  /** Versions of the charts in use, read from the index with this hash. */
  #charts = new Map<string, readonly ChartVersion[]>();
  #chartsOf = '';
  #failing = false;
  #text: { readonly hash: string; readonly text: Promise<string | undefined> } | undefined;

  private constructor(options: HelmRepositoryOptions, state: JsonFile, restored: Restored<IndexState> | undefined) {
    this.#options = options;
    this.#state = state;
    const { clock, random, interval } = options;
    this.#failing = restored?.failing !== undefined;
    this.#polled = new Polled({
      clock,
      random,
      interval,
      ask: () => this.#fetchIndex(),
      settled: (before, known, when) => {
        if (known === undefined) return;
        const moved = before !== undefined && before.hash !== known.value.hash;
        const turned = this.#failing !== (known.failing !== undefined);
        this.#failing = known.failing !== undefined;
        if (moved || turned || before === undefined) {
          this.#state.save(() => ({ at: when, ...known.value, failing: storedFailure(known.failing) }));
        }
        if (moved) {
          void rm(this.#indexPath(before.hash), { force: true });
          void this.#tellMoved();
        } else if (turned) options.changed([]);
      },
      ...(restored === undefined ? {} : { restored }),
    });
  }

  /** The repository with what was known of it before a restart. */
  static async open(options: HelmRepositoryOptions): Promise<HelmRepository> {
    const state = new JsonFile(join(options.dir, 'index.json'));
    return new HelmRepository(options, state, restoredIndex(await state.read()));
  }

  /** The version of `chart` that `target` means now. */
  async resolve(chart: string, target: string, fresh: boolean): Promise<Resolved> {
    if (isExactVersion(target) && !fresh) return { revision: target, found: target };
    const known = await this.#polled.get(fresh);
    const version = chooseVersion(
      (await this.#versions(chart)).map((one) => one.version),
      target,
    );
    if (version === undefined) throw this.#noChart(chart, target);
    return { revision: version, found: target, ...staleOf(known) };
  }

  /** The archive of one version; `passCredentials` lets the login go to another server that the index names. */
  async chart(
    chart: string,
    target: string,
    passCredentials: boolean,
  ): Promise<OpenedArchive & { readonly version: string }> {
    const entry = await this.#entry(chart, target);
    const key = [this.#options.url, chart, entry.version, entry.digest].join('\n');
    const about = `${chart} ${entry.version}`;
    const opened = await this.#options.archives.open(key, about, true, () =>
      this.#download(entry, about, passCredentials),
    );
    return { ...opened, version: entry.version };
  }

  async info(chart: string, version: string): Promise<RevisionInfo> {
    const { created, description } = await this.#entry(chart, version);
    return { author: '', date: created, message: description, tags: [version], parents: [] };
  }

  /** Looks at the index again now. */
  wake(): Promise<void> {
    return this.#polled.ask();
  }

  watch(on: boolean): void {
    this.#polled.watch(on);
  }

  async stop(): Promise<void> {
    this.#polled.watch(false);
    await this.#state.flush();
  }

  async #entry(chart: string, target: string): Promise<ChartVersion> {
    await this.#polled.get(false);
    let found = await this.#find(chart, target);
    if (found === undefined && this.#options.clock.now() - this.#polled.answeredAt > 15_000) {
      await this.#polled.get(true);
      found = await this.#find(chart, target);
    }
    if (found === undefined) throw this.#noChart(chart, target);
    return found;
  }

  async #find(chart: string, target: string): Promise<ChartVersion | undefined> {
    const versions = await this.#versions(chart);
    const version = chooseVersion(
      versions.map((one) => one.version),
      target,
    );
    return versions.find((one) => one.version === version);
  }

  async #versions(chart: string, again = true): Promise<readonly ChartVersion[]> {
    const hash = this.#polled.known?.value.hash ?? '';
    if (hash !== this.#chartsOf) {
      this.#charts = new Map();
      this.#chartsOf = hash;
    }
    const known = this.#charts.get(chart);
    if (known !== undefined) return known;
    const text = await this.#indexText(hash);
    if (text === undefined) {
      // The cache was thrown away under us: have it again.
      if (!again) throw failure('repo-unreachable', this.#options.url, 'the index cannot be read again');
      this.#text = undefined;
      await this.#polled.ask();
      return this.#versions(chart, false);
    }
    const versions = chartVersions(text, chart, this.#options.url);
    this.#charts.set(chart, versions);
    return versions;
  }

  /** The index as text, kept for a moment: whoever looks for one chart often looks for the next at once. */
  #indexText(hash: string): Promise<string | undefined> {
    if (this.#text?.hash === hash) return this.#text.text;
    const text = readFile(this.#indexPath(hash), 'utf8').catch(() => undefined);
    const kept = { hash, text };
    this.#text = kept;
    this.#options.clock.after(textKept, () => {
      if (this.#text === kept) this.#text = undefined;
    });
    return text;
  }

  async #fetchIndex(): Promise<IndexState> {
    const before = this.#polled.known?.value;
    const kept =
      before !== undefined &&
      (await readFile(this.#indexPath(before.hash)).then(
        () => true,
        () => false,
      ));
    const headers: Record<string, string> = { accept: 'application/yaml, text/yaml, */*' };
    if (kept && before.etag !== '') headers['if-none-match'] = before.etag;
    if (kept && before.modified !== '') headers['if-modified-since'] = before.modified;
    const answer = await this.#get(`${this.#options.url}/index.yaml`, headers, maxIndex, false);
    if (answer.status === 304 && before !== undefined) return before;
    if (answer.status !== 200) throw statusFailure(answer, 'repo-not-found');
    const hash = createHash('sha256').update(answer.body).digest('hex');
    await mkdir(this.#options.dir, { recursive: true, mode: 0o700 });
    await writeFile(`${this.#indexPath(hash)}.new`, answer.body, { mode: 0o600 });
    await rename(`${this.#indexPath(hash)}.new`, this.#indexPath(hash));
    return { hash, etag: answer.headers.etag ?? '', modified: answer.headers['last-modified'] ?? '' };
  }

  async #tellMoved(): Promise<void> {
    const before = this.#charts;
    const moved: string[] = [];
    for (const [chart, versions] of before) {
      const now = await this.#versions(chart).catch(() => versions);
      if (fingerprint(now) !== fingerprint(versions)) moved.push(chart);
    }
    if (moved.length > 0) this.#options.changed(moved);
  }

  async #download(entry: ChartVersion, about: string, passCredentials: boolean): Promise<Buffer> {
    const written = entry.urls[0];
    if (written === undefined)
      throw new EngineError('chart-not-found', `chart: the index names no archive: ${about}`, { about });
    const url = new URL(written, `${this.#options.url}/`).href;
    if (!/^https?:/.test(url))
      throw failure('repo-config', url, `chart archive is at an unsupported address: ${about}`);
    const answer = await this.#get(url, {}, maxArchive, passCredentials);
    if (answer.status !== 200) throw statusFailure(answer, 'chart-not-found');
    const digest = createHash('sha256').update(answer.body).digest('hex');
    if (entry.digest !== '' && digest !== entry.digest) {
      throw failure('repo-config', url, `chart archive does not have the digest that the index names: ${about}`);
    }
    return answer.body;
  }

  #get(url: string, headers: Readonly<Record<string, string>>, maxBytes: number, passCredentials: boolean) {
    const { http, trust, authorization } = this.#options;
    const target = new URL(url);
    const own = target.origin === new URL(this.#options.url).origin;
    const login = own || passCredentials ? authorization() : undefined;
    return http.send({
      url,
      headers,
      ...(login === undefined ? {} : { authorization: login }),
      trust: trust(target.hostname, target.port),
      maxBytes,
      timeout: 120_000,
    });
  }

  #indexPath(hash: string): string {
    return join(this.#options.dir, `index-${hash.slice(0, 16)}.yaml`);
  }

  #noChart(chart: string, target: string): EngineError {
    const about = this.#options.url;
    const message = `chart: no such chart or version: ${chart} ${target === '' ? '*' : target} in ${about}`;
    return new EngineError('chart-not-found', message, { about, retry: 'backoff' });
  }
}

function restoredIndex(stored: Json | undefined): Restored<IndexState> | undefined {
  const when = numberAt(stored, 'at');
  const hash = stringAt(stored, 'hash') ?? '';
  if (when === undefined || !/^[0-9a-f]{64}$/.test(hash)) return undefined;
  const value = { hash, etag: stringAt(stored, 'etag') ?? '', modified: stringAt(stored, 'modified') ?? '' };
  const failing = restoredFailure(at(stored, 'failing'));
  return { value, at: when, ...(failing === undefined ? {} : { failing }) };
}

function fingerprint(versions: readonly ChartVersion[]): string {
  return versions.map((one) => `${one.version} ${one.digest}`).join('\n');
}
