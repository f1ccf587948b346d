// Clusters for simulations: the real cluster room over apiservers in memory. What is faked is the network and the
// servers, so that a simulation exercises the room's own memory, echoes, watches and retries as well.
import {
  type Assess,
  type ClosableKubeApi,
  createClustersOver,
  createKubeApiOver,
  type LineSink,
  type Outgoing,
  ownServer,
  type Transport,
  TransportError,
} from '../../src/cluster/index.ts';
import type { KubeObject, ObjectRef, Settings } from '../../src/model/index.ts';
import { isExcludedKind } from '../../src/policy/index.ts';
import type { Clock, ClusterCredential, Clusters, Log, Random } from '../../src/ports/index.ts';
import { type Admission, FakeApiserver, isSelected, type Route } from './fake-apiserver.ts';
import { type FakeKind, FakeRefusal, resourceOf } from './fake-storage.ts';

/**
 * What goes wrong with one request. `lost-before` never arrives; `lost-after` is carried out, and the answer is lost;
 * `delay` comes before it is carried out, `late` after.
 */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: number }
  | { readonly kind: 'lost-before' }
  | { readonly kind: 'lost-after' }
  | { readonly kind: 'delay' | 'late'; readonly ms: number };

/** A request as the world sees it. */
export type Seen = { readonly method: Outgoing['method']; readonly path: string; readonly dryRun: boolean };

/** What a fake world is made of. Everything random and every wait comes from outside, so that a seed replays. */
export type FakeWorldOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly assess: Assess;
  /** The time that a request takes, ms. */
  readonly latency?: () => number;
  readonly log?: Log;
};

/** One apiserver and the hands that change it behind the engine's back. */
export type FakeCluster = {
  readonly server: string;
  readonly apiserver: FakeApiserver;
  /** Creates or replaces an object as another field manager; the server fills in what is its own. */
  put(object: KubeObject, manager?: string): KubeObject;
  /** Changes an object by a function of it. Nothing happens when there is none. */
  edit(ref: Omit<ObjectRef, 'version'>, change: (object: KubeObject) => KubeObject, manager?: string): void;
  /** Sets the status, as a controller does. */
  setStatus(ref: Omit<ObjectRef, 'version'>, status: KubeObject['metadata']): void;
  remove(ref: Omit<ObjectRef, 'version'>): void;
  get(ref: Omit<ObjectRef, 'version'>): KubeObject | undefined;
  list(group: string, kind: string): readonly KubeObject[];
  /** Serves another kind, as if its definition had always been there. */
  serve(kind: FakeKind): void;
  /** Hears of every object that was written or removed; play the controllers here. */
  onChange(listener: (type: string, object: KubeObject) => void): void;
  /** Rejects objects: the text is the reason. */
  reject(admission: Admission): void;
  /** Decides what goes wrong; undefined for all is well. */
  fault: (request: Seen) => Fault | undefined;
  /** All connections are lost and none can be made. */
  unreachable: boolean;
  /** Ends every watch with an error. */
  breakWatches(): void;
  /** Ends every watch, and continuing where it was is no longer possible. */
  compact(): void;
  /** Every request that arrived so far, and those that changed something. */
  readonly requests: { all: number; writes: number; dryRuns: number };
  readonly writes: { readonly method: string; readonly path: string }[];
};

/** Several apiservers and what an engine sees of them. */
export type FakeWorld = {
  /** The cluster that the engine runs in. */
  readonly own: FakeCluster;
  cluster(credential: ClusterCredential): FakeCluster;
  /** Another credential for the cluster that the engine runs in, under its own address. */
  alias(credential: ClusterCredential): void;
  /** Clusters as a new process opens them: nothing is remembered. */
  clusters(settings?: Settings): Clusters;
  /** Plain access to the own cluster, for a store. */
  api(): ClosableKubeApi;
};

const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Makes a world of one empty cluster. */
export function createFakeWorld(options: FakeWorldOptions): FakeWorld {
  const { clock, random, assess } = options;
  const servers = new Map<string, FakeServer>();
  const credentials: ClusterCredential[] = [];
  const open = (server: string): FakeServer => {
    const known = servers.get(server) ?? new FakeServer(server, options);
    servers.set(server, known);
    return known;
  };
  const own = open(ownServer);
  const connection = { server: ownServer, insecure: false, identity: { kind: 'none' }, namespace: '' } as const;
  return {
    own,
    cluster(credential) {
      credentials.push(credential);
      return open(credential.server);
    },
    alias(credential) {
      credentials.push(credential);
      servers.set(credential.server, own);
    },
    clusters: (settings) =>
      createClustersOver({
        own: connection,
        credentials: () => credentials,
        assess,
        isExcluded: isExcludedKind,
        clock,
        random,
        log: options.log ?? quietLog,
        environment: {},
        connect: ({ server }) => open(server).transport(),
        ...(settings === undefined ? {} : { settings }),
      }),
    api: () => createKubeApiOver(own.transport(), ownServer, clock, random),
  };
}

