// A kube-apiserver in memory: the requests that the cluster room makes, answered as the real one answers them. The
// conformance suite runs the same room over this and over a real apiserver, so that it cannot drift.

import type { Answer, Outgoing } from '../../src/cluster/index.ts';
import { type Json, type JsonObject, type KubeObject, objectAt, stringAt } from '../../src/model/index.ts';
import type { Clock, Random } from '../../src/ports/index.ts';
import { builtInKinds } from './fake-kinds.ts';
import { jsonPatch, mergePatch } from './fake-patches.ts';
import { type FakeKind, FakeRefusal, FakeStorage, type Stored, type WriteMode } from './fake-storage.ts';

/** What an object must satisfy before it is stored: a text rejects it. */
export type Admission = (object: KubeObject) => string | undefined;

/** Where a request goes. */
export type Route = {
  readonly kind: FakeKind;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly query: URLSearchParams;
};

const definitions = 'customresourcedefinitions';
const crdDelay = 30;
const collectDelay = 5;

export class FakeApiserver {
  readonly storage = new FakeStorage();
  readonly kinds = new Map<string, FakeKind>();
  admission: Admission = () => undefined;
  kubeVersion = 'v1.37.0';
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    for (const kind of builtInKinds) this.serve(kind);
    this.storage.onRemoved((object) => this.#collect(object));
    for (const name of ['default', 'kube-system', 'argocd']) {
      this.post({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, 'kubernetes');
    }
  }

  serve(kind: FakeKind): void {
    this.kinds.set(`${kind.group}/${kind.version}/${kind.plural}`, kind);
  }

  kindOf(object: Pick<KubeObject, 'apiVersion' | 'kind'>): FakeKind | undefined {
    const [version = '', group = ''] = object.apiVersion.split('/').reverse();
    return [...this.kinds.values()].find(
      (kind) => kind.group === group && kind.version === version && kind.kind === object.kind,
    );
  }

  now(): string {
    return new Date(this.#clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  }

  /** Creates or replaces an object as `manager`. */
  post(object: KubeObject, manager: string): KubeObject {
    const kind = this.#mustServe(object);
    return this.#write(kind, object, this.#mode(manager, false), 'update').object;
  }

  /** One request; whatever happens it has an answer. */
  answer(outgoing: Outgoing): Answer {
    try {
      return this.#answer(outgoing);
    } catch (error) {
      if (error instanceof FakeRefusal) return statusAnswer(error);
      return statusAnswer(
        new FakeRefusal(500, 'InternalError', error instanceof Error ? error.message : String(error)),
      );
    }
  }

  /** The place that a path names; FakeRefusal where nothing is served. */
  route(path: string): Route {
    const [plain = '', query = ''] = path.split('?', 2);
    const parts = plain.split('/').slice(1).map(decodeURIComponent);
    const core = parts[0] === 'api';
    const group = core ? '' : (parts[1] ?? '');
    const version = parts[core ? 1 : 2] ?? '';
    const rest = parts.slice(core ? 2 : 3);
    // `/namespaces/x` is a Namespace, `/namespaces/x/pods` are pods in it.
    const inside = rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status' && rest[2] !== 'finalize';
    const [plural = '', name = '', subresource = ''] = inside ? rest.slice(2) : rest;
    const kind = this.kinds.get(`${group}/${version}/${plural}`);
    if (kind === undefined) throw new FakeRefusal(404, '', '404 page not found');
    return { kind, namespace: inside ? (rest[1] ?? '') : '', name, subresource, query: new URLSearchParams(query) };
  }

  #answer({ method, path, body, headers }: Outgoing): Answer {
    if (path === '/version') return ok({ gitVersion: this.kubeVersion });
    if (path === '/api' || path === '/apis') return ok(this.#discovery(path === '/api'));
    const route = this.route(path);
    const sent = body === undefined ? {} : (JSON.parse(body) as JsonObject);
    switch (method) {
      case 'GET':
        return route.name === '' ? ok(this.#list(route)) : ok(this.#find(route));
      case 'POST':
        return this.#create(route, asSent(sent, route));
      case 'PUT':
        return this.#stored(this.#write(route.kind, asSent(sent, route), this.#modeOf(route), 'update', route));
      case 'PATCH':
        return this.#patch(route, sent, String(headers['content-type'] ?? ''));
      case 'DELETE':
        return this.#delete(route, sent);
    }
  }

  #find({ kind, namespace, name }: Route): KubeObject {
    const object = this.storage.get(kind, namespace, name);
    if (object !== undefined) return object;
    throw new FakeRefusal(404, 'NotFound', `${kind.plural} "${name}" not found`, { name, kind: kind.plural });
  }

  #list(route: Route): JsonObject {
    const { kind } = route;
    const items = this.storage.list(kind).filter((object) => isSelected(object, route));
    const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
    return { apiVersion, kind: `${kind.kind}List`, metadata: { resourceVersion: `${this.storage.version}` }, items };
  }

  #create(route: Route, sent: KubeObject): Answer {
    const generated = stringAt(sent.metadata, 'generateName');
    const name = stringAt(sent.metadata, 'name') ?? `${generated ?? ''}${Math.floor(this.#random.next() * 1e6)}`;
    const object = strictly({ ...sent, metadata: { ...sent.metadata, name } }, route);
    if (this.storage.get(route.kind, route.namespace, name) !== undefined) {
      const details = { name, kind: route.kind.plural };
      throw new FakeRefusal(409, 'AlreadyExists', `${route.kind.plural} "${name}" already exists`, details);
    }
    return this.#stored(this.#write(route.kind, object, this.#modeOf(route), 'update'));
  }

  #patch(route: Route, sent: JsonObject | Json, contentType: string): Answer {
    if (contentType.includes('apply-patch')) {
      const object = asSent(sent as JsonObject, route);
      checkSchema(object);
      return this.#stored(this.#write(route.kind, object, this.#modeOf(route), 'apply'));
    }
    const live = this.#find(route);
    const next = contentType.includes('json-patch')
      ? jsonPatch(live, sent as readonly JsonObject[])
      : (mergePatch(live, sent as JsonObject) as unknown as KubeObject);
    return this.#stored(this.#write(route.kind, strictly(next, route), this.#modeOf(route), 'update', route));
  }

