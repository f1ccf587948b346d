import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EngineError, type Source } from '../model/index.ts';
import type { Clock, Random, RepositoryCredential, RepositoryEvent, TrustSettings } from '../ports/index.ts';
import { type Address, normalizeAddress, parseAddress, transportForm } from './address.ts';
import { ArchiveCache } from './archive/archive-cache.ts';
import { type CredentialProvider, credentialFor, identityOf } from './credentials.ts';
import { HelmRepository } from './helm/helm-repository.ts';
import { authorizationOf, httpTrust } from './http/access.ts';
import type { HttpClient, HttpTrust } from './http/client.ts';
import { OciRepository } from './oci/oci-repository.ts';
import { type OciName, parseOciName } from './oci/reference.ts';
import { Registry } from './oci/registry.ts';

/** What chart repositories and registries share. */
export type ChartSourcesOptions = {
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly http: HttpClient;
  readonly interval: () => { readonly every: number; readonly jitter: number };
  readonly credentials: CredentialProvider;
  readonly trust: () => TrustSettings;
  /** Bytes of opened archives that are kept. */
  readonly memory: number;
  readonly changed: (repo: string, names: readonly string[]) => void;
};

type Kept = Pick<HelmRepository, 'wake' | 'watch' | 'stop'>;
type Entry<R extends Kept> = {
  readonly repository: R;
  /** As applications name it. */
  readonly normal: string;
  /** All names under which events may speak of it. */
  readonly names: readonly string[];
  readonly key: string;
};

/** All chart repositories and registries that are in use, one for each address and credential identity. */
export class ChartSources {
  readonly #options: ChartSourcesOptions;
  readonly #archives: ArchiveCache;
  readonly #helm = new Map<string, Promise<Entry<HelmRepository>>>();
  readonly #oci = new Map<string, Promise<Entry<OciRepository>>>();
  readonly #registries = new Map<string, Promise<Registry>>();
  #turn = 0;

  constructor(options: ChartSourcesOptions) {
    this.#options = options;
    this.#archives = new ArchiveCache(join(options.cacheDir, 'archives'), options.memory);
  }

  /** True when a chart's repository is a registry: it says so, it has no scheme, or its Secret says so. */
  isRegistry(repoURL: string, project: string): boolean {
    if (repoURL.startsWith('oci://') || !repoURL.includes('://')) return true;
    return this.#credential(parseAddress(repoURL), project)?.enableOCI === true;
  }

