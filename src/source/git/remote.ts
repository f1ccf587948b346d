import { rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EngineError } from '../../model/index.ts';
import type { Metrics, RepositoryCredential, TrustSettings } from '../../ports/index.ts';
import { type Address, shownAddress } from '../address.ts';
import type { Gate } from '../gate.ts';
import { secretsOf } from '../redact.ts';
import { accessTo, type GitHome, type Login } from './access.ts';
import { type GitOutcome, runGit } from './command.ts';
import { gitFailure, isRedirect } from './failure.ts';
import { type PushedRef, parsePushAnswer } from './push-answer.ts';
import { parseRemoteRefs, type RemoteRefs } from './remote-refs.ts';

/** What the remote needs from outside for each request, as it is at that moment. */
export type RemoteContext = {
  readonly home: GitHome;
  readonly gate: Gate;
  readonly metrics: Metrics;
  readonly credential: () => RepositoryCredential | undefined;
  readonly trust: () => TrustSettings;
  /** Name and password for https: those of the Secret, or a token of a GitHub App. */
  readonly login: (credential: RepositoryCredential) => Promise<Login | undefined>;
  /** ms for one request. */
  readonly timeouts: { readonly list: number; readonly fetch: number };
  readonly signal: AbortSignal;
};

/** More refs than this beside branches and tags, and the server is asked for branches and tags only. */
const crowd = 1_000;
/** Every so many polls of a crowded repository ask for everything, to notice another default branch. */
const fullEvery = 10;

/** The server of one repository: what its refs are, and fetching from it into a bare repository of ours. */
export class GitRemote {
  readonly #address: Address;
  readonly #about: string;
  readonly #context: RemoteContext;
  #eager = true;
  #sinceFull = 0;
  #fetching: Promise<unknown> = Promise.resolve();

  constructor(address: Address, context: RemoteContext) {
    this.#address = address;
    this.#about = shownAddress(address.url);
    this.#context = context;
  }