  #delete(route: Route, options: JsonObject): Answer {
    const object = this.#find(route);
    const uid = stringAt(options, 'preconditions', 'uid');
    if (uid !== undefined && uid !== object.metadata.uid) {
      const message = `the UID in the precondition (${uid}) does not match the UID in record`;
      throw new FakeRefusal(409, 'Conflict', message, { name: route.name, kind: route.kind.plural });
    }
    if (Array.isArray(options.dryRun)) return ok(object);
    if (stringAt(options, 'propagationPolicy') === 'Foreground' && this.#dependents(object).length > 0) {
      const finalizers = [...((object.metadata.finalizers as readonly Json[] | undefined) ?? []), 'foregroundDeletion'];
      this.storage.touch(route.kind, { ...object, metadata: { ...object.metadata, finalizers } });
    }
    const gone = this.storage.remove(route.kind, this.#find(route), this.now());
    this.#deleted(route.kind, gone);
    return ok(gone);
  }

  /** What else a deletion sets in motion. */
  #deleted(kind: FakeKind, object: KubeObject): void {
    if (kind.kind === 'Namespace') this.#emptyNamespace(stringAt(object.metadata, 'name') ?? '');
    if (kind.plural === definitions) this.#unserve(object);
    const held = object.metadata.finalizers;
    if (Array.isArray(held) && held.includes('foregroundDeletion')) {
      for (const dependent of this.#dependents(object)) this.#later(() => this.#removeAny(dependent));
    }
  }

