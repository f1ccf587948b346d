// All clusters that are known: our own, and those whose credentials the store has read. A cluster is connected when it
// is first asked for, anew when its credentials change, and none of them can disturb another.
import { type Destination, defaultSettings, EngineError, type Json, type Settings, sameJson } from '../model/index.ts';
import type { Clock, Cluster, ClusterCredential, Clusters, LiveEvent, Log, Random } from '../ports/index.ts';
import { KubeCluster } from './cluster.ts';
import type { Connection } from './connection.ts';
import { connectionOf } from './credential.ts';
import type { Assess } from './facts.ts';
import type { Environment } from './kubeconfig.ts';
import type { Transport } from './transport.ts';
import type { Scope } from './watches.ts';

/** The address and the name of our own cluster, as Argo CD writes them. */
export const ownServer = 'https://kubernetes.default.svc';
const ownName = 'in-cluster';

/** What the clusters are made of. */
export type ClustersOptions = {
  /** How our own cluster is reached; undefined when there is none. */
  readonly own: Connection | undefined;
  /** The credentials that the store knows now. */
  readonly credentials: () => readonly ClusterCredential[];
  readonly assess: Assess;
  /** Kinds that the settings leave alone on a cluster: neither watched nor shown. */
  readonly isExcluded: (settings: Settings, server: string, group: string, kind: string) => boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The environment of credential plugins. */
  readonly environment: Environment;
  /** Requests to one cluster at once; 24 unless said. */
  readonly concurrency?: number;
  readonly settings?: Settings;
  readonly connect: (connection: Connection, concurrency: number) => Transport;
};

type Entry = {
  readonly server: string;
  readonly name: string;
  readonly project: string;
  readonly digest: string;
  readonly scope: Scope;
  readonly connection: () => Connection;
  readonly problem: string;
};

const concurrency = 24;
const everything: Scope = { namespaces: [], clusterResources: true };

/** All clusters over one way to connect to them. */
export function createClustersOver(options: ClustersOptions): Clusters {
  return new KubeClusters(options);
}

class KubeClusters implements Clusters {
  readonly #options: ClustersOptions;
  readonly #listeners: ((event: LiveEvent) => void)[] = [];
  readonly #open = new Map<string, { readonly digest: string; readonly cluster: KubeCluster }>();
  #settings: Settings;
  #followed: Parameters<Clusters['follow']>[0] = [];
  #stopped = false;

  constructor(options: ClustersOptions) {
    this.#options = options;
    this.#settings = options.settings ?? defaultSettings;
  }

  async get(destination: Destination, project: string): Promise<Cluster> {
    const entries = this.#entries();
    this.#closeOthers(entries);
    return this.#opened(choose(entries, destination, project), entries);
  }

