// One cluster: the port's methods, each in a line or two over the parts that do the work.
import {
  asEngineError,
  describe,
  EngineError,
  idOf,
  isJsonObject,
  type JsonObject,
  type KubeObject,
  type LiveObject,
  listAt,
  type Manifest,
  type ObjectId,
  type ObjectRef,
  objectAt,
  type Prediction,
  type Resident,
  stringAt,
} from '../model/index.ts';
import type { Applied, ApplyOptions, Clock, Cluster, KindInfo, Observation, Random, TreeNode } from '../ports/index.ts';
import { apply } from './apply.ts';
import { change } from './change.ts';
import { type Client, createClient } from './client.ts';
import type { ServedKind } from './discovery.ts';
import { FactStore, type Happening } from './fact-store.ts';
import { type Assess, type Fact, liveOf } from './facts.ts';
import { inNameOf } from './in-name-of.ts';
import { Kinds } from './kinds.ts';
import { asObject, type Parts } from './parts.ts';
import { predict } from './predict.ts';
import { refusalError } from './refusal.ts';
import { type Removal, remove } from './remove.ts';
import { Residents } from './residents.ts';
import { readLive } from './send.ts';
import type { TrackingRules } from './tracking.ts';
import type { Transport } from './transport.ts';
import { Trees } from './tree.ts';
import { type Follow, startWatch } from './watch.ts';
import { type Scope, Watches } from './watches.ts';

/** What a cluster is made of. */
export type KubeClusterOptions = {
  readonly server: string;
  readonly name: string;
  /** The project that alone may use it, '' for all. */
  readonly project: string;
  readonly scope: Scope;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly assess: Assess;
  /** Kinds that are neither watched nor shown (the resource filters of the settings). */
  readonly isExcluded: (group: string, kind: string) => boolean;
  readonly rules: TrackingRules;
  /** Annotations of Secrets whose values are masked. */
  readonly sensitive: () => readonly string[];
  readonly emit: (happening: Happening) => void;
  readonly concurrency: number;
};

const longestLog = 10 * 1024 * 1024;
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const metadata = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const metadataOrList = `${metadata},application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`;

export class KubeCluster implements Cluster {
  readonly server: string;
  readonly name: string;
  readonly project: string;
  readonly #options: KubeClusterOptions;
  readonly #client: Client;
  readonly #parts: Parts;
  readonly #kinds: Kinds;
  readonly #watches: Watches;
  readonly #trees: Trees;
  readonly #residents: Residents;
  #facts: FactStore;
  #rules: TrackingRules;
  #definitions: Follow | undefined;
  #problem: EngineError | undefined;
  #reached = false;

