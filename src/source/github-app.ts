import { createPrivateKey, createSign } from 'node:crypto';
import { EngineError, numberAt, stringAt } from '../model/index.ts';
import type { Clock, RepositoryCredential } from '../ports/index.ts';
import type { Address } from './address.ts';
import { type HttpClient, type HttpTrust, statusFailure } from './http/client.ts';

type Token = { readonly token: string; readonly expires: number };

/** ms before its end at which a token is no longer used. */
const margin = 5 * 60_000;

/** Tokens of GitHub App installations, each kept until shortly before it ends; callers share one request. */
export class GitHubApps {
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #tokens = new Map<string, Promise<Token>>();

  constructor(http: HttpClient, clock: Clock) {
    this.#http = http;
    this.#clock = clock;
  }

  /** A token that may read the repository at `address`. EngineError `repo-denied` or `repo-config`. */
  async token(credential: RepositoryCredential, address: Address, trust: HttpTrust): Promise<string> {
    const app = credential.githubApp;
    if (app === undefined) throw new EngineError('internal', 'GitHub App: none in this credential');
    const api = (app.enterpriseBaseUrl ?? 'https://api.github.com').replace(/\/+$/, '');
    const owner = address.path.split('/')[0] ?? '';
    const key = [api, app.id, app.installationId ?? owner].join('\n');
    const before = this.#tokens.get(key);
    const known = await before?.catch(() => undefined);
    if (known !== undefined && known.expires - margin > this.#clock.now()) return known.token;
    const now = this.#tokens.get(key);
    if (now !== undefined && now !== before) return (await now).token;
    const asking = this.#ask(app, api, address, trust);
    this.#tokens.set(key, asking);
    asking.catch(() => this.#tokens.delete(key));
    return (await asking).token;
  }

  async #ask(
    app: NonNullable<RepositoryCredential['githubApp']>,
    api: string,
    address: Address,
    trust: HttpTrust,
  ): Promise<Token> {
    const jwt = appJwt(app.id, app.privateKey, this.#clock.now());
    const installation = app.installationId ?? (await this.#installation(api, address, jwt, trust));
    if (!/^\d+$/.test(installation)) {
      throw new EngineError('repo-config', `GitHub App: the installation id is not a number: ${address.url}`);
    }
    const answer = await this.#call(`${api}/app/installations/${installation}/access_tokens`, 'POST', jwt, trust);
    const token = stringAt(answer, 'token');
    const expires = Date.parse(stringAt(answer, 'expires_at') ?? '');
    if (token === undefined)
      throw new EngineError('repo-denied', `GitHub App: got no token: ${address.url}`, { retry: 'backoff' });
    return { token, expires: Number.isNaN(expires) ? this.#clock.now() + 30 * 60_000 : expires };
  }

  async #installation(api: string, address: Address, jwt: string, trust: HttpTrust): Promise<string> {
    const [owner = '', name = ''] = address.path.split('/').map(encodeURIComponent);
    const answer = await this.#call(`${api}/repos/${owner}/${name}/installation`, 'GET', jwt, trust);
    return String(numberAt(answer, 'id') ?? '');
  }

  async #call(url: string, method: 'GET' | 'POST', jwt: string, trust: HttpTrust) {
    const headers = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
    const limits = { maxBytes: 1024 * 1024, timeout: 30_000 };
    const answer = await this.#http.send({ url, method, headers, authorization: `Bearer ${jwt}`, trust, ...limits });
    if (answer.status !== 200 && answer.status !== 201) throw statusFailure(answer, 'repo-denied');
    try {
      return JSON.parse(answer.body.toString('utf8'));
    } catch {
      throw new EngineError('repo-unreachable', `GitHub App: the answer cannot be read: ${url}`, { retry: 'backoff' });
    }
  }
}

/** The signed statement that we are the App (RS256): valid for nine minutes, begun a minute ago for crooked clocks. */
export function appJwt(id: string, privateKey: string, now: number): string {
  const seconds = Math.floor(now / 1000);
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: seconds - 60, exp: seconds + 540, iss: id })}`;
  try {
    return `${text}.${createSign('RSA-SHA256').update(text).sign(createPrivateKey(privateKey)).toString('base64url')}`;
  } catch (cause) {
    throw new EngineError('repo-config', `GitHub App: the private key cannot be read: ${id}`, { cause });
  }
}
