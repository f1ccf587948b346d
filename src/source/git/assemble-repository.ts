import { join } from 'node:path';
import type { Clock, Metrics, Random, RepositoryCredential, SignerKeys, TrustSettings } from '../../ports/index.ts';
import { type Address, shownAddress } from '../address.ts';
import type { Gate } from '../gate.ts';
import type { GitHubApps } from '../github-app.ts';
import { authorizationOf, httpTrust } from '../http/access.ts';
import type { HttpClient } from '../http/client.ts';
import { JsonFile } from '../json-file.ts';
import { Polled } from '../polled.ts';
import { type GitHome, type Login, localEnvironment } from './access.ts';
import { Commits } from './commits.ts';
import { LfsObjects } from './lfs.ts';
import { Mirror } from './mirror.ts';
import { ObjectReader } from './object-reader.ts';
import { GitObjects, type ObjectCache, type ObjectLimits } from './objects.ts';
import type { ReaderPool } from './reader-pool.ts';
import { GitRemote } from './remote.ts';
import { movedRefs, type RemoteRefs } from './remote-refs.ts';
import { GitRepository } from './repository.ts';
import { restoredRefs, storedRefs } from './stored-refs.ts';
import { type OpenModule, Submodules } from './submodules.ts';

/** What all repositories of the room share. */
export type RepositorySurroundings = {
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly http: HttpClient;
  readonly interval: () => { readonly every: number; readonly jitter: number };
  readonly trust: () => TrustSettings;
  readonly signers: () => SignerKeys;
  readonly submodules: boolean;
  readonly limits: ObjectLimits;
  readonly home: GitHome;
  /** Bounds the requests to one server at a time. */
  readonly gateTo: (host: string) => Gate;
  readonly pool: ReaderPool;
  readonly cache: ObjectCache;
  readonly apps: GitHubApps;
  readonly signal: AbortSignal;
};

/** What one repository is made of from outside. `key` names its mirror. */
export type RepositoryIdentity = {
  readonly key: string;
  readonly address: Address;
  readonly credential: () => RepositoryCredential | undefined;
  readonly openModule: OpenModule;
};

export type AssembledRepository = {
  readonly repository: GitRepository;
  readonly mirror: Mirror;
  readonly polled: Polled<RemoteRefs>;
  readonly state: JsonFile;
};

/** ms without a read after which a `cat-file` process ends. */
const idleReader = 30_000;

/** Puts one repository together from its parts; `changed` is told the refs that moved, none when it fell silent or came back. */
export async function assembleRepository(
  shared: RepositorySurroundings,
  identity: RepositoryIdentity,
  changed: (refs: readonly string[]) => void,
): Promise<AssembledRepository> {
  const { clock, random, interval, limits } = shared;
  const { key, address, credential, openModule } = identity;
  const dir = join(shared.cacheDir, 'git', `${key}.git`);
  const mirror = new Mirror(dir, shared.home, shared.signal);
  const remote = remoteOf(shared, identity);
  const reader = new ObjectReader({ dir, env: localEnvironment(shared.home), clock, idle: idleReader });
  const objects = new GitObjects({ name: key, reader, pool: shared.pool, cache: shared.cache, limits });
  const state = new JsonFile(join(dir, 'plumbline.json'));
  const restored = restoredRefs(await state.read());
  const unusual = new Set<string>();
  const ask = (before: RemoteRefs | undefined) => remote.refs(before, unusual, false);
  const polled = pollOf(
    { clock, random, interval, ...(restored === undefined ? {} : { restored }) },
    ask,
    state,
    changed,
  );
  const commits = new Commits({ mirror, remote, objects, now: () => clock.now() });
  const lfs = lfsOf(shared, identity, dir);
  const repository = new GitRepository({
    about: shownAddress(address.url),
    mirror,
    commits,
    objects,
    polled,
    lfs: () => (credential()?.enableLfs === true ? lfs : undefined),
    submodules: shared.submodules ? new Submodules(address, openModule) : undefined,
    unusual,
    signatures: { home: shared.home, keys: shared.signers },
    now: () => clock.now(),
  });
  return { repository, mirror, polled, state };
}

/** The server of a repository, as a credential reaches it. */
export function remoteOf(
  shared: RepositorySurroundings,
  { address, credential }: Pick<RepositoryIdentity, 'address' | 'credential'>,
): GitRemote {
  return new GitRemote(address, {
    home: shared.home,
    gate: shared.gateTo(address.host),
    metrics: shared.metrics,
    credential,
    trust: shared.trust,
    login: (found) => loginFor(shared, found, address),
    timeouts: { list: 45_000, fetch: 15 * 60_000 },
    signal: shared.signal,
  });
}

type PollOptions = Pick<
  ConstructorParameters<typeof Polled<RemoteRefs>>[0],
  'clock' | 'random' | 'interval' | 'restored'
>;

function pollOf(
  options: PollOptions,
  ask: (before: RemoteRefs | undefined) => Promise<RemoteRefs>,
  state: JsonFile,
  changed: (refs: readonly string[]) => void,
): Polled<RemoteRefs> {
  let wasFailing = options.restored?.failing !== undefined;
  const polled: Polled<RemoteRefs> = new Polled({
    ...options,
    ask: () => ask(polled.known?.value),
    settled: (before, known, at) => {
      if (known === undefined) return;
      const failing = known.failing !== undefined;
      const moved = before === undefined ? [...known.value.refs.keys()] : movedRefs(before, known.value);
      const turned = failing !== wasFailing;
      wasFailing = failing;
      if (moved.length > 0 || turned || before === undefined) state.save(() => storedRefs({ ...known, at }));
      if (moved.length > 0 || turned) changed(moved);
    },
  });
  return polled;
}

function lfsOf(shared: RepositorySurroundings, { address, credential }: RepositoryIdentity, dir: string): LfsObjects {
  return new LfsObjects({
    http: shared.http,
    address,
    dir,
    trust: () => httpTrust(address, credential(), shared.trust()),
    authorization: async () => {
      const found = credential();
      const login = found === undefined ? undefined : await loginFor(shared, found, address);
      return authorizationOf(login ?? found);
    },
    maxBytes: shared.limits.file,
  });
}

/** Name and password for https: a GitHub App's token, or what the Secret holds. */
async function loginFor(
  shared: RepositorySurroundings,
  credential: RepositoryCredential,
  address: Address,
): Promise<Login | undefined> {
  if (address.transport !== 'https' && address.transport !== 'http') return undefined;
  if (credential.githubApp !== undefined) {
    const api = new URL(credential.githubApp.enterpriseBaseUrl ?? 'https://api.github.com');
    const trust = httpTrust({ host: api.hostname, port: api.port }, credential, shared.trust());
    return { username: 'x-access-token', password: await shared.apps.token(credential, address, trust) };
  }
  const { username, password } = credential;
  if (username === undefined && password === undefined) return undefined;
  return { username: username ?? '', password: password ?? '' };
}
