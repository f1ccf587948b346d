import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { EngineError } from '../../model/index.ts';
import type {
  Clock,
  Metrics,
  Random,
  RepositoryCredential,
  RepositoryEvent,
  SignerKeys,
  TrustSettings,
} from '../../ports/index.ts';
import { type Address, normalizeAddress, parseAddress, shownAddress, transportForm } from '../address.ts';
import { ByteCache } from '../byte-cache.ts';
import { type CredentialProvider, credentialFor, identityOf } from '../credentials.ts';
import { Gate } from '../gate.ts';
import { GitHubApps } from '../github-app.ts';
import type { HttpClient } from '../http/client.ts';
import { prepareHome } from './access.ts';
import {
  type AssembledRepository,
  assembleRepository,
  type RepositorySurroundings,
  remoteOf,
} from './assemble-repository.ts';
import type { Writable } from './git-writer.ts';
import type { ObjectLimits } from './objects.ts';
import { ReaderPool } from './reader-pool.ts';
import type { GitRepository } from './repository.ts';
import type { OpenModule } from './submodules.ts';

/** What all Git repositories of the room share. */
export type GitSourcesOptions = {
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly http: HttpClient;
  readonly interval: () => { readonly every: number; readonly jitter: number };
  readonly credentials: CredentialProvider;
  /** Those that may write; where none fits, the ones for reading are used. */
  readonly writers: CredentialProvider;
  readonly trust: () => TrustSettings;
  readonly signers: () => SignerKeys;
  /** PATH and proxies: the only variables of ours that git sees. */
  readonly env: Readonly<Record<string, string>>;
  readonly allowFile: boolean;
  readonly submodules: boolean;
  readonly limits: ObjectLimits & { readonly cache: number; readonly readers: number };
  readonly changed: (repo: string, refs: readonly string[]) => void;
};

type Entry = AssembledRepository & {
  readonly key: string;
  readonly normal: string;
  fingerprint: string;
  usedAt: number;
};

/** ms without use after which a repository that is not watched is forgotten; its mirror stays. */
const forgetAfter = 10 * 60_000;
const maxModuleDepth = 10;

/** All Git repositories that are in use, one for each address and credential identity. */
export class GitSources {
  readonly #options: GitSourcesOptions;
  readonly #shared: RepositorySurroundings;
  readonly #gates = new Map<string, Gate>();
  readonly #stopping = new AbortController();
  readonly #entries = new Map<string, Promise<Entry>>();
  /** Entries by address and project, as long as the credentials are the same. */
  #found = new Map<string, Promise<Entry>>();
  #foundWith: readonly RepositoryCredential[] | undefined;
  #prepared: Promise<void> | undefined;
  #turn = 0;

