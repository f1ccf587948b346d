import { createHash } from 'node:crypto';
import { EngineError, type Json, listAt, numberAt, stringAt } from '../../model/index.ts';
import type { Clock } from '../../ports/index.ts';
import { failure, type HttpAnswer, type HttpClient, type HttpTrust, statusFailure } from '../http/client.ts';
import { parseChallenge } from './challenge.ts';
import type { OciName } from './reference.ts';

/** How a registry is reached. */
export type RegistryContext = {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly name: OciName;
  /** True for plain http. */
  readonly plain: () => boolean;
  readonly trust: (host: string, port: string) => HttpTrust;
  /** A Basic header for the credential, undefined for anonymous access. */
  readonly authorization: () => string | undefined;
};

const maxManifest = 4 * 1024 * 1024;
const maxTagPages = 200;
const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

/** The distribution API of one repository in a registry, read only. Everything that has a digest is checked against it. */
export class Registry {
  readonly #context: RegistryContext;
  readonly #about: string;
  #login: { readonly header: string; readonly until: number } | undefined;

  constructor(context: RegistryContext) {
    this.#context = context;
    this.#about = `oci://${context.name.registry}/${context.name.repository}`;
  }

  /** All tags, in the order of the registry. */
  async tags(): Promise<readonly string[]> {
    const tags: string[] = [];
    let path: string | undefined = 'tags/list?n=1000';
    for (let page = 0; path !== undefined && page < maxTagPages; page++) {
      const answer = await this.#get(path, { accept: 'application/json' }, 32 * 1024 * 1024);
      if (answer.status !== 200) throw statusFailure(answer, 'repo-not-found');
      for (const tag of listAt(this.#json(answer), 'tags')) if (typeof tag === 'string') tags.push(tag);
      path = this.#nextPage(answer);
    }
    return tags;
  }

  /** The digest that a tag points at now. */
  async digestOf(tag: string): Promise<string> {
    const answer = await this.#get(`manifests/${tag}`, { accept: manifestTypes }, maxManifest, 'HEAD');
    const digest = answer.headers['docker-content-digest'] ?? '';
    if (answer.status === 200 && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
    if (answer.status !== 200 && answer.status !== 405) throw statusFailure(answer, 'revision-not-found');
    return (await this.manifest(tag)).digest;
  }

  /** A manifest by tag or digest. */
  async manifest(reference: string): Promise<{ readonly digest: string; readonly manifest: Json }> {
    const answer = await this.#get(`manifests/${reference}`, { accept: manifestTypes }, maxManifest);
    if (answer.status !== 200) throw statusFailure(answer, 'revision-not-found');
    const digest = `sha256:${createHash('sha256').update(answer.body).digest('hex')}`;
    if (reference.startsWith('sha256:') && digest !== reference) {
      throw failure('repo-config', answer.url, 'the manifest does not have its digest');
    }
    return { digest, manifest: this.#json(answer) };
  }

  /** A blob; `size` is what its manifest says. */
  async blob(digest: string, size: number, limit: number): Promise<Buffer> {
    if (size > limit) {
      const message = `registry: a layer is larger than ${Math.round(limit / 1024 / 1024)} MiB: ${this.#about}`;
      throw new EngineError('render-limit', message, { about: this.#about });
    }
    const answer = await this.#get(`blobs/${digest}`, {}, limit);
    if (answer.status !== 200) throw statusFailure(answer, 'revision-not-found');
    if (`sha256:${createHash('sha256').update(answer.body).digest('hex')}` !== digest) {
      throw failure('repo-config', answer.url, 'a layer does not have its digest');
    }
    return answer.body;
  }

  async #get(
    path: string,
    headers: Readonly<Record<string, string>>,
    maxBytes: number,
    method: 'GET' | 'HEAD' = 'GET',
  ): Promise<HttpAnswer> {
    const first = await this.#send(path, headers, maxBytes, method, this.#header());
    if (first.status !== 401) return first;
    const header = await this.#answerChallenge(first);
    return header === undefined ? first : this.#send(path, headers, maxBytes, method, header);
  }

  #send(
    path: string,
    headers: Readonly<Record<string, string>>,
    maxBytes: number,
    method: 'GET' | 'HEAD',
    login?: string,
  ) {
    const { http, name, plain, trust } = this.#context;
    const base = `${plain() ? 'http' : 'https'}://${name.registry}/v2/${name.repository}/`;
    const authorization = login === undefined ? {} : { authorization: login };
    const reach = { trust: trust(name.host, name.port), maxBytes, timeout: 120_000 };
    return http.send({ url: base + path, method, headers, ...authorization, ...reach });
  }

  #header(): string | undefined {
    return this.#login !== undefined && this.#login.until > this.#context.clock.now() ? this.#login.header : undefined;
  }

  async #answerChallenge(answer: HttpAnswer): Promise<string | undefined> {
    const { http, clock, name, trust, authorization, plain } = this.#context;
    const challenge = parseChallenge(answer.headers['www-authenticate']);
    const login = authorization();
    if (challenge?.scheme === 'basic') {
      if (login !== undefined) this.#login = { header: login, until: Number.POSITIVE_INFINITY };
      return login;
    }
    if (challenge === undefined) return undefined;
    const url = new URL(challenge.realm);
    if (url.protocol !== 'https:' && !plain())
      throw failure('repo-config', url.href, 'tokens are not fetched over http');
    if (challenge.service !== '') url.searchParams.set('service', challenge.service);
    url.searchParams.set('scope', challenge.scope === '' ? `repository:${name.repository}:pull` : challenge.scope);
    const given = await http.send({
      url: url.href,
      ...(login === undefined ? {} : { authorization: login }),
      trust: trust(url.hostname, url.port),
      maxBytes: 1024 * 1024,
      timeout: 30_000,
    });
    if (given.status !== 200) throw statusFailure(given, 'repo-denied');
    const body = this.#json(given);
    const token = stringAt(body, 'token') ?? stringAt(body, 'access_token');
    if (token === undefined) return undefined;
    // Tokens live for 60 s unless they say otherwise; a little less is used.
    const seconds = Math.max(10, (numberAt(body, 'expires_in') ?? 60) - 10);
    this.#login = { header: `Bearer ${token}`, until: clock.now() + seconds * 1000 };
    return this.#login.header;
  }

  #nextPage(answer: HttpAnswer): string | undefined {
    const link = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(answer.headers.link ?? '')?.[1];
    if (link === undefined) return undefined;
    const next = new URL(link, answer.url);
    return next.searchParams.size === 0 ? undefined : `tags/list?${next.searchParams}`;
  }

  #json(answer: HttpAnswer): Json {
    try {
      return JSON.parse(answer.body.toString('utf8'));
    } catch {
      throw failure('repo-unreachable', answer.url, 'the answer is no JSON');
    }
  }
}
