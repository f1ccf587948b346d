// A small API server in memory behind the KubeApi port: objects, versions, preconditions, finalizers, merge patches and
// watches, and faults on demand. It knows no schemas and no other objects than those it is given.
import {
  EngineError,
  type ErrorCode,
  isJsonObject,
  type Json,
  type JsonObject,
  type KubeObject,
  labelsOf,
  listAt,
  stringAt,
} from '../../src/model/index.ts';
import type { KubeApi, WatchHandlers } from '../../src/ports/index.ts';

type Request = { readonly method: string; readonly path: string; readonly body: Json | undefined };
type Watch = { readonly place: Place; readonly handlers: WatchHandlers; stopped: boolean };
type Place = {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly query: URLSearchParams;
};

/** The double, and what tests may look at. */
export type MemoryKubeApi = KubeApi & {
  readonly requests: Request[];
  /** Called before a request is carried out; what it answers is thrown. `after` is called when it is done. */
  fault: (request: Request) => ErrorCode | undefined | Promise<ErrorCode | undefined>;
  after: (request: Request) => void | Promise<void>;
  objects(): readonly KubeObject[];
};

/** An empty API server. */
export function createMemoryKubeApi(): MemoryKubeApi {
  return new Memory();
}

class Memory implements MemoryKubeApi {
  readonly server = 'https://memory';
  readonly requests: Request[] = [];
  fault: MemoryKubeApi['fault'] = () => undefined;
  after: MemoryKubeApi['after'] = () => undefined;
  readonly #objects = new Map<string, KubeObject>();
  readonly #watches = new Set<Watch>();
  #version = 100;
  #uids = 0;

  objects(): readonly KubeObject[] {
    return [...this.#objects.values()];
  }

  async request(method: string, path: string, options: { readonly body?: Json } = {}): Promise<JsonObject> {
    const request = { method, path, body: options.body };
    this.requests.push(request);
    await soon();
    const fault = await this.fault(request);
    if (fault !== undefined) throw new EngineError(fault, `${method}: ${path}: asked for by the test`);
    const answer = this.#carryOut(method, placeOf(path), options.body);
    await this.after(request);
    await soon();
    return structuredClone(answer) as JsonObject;
  }

  watch(path: string, handlers: WatchHandlers): () => void {
    const watch: Watch = { place: placeOf(path), handlers, stopped: false };
    setImmediate(() => {
      if (watch.stopped) return;
      for (const [id, object] of this.#objects)
        if (selects(watch.place, id, object)) handlers.put(structuredClone(object) as KubeObject);
      this.#watches.add(watch);
      handlers.synced();
    });
    return () => {
      watch.stopped = true;
      this.#watches.delete(watch);
    };
  }

  #carryOut(method: string, place: Place, body: Json | undefined): JsonObject {
    if (method === 'POST') return this.#create(place, body as KubeObject);
    const id = idOf(place);
    const object = this.#objects.get(id);
    if (method === 'GET' && place.name === '')
      return { items: [...this.#objects].filter(([key, one]) => selects(place, key, one)).map(([, one]) => one) };
    if (object === undefined) throw new EngineError('object-not-found', `no such object: ${id}`);
    if (method === 'PATCH') return this.#store(id, object, patched(object, body as JsonObject));
    if (method === 'DELETE') return this.#delete(id, object);
    return object;
  }

  #create(place: Place, body: KubeObject): KubeObject {
    const name = stringAt(body.metadata, 'name') ?? '';
    const id = idOf({ ...place, name });
    if (this.#objects.has(id)) throw new EngineError('object-conflict', `exists already: ${id}`);
    this.#uids += 1;
    const metadata = { ...body.metadata, name, namespace: place.namespace, uid: `uid-${this.#uids}`, generation: 1 };
    return this.#tell(id, { ...body, metadata }, 'put');
  }

  #store(id: string, before: KubeObject, after: KubeObject): KubeObject {
    if (JSON.stringify(before) === JSON.stringify(after)) return before;
    const finalizers = listAt(after.metadata, 'finalizers');
    if (stringAt(after.metadata, 'deletionTimestamp') !== undefined && finalizers.length === 0) {
      this.#objects.delete(id);
      return this.#tell(id, after, 'gone');
    }
    return this.#tell(id, after, 'put');
  }

  #delete(id: string, object: KubeObject): KubeObject {
    const deletionTimestamp = '2026-01-02T03:04:05Z';
    if (stringAt(object.metadata, 'deletionTimestamp') !== undefined) return object;
    return this.#store(id, object, { ...object, metadata: { ...object.metadata, deletionTimestamp } });
  }

  #tell(id: string, object: KubeObject, what: 'put' | 'gone'): KubeObject {
    this.#version += 1;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    if (what === 'put') this.#objects.set(id, stored);
    const ref = {
      namespace: stringAt(stored.metadata, 'namespace') ?? '',
      name: stringAt(stored.metadata, 'name') ?? '',
    };
    for (const watch of this.#watches) {
      if (!selects(watch.place, id, stored)) continue;
      setImmediate(() => {
        if (watch.stopped) return;
        if (what === 'put') watch.handlers.put(structuredClone(stored) as KubeObject);
        else watch.handlers.gone(ref);
      });
    }
    return stored;
  }
}

/** `/api/v1/namespaces/n/secrets/x?…`, `/apis/g/v/plural`, … */
function placeOf(path: string): Place {
  const url = new URL(path, 'https://memory');
  const steps = url.pathname.split('/').slice(1).map(decodeURIComponent);
  const rest = steps[0] === 'api' ? steps.slice(2) : steps.slice(3);
  const namespaced = rest[0] === 'namespaces' && rest.length > 2;
  const [resource = '', name = ''] = namespaced ? rest.slice(2) : rest;
  return { resource, namespace: namespaced ? (rest[1] ?? '') : '', name, query: url.searchParams };
}

function idOf(place: Omit<Place, 'query'>): string {
  return `${place.resource}/${place.namespace}/${place.name}`;
}

function selects(place: Place, id: string, object: KubeObject): boolean {
  const [resource, namespace, name] = id.split('/');
  if (resource !== place.resource || (place.namespace !== '' && namespace !== place.namespace)) return false;
  const field = place.query.get('fieldSelector');
  if (field !== null && field !== `metadata.name=${name}`) return false;
  const label = place.query.get('labelSelector');
  if (label === null) return true;
  const [key = '', value] = label.split('=');
  const found = labelsOf(object)[key];
  return found !== undefined && (value === undefined || found === value);
}

function patched(object: KubeObject, patch: JsonObject): KubeObject {
  const { uid, resourceVersion } = (patch.metadata ?? {}) as JsonObject;
  const differs = (wanted: Json | undefined, key: string) =>
    wanted !== undefined && wanted !== stringAt(object.metadata, key);
  if (differs(uid, 'uid') || differs(resourceVersion, 'resourceVersion'))
    throw new EngineError('object-conflict', 'the object has been modified');
  return merged(object, patch) as KubeObject;
}

function merged(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const out: Record<string, Json> = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = merged(out[key], value);
  }
  return out;
}

function soon(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