  constructor(options: GitSourcesOptions) {
    this.#options = options;
    this.#shared = {
      ...options,
      home: { dir: join(options.cacheDir, 'git-home'), env: options.env },
      gateTo: (host) => this.#gateTo(host),
      pool: new ReaderPool(options.limits.readers),
      cache: new ByteCache(options.limits.cache),
      apps: new GitHubApps(options.http, options.clock),
      signal: this.#stopping.signal,
    };
  }

  /** The repository at `url` as `project` may see it. */
  async repository(url: string, project: string): Promise<GitRepository> {
    const entry = await this.#entry(url, project);
    entry.usedAt = this.#options.clock.now();
    return entry.repository;
  }

  /** The repository at `url` with the means to write to it, as far as the credentials of `project` reach. */
  async writable(url: string, project: string): Promise<Writable> {
    const { repository, mirror } = await this.#entry(url, project);
    const address = parseAddress(url);
    const { writers, credentials } = this.#options;
    const credential = () =>
      credentialFor(writers(), address, project) ?? credentialFor(credentials(), address, project);
    return { repository, mirror, remote: remoteOf(this.#shared, { address, credential }) };
  }

  /** Repositories that an event names; each has looked at its refs again when this resolves. */
  async wake(event: RepositoryEvent): Promise<readonly string[]> {
    const named = new Set(event.urls.map(normalizeAddress));
    const entries = (await Promise.allSettled(this.#entries.values())).flatMap((one) =>
      one.status === 'fulfilled' && named.has(one.value.normal) ? [one.value] : [],
    );
    await Promise.all(entries.map((entry) => entry.repository.wake(event)));
    return [...new Set(entries.map((entry) => entry.normal))];
  }

  /** Polls exactly these from now on. */
  watchOnly(wanted: readonly { readonly url: string; readonly project: string }[]): void {
    const turn = ++this.#turn;
    const asked = Promise.allSettled(wanted.map(({ url, project }) => this.#entry(url, project)));
    void asked.then(async (results) => {
      const keep = new Set(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.key] : [])));
      const entries = await this.#settled();
      // A later call knows better.
      if (turn !== this.#turn) return;
      for (const entry of entries) {
        entry.repository.watch(keep.has(entry.key));
        const unused = !keep.has(entry.key) && this.#options.clock.now() - entry.usedAt > forgetAfter;
        if (unused) this.#forget(entry);
      }
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const entry of await this.#settled()) {
      entry.repository.stop();
      await entry.state.flush();
    }
    this.#entries.clear();
    this.#found.clear();
  }

  async #settled(): Promise<readonly Entry[]> {
    const results = await Promise.allSettled(this.#entries.values());
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  #forget(entry: Entry): void {
    entry.repository.stop();
    this.#entries.delete(entry.key);
    this.#found.clear();
  }

  #entry(url: string, project: string): Promise<Entry> {
    const credentials = this.#options.credentials();
    if (credentials !== this.#foundWith) {
      this.#found = new Map();
      this.#foundWith = credentials;
    }
    const name = `${project}\n${url}`;
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const entry = this.#lookUp(url, project);
    this.#found.set(name, entry);
    entry.catch(() => this.#found.delete(name));
    return entry;
  }

  async #lookUp(url: string, project: string): Promise<Entry> {
    const address = parseAddress(url);
    this.#permit(address);
    const credential = () => credentialFor(this.#options.credentials(), address, project);
    const now = credential();
    const written = `${address.user}:${address.password}`;
    const identity = now === undefined && address.transport !== 'ssh' && written !== ':' ? written : identityOf(now);
    const key = createHash('sha256')
      .update(`${transportForm(address)}\0${identity}`)
      .digest('hex')
      .slice(0, 40);
    const making = this.#entries.get(key) ?? this.#make(key, address, project, credential);
    this.#entries.set(key, making);
    making.catch(() => this.#entries.delete(key));
    const entry = await making;
    const fingerprint = createHash('sha256')
      .update(JSON.stringify(now ?? null))
      .digest('hex');
    if (entry.fingerprint !== '' && entry.fingerprint !== fingerprint) entry.polled.retryNow();
    entry.fingerprint = fingerprint;
    return entry;
  }

  async #make(
    key: string,
    address: Address,
    project: string,
    credential: () => RepositoryCredential | undefined,
  ): Promise<Entry> {
    this.#prepared ??= prepareHome(this.#shared.home.dir);
    await this.#prepared;
    const normal = normalizeAddress(address.url);
    const openModule: OpenModule = async (url, commit, depth) => {
      if (depth > maxModuleDepth)
        throw new EngineError('repo-config', `submodule: nested too deeply: ${shownAddress(url)}`);
      return (await this.repository(url, project)).tree(commit, depth);
    };
    const made = await assembleRepository(this.#shared, { key, address, credential, openModule }, (refs) =>
      this.#options.changed(normal, refs),
    );
    return { ...made, key, normal, fingerprint: '', usedAt: this.#options.clock.now() };
  }

  /** One gate for each server: one that hangs does not hold up the others. */
  #gateTo(host: string): Gate {
    const gate = this.#gates.get(host) ?? new Gate(8);
    this.#gates.set(host, gate);
    return gate;
  }

  #permit(address: Address): void {
    const { allowFile, cacheDir } = this.#options;
    const shown = shownAddress(address.url);
    if (address.transport === 'oci') throw new EngineError('repo-config', `repository: is no Git repository: ${shown}`);
    if (address.transport !== 'file') return;
    if (!allowFile) throw new EngineError('repo-config', `repository: local paths are not allowed: ${shown}`);
    // What one project may see must not be read by another through the mirror's own path.
    const inside = `${address.path}/`.startsWith(`${resolve(cacheDir)}/`);
    if (inside) throw new EngineError('repo-config', `repository: is inside the cache: ${shown}`);
  }
}
