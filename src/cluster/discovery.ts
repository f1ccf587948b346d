// What kinds a cluster serves. Aggregated discovery is two requests (with ETags, so that looking again costs little);
// older servers are asked group by group. Looked at again when someone names an unknown kind, when a CRD comes or
// goes, and now and then.
import { EngineError, isJsonObject, type Json, type JsonObject, listAt, objectAt, stringAt } from '../model/index.ts';
import type { KindInfo } from '../ports/index.ts';
import { type Client, parseObject } from './client.ts';
import { refusalError } from './refusal.ts';

/** A served kind. */
export type ServedKind = KindInfo & { readonly group: string; readonly kind: string };

/** Everything that is served, by `group/Kind`, the preferred version first. */
export type Catalog = {
  readonly kinds: ReadonlyMap<string, readonly ServedKind[]>;
  /** `apps/v1` and `apps/v1/Deployment` forms, sorted. */
  readonly apiVersions: readonly string[];
  /** `plural.group` of every served resource, as a CRD is named. */
  readonly resources: ReadonlySet<string>;
};

/** The kind in a catalog, in this version or else in the preferred one. */
export function kindIn(catalog: Catalog, group: string, kind: string, version?: string): ServedKind | undefined {
  const served = catalog.kinds.get(`${group}/${kind}`);
  if (version === undefined || version === '') return served?.[0];
  return served?.find((one) => one.version === version);
}

/**
 * The path of a kind's collection; all namespaces when `namespace` is ''. EngineError `object-rejected` for a name that
 * is no path segment: encoded it would still be decoded by the server, or by a proxy on the way, and lead elsewhere.
 */
export function collectionPath(kind: ServedKind, namespace: string): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  if (!kind.namespaced || namespace === '') return `${root}/${kind.plural}`;
  return `${root}/namespaces/${segment(namespace)}/${kind.plural}`;
}

/** The path of one object. */
export function objectPath(kind: ServedKind, namespace: string, name: string): string {
  return `${collectionPath(kind, namespace)}/${segment(name)}`;
}

// The rule of the apiserver itself (ValidatePathSegmentName).
function segment(name: string): string {
  if (name !== '' && name !== '.' && name !== '..' && !/[/%]/.test(name)) return encodeURIComponent(name);
  throw new EngineError('object-rejected', `a name that no object can have: ${JSON.stringify(name.slice(0, 80))}`);
}

const aggregated = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

/** Asks a cluster for its catalog; remembers ETags, and answers with the same object while nothing has changed. */
export class Discovery {
  readonly #client: Client;
  readonly #etags = new Map<string, { readonly etag: string; readonly kinds: readonly ServedKind[] }>();
  #last: Catalog | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  async fetch(): Promise<Catalog> {
    const [core, groups] = await Promise.all([this.#root('/api'), this.#root('/apis')]);
    const last = this.#last;
    if (last !== undefined && core.unchanged && groups.unchanged) return last;
    const catalog = build([...core.kinds, ...groups.kinds]);
    this.#last = catalog;
    return catalog;
  }

  async #root(path: string): Promise<{ kinds: readonly ServedKind[]; unchanged: boolean }> {
    const known = this.#etags.get(path);
    const answer = await this.#client.ask({
      method: 'GET',
      path,
      doing: 'discovery',
      accept: aggregated,
      ...(known === undefined ? {} : { headers: { 'if-none-match': known.etag } }),
    });
    if (answer.status === 304 && known !== undefined) return { kinds: known.kinds, unchanged: true };
    if (answer.status !== 200) throw refusalError(answer, 'discovery');
    const body = parseObject(answer.text, 'discovery');
    const isAggregated = stringAt(body, 'kind') === 'APIGroupDiscoveryList';
    const kinds = isAggregated ? readAggregated(body) : await this.#oneByOne(path, body);
    if (isAggregated && answer.etag !== '') this.#etags.set(path, { etag: answer.etag, kinds });
    return { kinds, unchanged: false };
  }

  async #oneByOne(path: string, body: JsonObject): Promise<readonly ServedKind[]> {
    const asked: Promise<readonly ServedKind[]>[] = [];
    if (path === '/api') {
      for (const version of listAt(body, 'versions')) asked.push(this.#version('', String(version)));
    }
    for (const group of listAt(body, 'groups')) {
      const name = stringAt(group, 'name') ?? '';
      const preferred = stringAt(group, 'preferredVersion', 'version');
      const versions = listAt(group, 'versions').map((version) => stringAt(version, 'version') ?? '');
      versions.sort((a, b) => Number(b === preferred) - Number(a === preferred));
      for (const version of versions) asked.push(this.#version(name, version));
    }
    return (await Promise.all(asked)).flat();
  }

  async #version(group: string, version: string): Promise<readonly ServedKind[]> {
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const answer = await this.#client.ask({ method: 'GET', path, doing: 'discovery' });
    // An aggregated API whose backend is away: its kinds are unknown, the others are not concerned.
    if (answer.status !== 200) return [];
    const kinds: ServedKind[] = [];
    for (const resource of listAt(parseObject(answer.text, 'discovery'), 'resources')) {
      const plural = stringAt(resource, 'name') ?? '';
      if (!isJsonObject(resource) || plural.includes('/')) continue;
      kinds.push({
        group,
        version,
        kind: stringAt(resource, 'kind') ?? '',
        plural,
        namespaced: resource.namespaced === true,
        verbs: verbsOf(resource),
      });
    }
    return kinds;
  }
}

function readAggregated(body: JsonObject): readonly ServedKind[] {
  const kinds: ServedKind[] = [];
  for (const item of listAt(body, 'items')) {
    const group = stringAt(item, 'metadata', 'name') ?? '';
    for (const version of listAt(item, 'versions')) {
      for (const resource of listAt(version, 'resources')) {
        kinds.push({
          group,
          version: stringAt(version, 'version') ?? '',
          kind: stringAt(objectAt(resource, 'responseKind'), 'kind') ?? '',
          plural: stringAt(resource, 'resource') ?? '',
          namespaced: stringAt(resource, 'scope') === 'Namespaced',
          verbs: verbsOf(resource),
        });
      }
    }
  }
  return kinds;
}

function verbsOf(resource: Json): readonly string[] {
  return listAt(resource, 'verbs').filter((verb) => typeof verb === 'string');
}

function build(all: readonly ServedKind[]): Catalog {
  const kinds = new Map<string, ServedKind[]>();
  const apiVersions = new Set<string>();
  const resources = new Set<string>();
  for (const one of all) {
    if (one.kind === '' || one.plural === '') continue;
    const key = `${one.group}/${one.kind}`;
    const versions = kinds.get(key);
    if (versions === undefined) kinds.set(key, [one]);
    // One kind under two plurals in one version: the one that can be written is meant.
    else if (!versions.some((other) => other.version === one.version)) versions.push(one);
    const apiVersion = one.group === '' ? one.version : `${one.group}/${one.version}`;
    apiVersions.add(apiVersion);
    apiVersions.add(`${apiVersion}/${one.kind}`);
    resources.add(one.group === '' ? one.plural : `${one.plural}.${one.group}`);
  }
  return { kinds, apiVersions: [...apiVersions].sort(), resources };
}