  #write(kind: FakeKind, sent: KubeObject, mode: WriteMode, how: 'apply' | 'update', route?: Route): Stored {
    const subresource = route?.subresource ?? '';
    const namespace = stringAt(sent.metadata, 'namespace') ?? '';
    const exists = this.storage.get(kind, kind.namespaced ? namespace : '', stringAt(sent.metadata, 'name') ?? '');
    if (exists === undefined) this.#checkNamespace(kind, namespace);
    const complaint = this.admission(sent);
    if (complaint !== undefined && subresource === '') {
      throw new FakeRefusal(422, 'Invalid', complaint, {
        name: stringAt(sent.metadata, 'name') ?? '',
        kind: kind.kind,
      });
    }
    const stored =
      how === 'apply' ? this.storage.apply(kind, sent, mode) : this.storage.update(kind, sent, mode, subresource);
    if (!mode.dryRun && stored.created && kind.plural === definitions) this.#define(stored.object);
    return stored;
  }

  #checkNamespace(kind: FakeKind, name: string): void {
    if (!kind.namespaced) return;
    const namespaces = this.kinds.get('/v1/namespaces');
    const namespace = namespaces === undefined ? undefined : this.storage.get(namespaces, '', name);
    if (namespace === undefined) {
      throw new FakeRefusal(404, 'NotFound', `namespaces "${name}" not found`, { name, kind: 'namespaces' });
    }
    if (namespace.metadata.deletionTimestamp === undefined) return;
    throw new FakeRefusal(
      403,
      'Forbidden',
      `unable to create new content in namespace ${name} because it is being terminated`,
      {
        causes: [{ reason: 'NamespaceTerminating' }],
      },
    );
  }

  #define(object: KubeObject): void {
    this.#later(() => {
      const crds = this.kinds.get(`apiextensions.k8s.io/v1/${definitions}`);
      const now = crds === undefined ? undefined : this.storage.get(crds, '', stringAt(object.metadata, 'name') ?? '');
      if (crds === undefined || now === undefined) return;
      for (const kind of kindsOf(now)) this.serve(kind);
      const conditions = [
        { type: 'Established', status: 'True' },
        { type: 'NamesAccepted', status: 'True' },
      ];
      this.storage.touch(crds, { ...now, status: { conditions } });
    }, crdDelay);
  }

  #unserve(definition: KubeObject): void {
    for (const kind of kindsOf(definition)) {
      for (const object of this.storage.list(kind)) this.storage.remove(kind, object, this.now());
      this.kinds.delete(`${kind.group}/${kind.version}/${kind.plural}`);
    }
  }

  #emptyNamespace(name: string): void {
    this.#later(() => {
      for (const kind of this.kinds.values()) {
        if (!kind.namespaced) continue;
        for (const object of this.storage.list(kind)) {
          if (object.metadata.namespace === name) this.storage.remove(kind, object, this.now());
        }
      }
    });
  }

  /** The garbage collector: what belonged to an object goes after it; who waited for the last dependent goes too. */
  #collect(gone: KubeObject): void {
    this.#later(() => {
      for (const dependent of this.#dependents(gone)) this.#removeAny(dependent);
      for (const owner of (gone.metadata.ownerReferences as readonly Json[] | undefined) ?? []) {
        const waiting = this.#byUid(stringAt(owner, 'uid') ?? '');
        const held = waiting?.metadata.finalizers;
        if (waiting === undefined || !Array.isArray(held) || !held.includes('foregroundDeletion')) continue;
        if (this.#dependents(waiting).length > 0) continue;
        const kind = this.#mustServe(waiting);
        const finalizers = (held as readonly Json[]).filter((one) => one !== 'foregroundDeletion');
        this.storage.touch(kind, { ...waiting, metadata: { ...waiting.metadata, finalizers } });
        this.storage.remove(kind, waiting, this.now());
      }
    });
  }

  #dependents(owner: KubeObject): readonly KubeObject[] {
    const uid = owner.metadata.uid;
    return this.#all().filter((object) => {
      const owners = object.metadata.ownerReferences;
      return Array.isArray(owners) && (owners as readonly Json[]).some((one) => stringAt(one, 'uid') === uid);
    });
  }

  #byUid(uid: string): KubeObject | undefined {
    return this.#all().find((object) => object.metadata.uid === uid);
  }

  #all(): readonly KubeObject[] {
    return [...this.kinds.values()].flatMap((kind) => this.storage.list(kind));
  }

  #removeAny(object: KubeObject): void {
    const kind = this.kindOf(object);
    if (kind !== undefined) this.storage.remove(kind, object, this.now());
  }

  #later(run: () => void, ms = collectDelay): void {
    this.#clock.after(ms, run);
  }

  #mustServe(object: KubeObject): FakeKind {
    const kind = this.kindOf(object);
    if (kind === undefined) throw new FakeRefusal(404, '', `no kind ${object.apiVersion} ${object.kind}`);
    return kind;
  }

  #modeOf({ query }: Route): WriteMode {
    return this.#mode(query.get('fieldManager') ?? 'somebody', query.get('dryRun') === 'All');
  }

  #mode(manager: string, dryRun: boolean): WriteMode {
    const hex = (digits: number): string =>
      Math.floor(this.#random.next() * 16 ** digits)
        .toString(16)
        .padStart(digits, '0');
    return { manager, dryRun, now: this.now(), uid: `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}` };
  }

  #stored({ object, created }: Stored): Answer {
    return { ...ok(object), status: created ? 201 : 200 };
  }

  #discovery(core: boolean): JsonObject {
    const groups = new Map<string, Map<string, Json[]>>();
    for (const kind of this.kinds.values()) {
      if ((kind.group === '') !== core) continue;
      const versions = groups.get(kind.group) ?? new Map<string, Json[]>();
      groups.set(kind.group, versions);
      const resources = versions.get(kind.version) ?? [];
      versions.set(kind.version, resources);
      resources.push({
        resource: kind.plural,
        responseKind: { group: '', version: '', kind: kind.kind },
        scope: kind.namespaced ? 'Namespaced' : 'Cluster',
        verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
      });
    }
    const items = [...groups].map(([name, versions]) => ({
      metadata: { name },
      versions: [...versions].map(([version, resources]) => ({ version, resources })),
    }));
    return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items };
  }
}