  /** One `ls-remote`; `before` saves asking for what changes rarely. */
  async refs(before: RemoteRefs | undefined, unusual: ReadonlySet<string>, urgent: boolean): Promise<RemoteRefs> {
    const many = before !== undefined && before.others > crowd && unusual.size === 0;
    const crowded = many && ++this.#sinceFull < fullEvery;
    if (crowded) {
      const answer = parseRemoteRefs(await this.#listRefs(['--heads', '--tags'], urgent));
      const head = answer.refs.get(before.head);
      if (head !== undefined) {
        return { ...answer, head: before.head, refs: new Map(answer.refs).set('HEAD', head), others: before.others };
      }
    }
    this.#sinceFull = 0;
    return parseRemoteRefs(await this.#listRefs(['--symref'], urgent), unusual);
  }

  /** Fetches into `dir`; one at a time. EngineError `revision-not-found` when the server has no such ref or commit. */
  fetch(dir: string, refspecs: readonly string[], urgent: boolean): Promise<void> {
    const depth = this.#context.credential()?.depth ?? 0;
    const options = ['--quiet', '--force', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
    const args = [...options, ...(depth > 0 ? [`--depth=${depth}`] : [])];
    const command = ['--git-dir', dir, 'fetch', ...args, '--', this.#address.url, ...refspecs];
    const job = this.#fetching.then(async () => {
      try {
        await this.#ask('fetch', command, urgent);
      } catch (error) {
        if (!(await removeStaleLock(dir, error))) throw error;
        await this.#ask('fetch', command, urgent);
      }
    });
    this.#fetching = job.catch(() => {});
    return job;
  }

  /** What these refs, by their full names, are now. */
  async list(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { stdout } = await this.#ask('ls-remote', ['ls-remote', '--quiet', '--', this.#address.url, ...names], true);
    const found = new Map<string, string>();
    for (const line of stdout.toString('utf8').split('\n')) {
      const [id = '', name = ''] = line.split('\t');
      if (names.includes(name)) found.set(name, id);
    }
    return found;
  }

  /**
   * Pushes objects of `dir` to refs of the server, each only if it still is where it was seen (`from`, '' for none).
   * A ref that was not moved is told in the answer; EngineError when the server took no push at all.
   */
  async push(
    dir: string,
    updates: readonly { readonly ref: string; readonly from: string; readonly to: string }[],
  ): Promise<readonly PushedRef[]> {
    const leases = updates.map(({ ref, from }) => `--force-with-lease=${ref}:${from}`);
    const options = ['--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', ...leases];
    const specs = updates.map(({ ref, to }) => `${to}:${ref}`);
    const args = ['--git-dir', dir, 'push', ...options, '--', this.#address.url, ...specs];
    return parsePushAnswer((await this.#ask('push', args, true)).stdout.toString('utf8'));
  }

  async #listRefs(options: readonly string[], urgent: boolean): Promise<string> {
    const { stdout } = await this.#ask(
      'ls-remote',
      ['ls-remote', '--quiet', ...options, '--', this.#address.url],
      urgent,
    );
    return stdout.toString('utf8');
  }

  #ask(what: string, args: readonly string[], urgent: boolean): Promise<GitOutcome> {
    return this.#context.gate.run(urgent, async () => {
      const credential = this.#context.credential();
      const login = credential === undefined ? this.#writtenLogin() : await this.#context.login(credential);
      const secrets = secretsOf(credential, login);
      let outcome = await this.#once(what, args, credential, login, this.#eager);
      if (outcome.code !== 0 && this.#eager && login !== undefined && isRedirect(outcome.stderr)) {
        outcome = await this.#once(what, args, credential, login, false);
        if (outcome.code === 0) this.#eager = false;
      }
      if (outcome.code === 0 || (what === 'push' && parsePushAnswer(outcome.stdout.toString('utf8')).length > 0))
        return outcome;
      const failed = what === 'fetch' ? 'argocd_git_fetch_fail_total' : 'argocd_git_lsremote_fail_total';
      this.#context.metrics.count(failed, { repo: this.#about });
      throw gitFailure(`git ${what}`, outcome.stderr, this.#about, secrets);
    });
  }

  async #once(
    what: string,
    args: readonly string[],
    credential: RepositoryCredential | undefined,
    login: Login | undefined,
    eager: boolean,
  ): Promise<GitOutcome> {
    const { home, trust, metrics, signal, timeouts } = this.#context;
    const access = await accessTo(home, this.#address, credential, trust(), login, eager);
    const labels = { repo: this.#about, request_type: what };
    const start = performance.now();
    try {
      const timeout = what === 'fetch' || what === 'push' ? timeouts.fetch : timeouts.list;
      return await runGit({ args, env: access.env, timeout, signal });
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'repo-unreachable') throw error;
      throw new EngineError(error.code, `${error.message}: ${this.#about}`, { about: this.#about, retry: 'backoff' });
    } finally {
      metrics.count('argocd_git_request_total', labels);
      metrics.observe('argocd_git_request_duration_seconds', (performance.now() - start) / 1000, labels);
      await access.release();
    }
  }

  #writtenLogin(): Login | undefined {
    const { user, password, transport } = this.#address;
    if (transport !== 'https' && transport !== 'http') return undefined;
    return user === '' && password === '' ? undefined : { username: user, password };
  }
}

/** ms after which a lock belongs to nobody: no fetch holds one for longer than an instant. */
const lockAge = 60_000;

/** A machine that stopped in the middle of a fetch leaves a lock behind, which would stop all that follow. */
async function removeStaleLock(dir: string, error: unknown): Promise<boolean> {
  const lock = error instanceof EngineError ? /'([^']+\.lock)': File exists/.exec(error.message)?.[1] : undefined;
  if (lock === undefined) return false;
  const place = resolve(dir, lock);
  const found = await stat(place).catch(() => undefined);
  const ours = place.startsWith(`${resolve(dir)}/`);
  if (!ours || found === undefined || Date.now() - found.mtimeMs < lockAge) return false;
  await rm(place, { force: true });
  return true;
}