  list() {
    return this.#entries().map(({ server, name, problem }) => {
      const state = this.#open.get(server)?.cluster.state;
      return {
        server,
        name,
        connected: state?.connected ?? false,
        message: problem === '' ? (state?.message ?? '') : problem,
      };
    });
  }

  onEvent(listener: (event: LiveEvent) => void): void {
    this.#listeners.push(listener);
  }

  follow(wanted: Parameters<Clusters['follow']>[0]): void {
    this.#followed = wanted;
    if (this.#open.size === 0) return;
    const entries = this.#entries();
    for (const [server, { cluster }] of this.#open) cluster.follow(this.#followedOn(server, entries));
  }

  configure(settings: Settings): void {
    const before = this.#settings;
    this.#settings = settings;
    const same =
      sameJson(watched(before), watched(settings)) &&
      before.trackingMethod === settings.trackingMethod &&
      before.instanceLabelKey === settings.instanceLabelKey &&
      before.installationId === settings.installationId;
    if (!same) for (const { cluster } of this.#open.values()) cluster.track(settings);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map(({ cluster }) => cluster.stop()));
  }

  #entries(): readonly Entry[] {
    const { own, environment } = this.#options;
    const entries = this.#options.credentials().map((credential) => entryOf(credential, own, environment));
    if (own !== undefined && !entries.some(({ server }) => server === ownServer)) {
      const mine = { server: ownServer, name: ownName, project: '', digest: '', scope: everything, problem: '' };
      entries.unshift({ ...mine, connection: () => own });
    }
    return entries;
  }

  #followedOn(server: string, entries: readonly Entry[]): ReadonlySet<string> {
    const spaces = new Set<string>();
    for (const { destination, project } of this.#followed) {
      const [hit, ...others] = matching(entries, destination, project);
      if (hit?.server === server && others.length === 0) spaces.add(destination.namespace);
    }
    return spaces;
  }

  #opened(entry: Entry, entries: readonly Entry[]): Cluster {
    const known = this.#open.get(entry.server);
    if (known !== undefined) return known.cluster;
    if (this.#stopped) throw new EngineError('cluster-unreachable', `cluster ${entry.name}: the engine is stopping`);
    const { clock, random, assess, isExcluded, connect, log } = this.#options;
    const most = this.#options.concurrency ?? concurrency;
    const cluster = new KubeCluster({
      server: entry.server,
      name: entry.name,
      project: entry.project,
      scope: entry.scope,
      transport: connect(entry.connection(), most),
      clock,
      random,
      assess,
      isExcluded: (group, kind) => isExcluded(this.#settings, entry.server, group, kind),
      rules: this.#settings,
      sensitive: () => this.#settings.sensitiveAnnotations,
      emit: (happening) => this.#emit({ ...happening, server: entry.server }),
      concurrency: most,
    });
    this.#open.set(entry.server, { digest: entry.digest, cluster });
    cluster.follow(this.#followedOn(entry.server, entries));
    log.info('cluster connected', { server: entry.server, name: entry.name });
    return cluster;
  }

  /** Ends the clusters whose credentials have changed or gone. */
  #closeOthers(entries: readonly Entry[]): void {
    for (const [server, { digest, cluster }] of this.#open) {
      if (entries.some((entry) => entry.server === server && entry.digest === digest)) continue;
      this.#open.delete(server);
      cluster.stop().catch((error: unknown) => {
        this.#options.log.warn('cluster not closed', { server, error: String(error) });
      });
    }
  }

  #emit(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

// What is seen of a cluster, and how it is judged, follows from these: when they change, everything is read anew.
function watched({ exclusions, inclusions, healthScripts }: Settings): Json {
  return { exclusions, inclusions, healthScripts } as unknown as Json;
}

function entryOf(credential: ClusterCredential, own: Connection | undefined, environment: Environment): Entry {
  const server = plain(credential.server);
  const { caData, insecure, bearerToken, certData, exec, username } = credential;
  const isBare = [caData, insecure, bearerToken, certData, exec, username].every((field) => field === undefined);
  return {
    server,
    name: credential.name,
    project: credential.project,
    digest: credential.digest,
    scope: { namespaces: credential.namespaces, clusterResources: credential.clusterResources },
    problem: credential.problem ?? '',
    // A Secret for our own cluster often says no more than its name.
    connection: () =>
      server === ownServer && isBare && own !== undefined ? own : connectionOf(credential, environment),
  };
}

function choose(entries: readonly Entry[], destination: Destination, project: string): Entry {
  const { server, name } = destination;
  const about = server ?? name ?? '';
  if (about === '') throw missing('the destination names neither a server nor a cluster', about);
  if (server !== undefined && server !== '' && name !== undefined && name !== '') {
    throw missing(`the destination names both the server ${server} and the cluster ${name}`, about);
  }
  const hits = matching(entries, destination, project);
  const [hit, other] = hits;
  if (hit === undefined) throw missing(`there is no cluster ${about}`, about);
  if (other !== undefined) throw missing(`there are ${hits.length} clusters named ${about}`, about);
  if (hit.problem !== '') {
    throw new EngineError('cluster-config', `cluster ${hit.name}: ${hit.problem}`, { about: hit.server });
  }
  return hit;
}

/** The clusters that a destination may mean: one, unless somebody has made a mistake. */
function matching(entries: readonly Entry[], { server, name }: Destination, project: string): readonly Entry[] {
  const wanted = server === undefined || server === '' ? undefined : plain(server);
  return entries.filter(
    (entry) =>
      (wanted === undefined ? entry.name === name : entry.server === wanted) &&
      (entry.project === '' || entry.project === project),
  );
}

function missing(message: string, about: string): EngineError {
  return new EngineError('cluster-not-found', `cluster: ${message}`, { about });
}

function plain(server: string): string {
  return server.replace(/\/+$/, '');
}