/** True when a list or watch of this route shows the object. */
export function isSelected(object: KubeObject, { namespace, query }: Route): boolean {
  if (namespace !== '' && object.metadata.namespace !== namespace) return false;
  const labels = objectAt(object.metadata, 'labels');
  for (const term of (query.get('labelSelector') ?? '').split(',').filter(Boolean)) {
    const [key = '', value] = term.split(/==?/);
    if (value === undefined ? labels[key] === undefined : labels[key] !== value) return false;
  }
  for (const term of (query.get('fieldSelector') ?? '').split(',').filter(Boolean)) {
    const [path = '', value = ''] = term.split('=');
    if ((stringAt(object, ...path.split('.')) ?? '') !== value) return false;
  }
  return true;
}

/** The kinds that a CustomResourceDefinition defines. */
function kindsOf(definition: KubeObject): readonly FakeKind[] {
  const spec = objectAt(definition, 'spec');
  const versions = Array.isArray(spec.versions) ? (spec.versions as readonly Json[]) : [];
  return versions.map((version) => ({
    group: stringAt(spec, 'group') ?? '',
    version: stringAt(version, 'name') ?? '',
    kind: stringAt(spec, 'names', 'kind') ?? '',
    plural: stringAt(spec, 'names', 'plural') ?? '',
    namespaced: stringAt(spec, 'scope') !== 'Cluster',
    generation: true,
  }));
}

function asSent(sent: JsonObject, { kind, namespace, name }: Route): KubeObject {
  const metadata: JsonObject = {
    ...objectAt(sent, 'metadata'),
    ...(name === '' ? {} : { name }),
    ...(kind.namespaced ? { namespace } : {}),
  };
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  return { ...sent, apiVersion, kind: kind.kind, metadata };
}

const configMap = new Set(['apiVersion', 'kind', 'metadata', 'data', 'binaryData', 'immutable']);

/** The one schema error that tests need: an apply answers it with a 500. */
function checkSchema(object: KubeObject): void {
  const wrong = object.kind === 'ConfigMap' ? Object.keys(object).find((key) => !configMap.has(key)) : undefined;
  if (wrong === undefined) return;
  throw new FakeRefusal(500, '', `failed to create typed patch object: .${wrong}: field not declared in schema`);
}

/** Other writes answer it with a 400, or leave the field out. */
function strictly(object: KubeObject, { query }: Route): KubeObject {
  const wrong = object.kind === 'ConfigMap' ? Object.keys(object).find((key) => !configMap.has(key)) : undefined;
  if (wrong === undefined) return object;
  if (query.get('fieldValidation') === 'Strict') {
    throw new FakeRefusal(400, 'BadRequest', `strict decoding error: unknown field "${wrong}"`);
  }
  return Object.fromEntries(Object.entries(object).filter(([key]) => configMap.has(key))) as unknown as KubeObject;
}

function ok(body: JsonObject): Answer {
  return { status: 200, text: JSON.stringify(body), retryAfter: 0, etag: '' };
}

function statusAnswer({ status, reason, message, details }: FakeRefusal): Answer {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, details, code: status };
  return { status, text: JSON.stringify(body), retryAfter: 0, etag: '' };
}