class FakeServer implements FakeCluster {
  readonly server: string;
  readonly apiserver: FakeApiserver;
  readonly requests = { all: 0, writes: 0, dryRuns: 0 };
  readonly writes: { method: string; path: string }[] = [];
  fault: (request: Seen) => Fault | undefined = () => undefined;
  readonly #clock: Clock;
  readonly #latency: () => number;
  readonly #streams = new Set<FakeStream>();
  readonly #listeners: ((type: string, object: KubeObject) => void)[] = [];
  #unreachable = false;

  constructor(server: string, { clock, random, latency }: FakeWorldOptions) {
    this.server = server;
    this.#clock = clock;
    this.#latency = latency ?? (() => 1);
    this.apiserver = new FakeApiserver(clock, random);
    this.apiserver.storage.onChange((resource) => {
      for (const stream of this.#streams) if (stream.resource === resource) stream.wake();
      const last = this.apiserver.storage.history(resource).at(-1);
      if (last === undefined) return;
      for (const listener of this.#listeners) clock.after(0, () => listener(last.type, last.object));
    });
  }

  get unreachable(): boolean {
    return this.#unreachable;
  }

  set unreachable(value: boolean) {
    this.#unreachable = value;
    if (value) this.breakWatches();
  }

  put(object: KubeObject, manager = 'somebody'): KubeObject {
    return this.apiserver.post(object, manager);
  }

  edit(ref: Omit<ObjectRef, 'version'>, change: (object: KubeObject) => KubeObject, manager = 'somebody'): void {
    const object = this.get(ref);
    if (object !== undefined) this.apiserver.post(change(structuredClone(object)), manager);
  }

  setStatus(ref: Omit<ObjectRef, 'version'>, status: KubeObject['metadata']): void {
    const object = this.get(ref);
    const kind = this.#kind(ref);
    if (object !== undefined && kind !== undefined) this.apiserver.storage.touch(kind, { ...object, status });
  }

  remove(ref: Omit<ObjectRef, 'version'>): void {
    const kind = this.#kind(ref);
    if (kind === undefined || this.get(ref) === undefined) return;
    const group = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
    const place = kind.namespaced ? `${group}/namespaces/${ref.namespace}` : group;
    this.apiserver.answer({ method: 'DELETE', path: `${place}/${kind.plural}/${ref.name}`, headers: {}, timeout: 0 });
  }

  get(ref: Omit<ObjectRef, 'version'>): KubeObject | undefined {
    const kind = this.#kind(ref);
    return kind === undefined ? undefined : this.apiserver.storage.get(kind, ref.namespace, ref.name);
  }

  list(group: string, kind: string): readonly KubeObject[] {
    const found = this.#kind({ group, kind });
    return found === undefined ? [] : this.apiserver.storage.list(found);
  }

  serve(kind: FakeKind): void {
    this.apiserver.serve(kind);
  }

  onChange(listener: (type: string, object: KubeObject) => void): void {
    this.#listeners.push(listener);
  }

  reject(admission: Admission): void {
    this.apiserver.admission = admission;
  }

  breakWatches(): void {
    for (const stream of [...this.#streams]) stream.end(new TransportError('connection lost', true));
  }

  compact(): void {
    this.apiserver.storage.compact();
    this.breakWatches();
  }

  transport(): Transport {
    const mine = new Set<FakeStream>();
    return {
      send: (outgoing) => this.#send(outgoing),
      stream: (path, _headers, _quiet, sink) => {
        const stream = new FakeStream(this.apiserver, this.#clock, this.#latency, path, sink, () => {
          this.#streams.delete(stream);
          mine.delete(stream);
        });
        this.#streams.add(stream);
        mine.add(stream);
        if (this.#unreachable) this.#clock.after(1, () => stream.end(new TransportError('connection refused', false)));
        else stream.start();
        return () => stream.stop();
      },
      close: async () => {
        for (const stream of [...mine]) stream.stop();
      },
    };
  }

  #kind({ group, kind }: Pick<ObjectRef, 'group' | 'kind'>): FakeKind | undefined {
    return [...this.apiserver.kinds.values()].find((one) => one.group === group && one.kind === kind);
  }

  async #send(outgoing: Outgoing) {
    const { method, path } = outgoing;
    const dryRun = path.includes('dryRun=All') || (outgoing.body?.includes('"dryRun":["All"]') ?? false);
    const fault = this.#unreachable ? undefined : this.fault({ method, path, dryRun });
    await this.#sleep(this.#latency() + (fault?.kind === 'delay' ? fault.ms : 0));
    if (this.#unreachable) throw new TransportError('connection refused', false);
    if (fault?.kind === 'lost-before') throw new TransportError('connection lost', true);
    if (fault?.kind === 'status') {
      const refusal = new FakeRefusal(fault.status, '', `HTTP ${fault.status}`);
      const text = JSON.stringify({ kind: 'Status', message: refusal.message, code: refusal.status });
      return { status: fault.status, text, retryAfter: fault.retryAfter ?? 0, etag: '' };
    }
    this.requests.all++;
    if (dryRun) this.requests.dryRuns++;
    const answer = this.apiserver.answer(outgoing);
    if (method !== 'GET' && !dryRun && answer.status < 300) {
      this.requests.writes++;
      this.writes.push({ method, path: path.split('?', 1)[0] ?? '' });
    }
    await this.#sleep(this.#latency() + (fault?.kind === 'late' ? fault.ms : 0));
    if (fault?.kind === 'lost-after') throw new TransportError('connection lost', true);
    return answer;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(ms, () => resolve()));
  }
}

/** One watch: the first list, its bookmark, and then what happens, a little later each. */
class FakeStream {
  resource = '';
  readonly #apiserver: FakeApiserver;
  readonly #clock: Clock;
  readonly #latency: () => number;
  readonly #path: string;
  readonly #sink: LineSink;
  readonly #over: () => void;
  #route: Route | undefined;
  #from = 0;
  #ended = false;
  #scheduled = true;

  constructor(
    apiserver: FakeApiserver,
    clock: Clock,
    latency: () => number,
    path: string,
    sink: LineSink,
    over: () => void,
  ) {
    this.#apiserver = apiserver;
    this.#clock = clock;
    this.#latency = latency;
    this.#path = path;
    this.#sink = sink;
    this.#over = over;
  }

  start(): void {
    this.#clock.after(this.#latency(), () => {
      if (this.#ended) return;
      try {
        this.#route = this.#apiserver.route(this.#path);
      } catch (error) {
        const status = error instanceof FakeRefusal ? error.status : 500;
        this.#over();
        this.#ended = true;
        this.#sink.end({ status, text: '404 page not found', retryAfter: 0, etag: '' });
        return;
      }
      this.resource = resourceOf(this.#route.kind);
      this.#sink.open();
      if (this.#route.query.get('sendInitialEvents') === 'true') this.#first();
      else this.#from = Number(this.#route.query.get('resourceVersion') ?? 0);
      this.#scheduled = false;
      if (this.#apiserver.storage.isForgotten(this.resource, this.#from)) {
        this.#line('ERROR', { apiVersion: 'v1', kind: 'Status', metadata: {}, code: 410, message: 'too old' });
      } else {
        this.wake();
      }
    });
  }

  wake(): void {
    if (this.#scheduled || this.#ended) return;
    this.#scheduled = true;
    this.#clock.after(this.#latency(), () => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  /** The reader stops reading. */
  stop(): void {
    this.#ended = true;
    this.#over();
  }

  end(failure: Error): void {
    if (this.#ended) return;
    this.stop();
    this.#sink.end(failure);
  }

  #first(): void {
    const route = this.#route;
    if (route === undefined) return;
    this.#from = this.#apiserver.storage.version;
    for (const object of this.#apiserver.storage.list(route.kind)) {
      if (isSelected(object, route)) this.#line('ADDED', object);
    }
    const annotations = { 'k8s.io/initial-events-end': 'true' };
    this.#line('BOOKMARK', {
      apiVersion: 'v1',
      kind: route.kind.kind,
      metadata: { resourceVersion: `${this.#from}`, annotations },
    });
  }

  #deliver(): void {
    const route = this.#route;
    if (route === undefined || this.#ended) return;
    for (const { version, type, object } of this.#apiserver.storage.history(this.resource)) {
      if (version <= this.#from || this.#ended) continue;
      this.#from = version;
      if (isSelected(object, route)) this.#line(type, object);
    }
  }

  #line(type: string, object: KubeObject): void {
    if (!this.#ended) this.#sink.line(JSON.stringify({ type, object }));
  }
}