  constructor(options: KubeClusterOptions) {
    const { clock, random, transport, assess, scope } = options;
    this.server = options.server;
    this.name = options.name;
    this.project = options.project;
    this.#options = options;
    this.#rules = options.rules;
    const where = options.name === '' ? options.server : `${options.name} (${options.server})`;
    this.#client = createClient(this.#noticing(transport), clock, random, options.concurrency, `cluster ${where}`);
    this.#kinds = new Kinds(this.#client, clock, (changed) => this.#kindsChanged(changed));
    this.#residents = new Residents({
      client: this.#client,
      clock,
      random,
      kinds: this.#kinds,
      watches: () => this.#watches,
      facts: () => this.#facts,
      rules: () => this.#rules,
      isExcluded: options.isExcluded,
      emit: options.emit,
    });
    this.#facts = new FactStore(options.rules, assess, options.emit, this.#residents);
    const connected = (error: EngineError | undefined): void => this.#connected(error);
    const changed = (): void => this.#residents.sync();
    this.#watches = new Watches({ client: this.#client, clock, random, scope, connected, changed }, this.#facts);
    this.#parts = {
      client: this.#client,
      kinds: this.#kinds,
      watches: this.#watches,
      facts: () => this.#facts,
      sensitive: options.sensitive,
      pause: (ms) => new Promise((resolve) => void clock.after(ms, () => resolve())),
    };
    this.#trees = new Trees(this.#parts, clock, assess);
  }

  /** Whether the last request or watch got through; the message is '' when it did. */
  get state(): { readonly connected: boolean; readonly message: string } {
    return { connected: this.#reached && this.#problem === undefined, message: this.#problem?.message ?? '' };
  }

  async version(): Promise<{ readonly kubeVersion: string; readonly apiVersions: readonly string[] }> {
    this.#followDefinitions();
    return this.#kinds.version();
  }

  async kind(group: string, kind: string, version?: string): Promise<KindInfo | undefined> {
    this.#followDefinitions();
    return this.#kinds.find(group, kind, version);
  }

  async observe(want: { readonly tracking: string; readonly refs: readonly ObjectRef[] }): Promise<Observation> {
    this.#followDefinitions();
    const unknownKinds: string[] = [];
    const unwatched: ObjectRef[] = [];
    const waits: Promise<void>[] = [];
    const looked = new Set<string>();
    for (const ref of want.refs) {
      const key = `${ref.group}/${ref.kind}`;
      if (looked.has(key)) continue;
      looked.add(key);
      const served = this.#kinds.known(ref.group, ref.kind, ref.version) ?? (await this.#served(ref));
      if (served === undefined) unknownKinds.push(key);
      else if (!this.#isWatchable(served, ref.namespace))
        unwatched.push(...want.refs.filter((other) => sameKind(other, ref)));
      else {
        const wait = this.#watches.ensure(served);
        if (wait !== undefined) waits.push(wait);
      }
    }
    if (waits.length > 0) await Promise.all(waits);
    await this.#facts.judged(want.tracking, want.refs);
    const objects = this.#collect(want);
    for (const ref of unwatched) {
      const live = await this.#passing(ref);
      if (live !== undefined) objects.set(idOf(ref), live);
    }
    return { objects, unknownKinds };
  }

  predict(manifest: Manifest, options: Omit<ApplyOptions, 'dryRun'>): Promise<Prediction> {
    return predict(inNameOf(this.#parts, options.as), manifest, options);
  }

  apply(manifest: Manifest, options: ApplyOptions): Promise<Applied> {
    return apply(inNameOf(this.#parts, options.as), manifest, options);
  }

  delete(ref: ObjectRef, removal: Removal): Promise<void> {
    return remove(inNameOf(this.#parts, removal.as), ref, removal);
  }

  change(ref: ObjectRef, patch: JsonObject, how: { readonly uid: string; readonly as?: string }): Promise<void> {
    return change(inNameOf(this.#parts, how.as), ref, patch, how.uid);
  }

  async read(ref: ObjectRef): Promise<KubeObject | undefined> {
    const kind = await this.#served(ref);
    return kind === undefined ? undefined : readLive(this.#parts, kind, ref);
  }

  async whoAmI(): Promise<string> {
    const kind = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
    const answer = await this.#client.json({ method: 'POST', path, body: JSON.stringify(kind), doing: 'who we are' });
    return stringAt(answer, 'status', 'userInfo', 'username') ?? '';
  }

  tree(
    tracking: string,
    roots: readonly ObjectRef[],
    residents: readonly Resident[] = [],
  ): Promise<readonly TreeNode[]> {
    return this.#trees.tree(tracking, roots, residents);
  }

  /** Keeps the residents of these namespaces, and of no others. */
  follow(namespaces: ReadonlySet<string>): void {
    this.#residents.follow(namespaces);
  }

  residents(namespace: string): readonly Resident[] | Promise<readonly Resident[]> {
    return this.#residents.of(namespace);
  }

  async events(ref: ObjectRef, uid?: string): Promise<readonly KubeObject[]> {
    const selector =
      uid === undefined
        ? `involvedObject.kind=${ref.kind},involvedObject.name=${ref.name}`
        : `involvedObject.uid=${uid}`;
    // Events about cluster-scoped objects live in the default namespace.
    const namespace = encodeURIComponent(ref.namespace === '' ? 'default' : ref.namespace);
    const answer = await this.#client.json({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/events?limit=500&fieldSelector=${encodeURIComponent(selector)}`,
      doing: `events of ${describe(ref)}`,
    });
    const events: KubeObject[] = [];
    for (const item of listAt(answer, 'items')) {
      if (isJsonObject(item)) {
        events.push({ ...item, apiVersion: 'v1', kind: 'Event', metadata: objectAt(item, 'metadata') });
      }
    }
    return events;
  }

  async logs(ref: { namespace: string; pod: string; container?: string; tailLines?: number }): Promise<string> {
    const query = new URLSearchParams({ limitBytes: `${longestLog}` });
    if (ref.container !== undefined) query.set('container', ref.container);
    if (ref.tailLines !== undefined) query.set('tailLines', `${Math.max(0, Math.floor(ref.tailLines))}`);
    const doing = `logs of Pod ${ref.namespace}/${ref.pod}`;
    const [namespace, pod] = [encodeURIComponent(ref.namespace), encodeURIComponent(ref.pod)];
    const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log?${query}`;
    const answer = await this.#client.ask({ method: 'GET', path, doing, accept: '*/*' });
    if (answer.status !== 200) throw refusalError(answer, doing);
    return answer.text;
  }

  /** Other tracking rules: everything known is read anew under them. */
  track(rules: TrackingRules): void {
    this.#rules = rules;
    this.#facts = new FactStore(rules, this.#options.assess, this.#options.emit, this.#residents);
    this.#watches.restart(this.#facts);
    this.#residents.restart();
  }

  async stop(): Promise<void> {
    this.#definitions?.stop();
    this.#kinds.stop();
    this.#residents.stop();
    this.#watches.stop();
    await this.#client.close();
  }

  async #served(ref: ObjectRef): Promise<ServedKind | undefined> {
    return (
      (await this.#kinds.find(ref.group, ref.kind, ref.version)) ??
      // A version that is no longer served is still the same object.
      this.#kinds.known(ref.group, ref.kind)
    );
  }

  #isWatchable(served: ServedKind, namespace: string): boolean {
    return (
      served.verbs.includes('watch') &&
      served.verbs.includes('list') &&
      !this.#watches.isOutside(served, namespace) &&
      !this.#options.isExcluded(served.group, served.kind)
    );
  }

  /** Everything known of an application; and remembers what else it asked for, so that its appearance wakes it. */
  #collect(want: { readonly tracking: string; readonly refs: readonly ObjectRef[] }): Map<ObjectId, LiveObject> {
    const objects = new Map<ObjectId, LiveObject>();
    const add = (fact: Fact): void => {
      const live = liveOf(fact, this.#rules);
      objects.set(idOf(live.ref), live);
    };
    for (const fact of this.#facts.trackedBy(want.tracking)) add(fact);
    const asked: ObjectId[] = [];
    for (const ref of want.refs) {
      const id = idOf(ref);
      if (objects.has(id)) continue;
      asked.push(id);
      const fact = this.#facts.find(ref);
      if (fact !== undefined) add(fact);
    }
    this.#facts.ask(want.tracking, asked);
    return objects;
  }

  /** An object of a kind that cannot be watched. */
  async #passing(ref: ObjectRef): Promise<LiveObject | undefined> {
    const served = await this.#served(ref);
    const readable = served?.verbs.includes('get') === true && !this.#watches.isOutside(served, ref.namespace);
    if (served === undefined || !readable || ref.name === '') return undefined;
    const object = await readLive(this.#parts, served, ref);
    if (object === undefined) return undefined;
    const kind = { group: served.group, version: served.version, kind: served.kind };
    return this.#facts.live(await this.#facts.passingJudged(asObject(object, 'read'), kind));
  }

  /** CRDs are always followed, as metadata: a new kind must wake those who wait for it. */
  #followDefinitions(): void {
    if (this.#definitions !== undefined) return;
    const { clock, random } = this.#options;
    const names = new Set<string>();
    let seen = new Set<string>();
    let first = true;
    const tell = (name: string, exists: boolean): void => {
      if (exists) names.add(name);
      else names.delete(name);
      seen.add(name);
      if (!first) this.#kinds.definition(name, exists);
    };
    const nameOf = (object: KubeObject): string => stringAt(object.metadata, 'name') ?? '';
    this.#definitions = startWatch(
      {
        client: this.#client,
        clock,
        random,
        path: definitions,
        accept: metadataOrList,
      },
      {
        listing: () => {
          seen = new Set();
        },
        put: (object) => tell(nameOf(object), true),
        gone: (object) => tell(nameOf(object), false),
        listed: () => {
          for (const name of names) if (!seen.has(name)) tell(name, false);
          first = false;
        },
        reset: () => undefined,
        // Credentials for single namespaces may not see definitions; that is no loss of connection.
        state: (error) => error?.code === 'cluster-denied' || this.#connected(error),
      },
    );
  }

  #kindsChanged(changed: readonly string[]): void {
    for (const key of changed) {
      const [group = '', kind = ''] = key.split('/');
      const watched = this.#watches.known(group, kind);
      if (watched !== undefined && this.#kinds.known(group, kind, watched.version) === undefined) {
        this.#watches.drop(key);
      }
      this.#options.emit({ id: `${key}//`, tracking: [], what: 'kinds' });
    }
    this.#residents.sync();
  }

  #connected(error: EngineError | undefined): void {
    const lost = this.#problem !== undefined;
    this.#problem = error;
    if (error !== undefined) return;
    this.#reached = true;
    if (lost) {
      this.#watches.nudge();
      this.#definitions?.nudge();
    }
  }

  /** A transport that tells of success and failure: the state of the connection is that of its last use. */
  #noticing(transport: Transport): Transport {
    return {
      send: async (outgoing) => {
        try {
          const answer = await transport.send(outgoing);
          if (answer.status === 401) this.#connected(refusalError(answer, 'connect'));
          else this.#connected(undefined);
          return answer;
        } catch (error) {
          const message = asEngineError(error).message;
          this.#connected(new EngineError('cluster-unreachable', `connect: ${message}`, { retry: 'backoff' }));
          throw error;
        }
      },
      stream: (path, headers, quiet, sink) => transport.stream(path, headers, quiet, sink),
      close: () => transport.close(),
    };
  }
}

function sameKind(a: ObjectRef, b: ObjectRef): boolean {
  return a.kind === b.kind && a.group === b.group;
}