  /** The chart repository at `url`. */
  async helm(url: string, project: string): Promise<HelmRepository> {
    return (await this.#helmEntry(url, project)).repository;
  }

  /** The repository of one chart, or of an artifact, in a registry. */
  async oci(url: string, chart: string | undefined, project: string): Promise<OciRepository> {
    return (await this.#ociEntry(url, chart, project)).repository;
  }

  /** The registry of a container image; it keeps its token. */
  async registry(url: string, project: string): Promise<Registry> {
    const address = parseAddress(url);
    const name = parseOciName(url, undefined);
    const key = this.#keyOf(address, name.repository, project);
    return kept(this.#registries, key, async () => this.#registryOf(address, name, project));
  }

  /** The address of the repository whose Secret has this name: what `@name` means in a chart's dependencies. */
  named(alias: string): string | undefined {
    return this.#options.credentials().find((one) => one.name === alias && one.type !== 'git')?.url;
  }

  async wake(event: RepositoryEvent): Promise<readonly string[]> {
    const named = new Set(event.urls.map(normalizeAddress));
    const concerned = (await this.#settled()).filter((entry) => entry.names.some((name) => named.has(name)));
    await Promise.all(concerned.map((entry) => entry.repository.wake()));
    return [...new Set(concerned.map((entry) => entry.normal))];
  }

  /** Polls exactly these from now on. */
  watchOnly(wanted: readonly { readonly source: Source; readonly project: string }[]): void {
    const turn = ++this.#turn;
    const asked = wanted.map(async ({ source, project }) => {
      const registry = this.isRegistry(source.repoURL, project);
      if (registry) return (await this.#ociEntry(source.repoURL, source.chart, project)).key;
      return (await this.#helmEntry(source.repoURL, project)).key;
    });
    void Promise.allSettled(asked).then(async (results) => {
      const keep = new Set(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
      const entries = await this.#settled();
      if (turn === this.#turn) for (const entry of entries) entry.repository.watch(keep.has(entry.key));
    });
  }

  async stop(): Promise<void> {
    await Promise.all((await this.#settled()).map((entry) => entry.repository.stop()));
  }

  async #settled(): Promise<readonly Entry<Kept>[]> {
    const all: Promise<Entry<Kept>>[] = [...this.#helm.values(), ...this.#oci.values()];
    return (await Promise.allSettled(all)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  }

  #credential(address: Address, project: string): RepositoryCredential | undefined {
    return credentialFor(this.#options.credentials(), address, project);
  }

  async #helmEntry(url: string, project: string): Promise<Entry<HelmRepository>> {
    const address = parseAddress(url);
    if (address.transport !== 'https' && address.transport !== 'http') {
      throw new EngineError('repo-config', `chart repository: is not an http(s) address: ${address.url}`);
    }
    const key = this.#keyOf(address, '', project);
    return kept(this.#helm, key, async () => {
      const normal = normalizeAddress(url);
      const repository = await HelmRepository.open({
        ...this.#shared(key, normal),
        url: address.url.replace(/\/+$/, ''),
        trust: (host, port) => this.#trust(address, project, host, port),
        authorization: () => authorizationOf(withWritten(this.#credential(address, project), address)),
      });
      return { repository, normal, names: [normal], key };
    });
  }

  async #ociEntry(url: string, chart: string | undefined, project: string): Promise<Entry<OciRepository>> {
    const address = parseAddress(`oci://${url.replace(/^[a-z]+:\/\//i, '')}`);
    const name = parseOciName(`oci://${url.replace(/^[a-z]+:\/\//i, '')}`, chart);
    const key = this.#keyOf(address, name.repository, project);
    return kept(this.#oci, key, async () => {
      const normal = normalizeAddress(url);
      const registry = this.#registryOf(address, name, project);
      const about = `oci://${name.registry}/${name.repository}`;
      const repository = await OciRepository.open({ ...this.#shared(key, normal), registry, about });
      return { repository, normal, names: [normal, normalizeAddress(about)], key };
    });
  }

  #registryOf(address: Address, name: OciName, project: string): Registry {
    const { http, clock } = this.#options;
    const credential = () =>
      this.#credential(address, project) ?? this.#credential(parseAddress(`https://${address.host}/`), project);
    return new Registry({
      http,
      clock,
      name,
      plain: () => credential()?.insecureOCIForceHttp === true || isLoopback(name.host),
      trust: (host, port) => this.#trust(address, project, host, port),
      authorization: () => authorizationOf(credential()),
    });
  }

  #shared(key: string, normal: string) {
    const { clock, random, interval, http, cacheDir, changed } = this.#options;
    const tell = (names: readonly string[]) => changed(normal, names);
    return {
      clock,
      random,
      interval,
      http,
      archives: this.#archives,
      dir: join(cacheDir, 'charts', key),
      changed: tell,
    };
  }

  #keyOf(address: Address, more: string, project: string): string {
    const identity = identityOf(this.#credential(address, project)) || `${address.user}:${address.password}`;
    return createHash('sha256')
      .update([transportForm(address), more, identity].join('\0'))
      .digest('hex')
      .slice(0, 40);
  }

  /** What is trusted at a server: the Secret's certificates and `insecure` count for the repository's own server. */
  #trust(address: Address, project: string, host: string, port: string): HttpTrust {
    const own = host === address.host || `${host}:${port}` === `${address.host}:${address.port}`;
    const credential = this.#credential(address, project);
    return httpTrust({ host, port }, own ? credential : proxyOnly(credential), this.#options.trust());
  }
}

function kept<R>(map: Map<string, Promise<R>>, key: string, make: () => Promise<R>): Promise<R> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  made.catch(() => map.delete(key));
  return made;
}

function proxyOnly(credential: RepositoryCredential | undefined): RepositoryCredential | undefined {
  if (credential === undefined) return undefined;
  const { tlsClientCertData: _cert, tlsClientCertKey: _key, ...rest } = credential;
  return { ...rest, insecure: false };
}

function withWritten(credential: RepositoryCredential | undefined, address: Address) {
  if (credential !== undefined || (address.user === '' && address.password === '')) return credential;
  return { username: address.user, password: address.password };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
