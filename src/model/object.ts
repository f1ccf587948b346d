import { type Json, type JsonObject, objectAt, stringAt } from './json.ts';

/** A Kubernetes object as JSON: manifest or live. */
export type KubeObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: JsonObject;
  readonly [field: string]: Json;
};

/** Names one object in one cluster. `group` is '' for the core group, `namespace` '' for cluster-scoped objects. */
export type ObjectRef = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
};

/** `group/Kind/namespace/name`: equal for every version of an object; the key of every map of objects. */
export type ObjectId = string;

/** The id of `ref`; versions of one object share it. */
export function idOf(ref: Omit<ObjectRef, 'version'>): ObjectId {
  return `${ref.group}/${ref.kind}/${ref.namespace}/${ref.name}`;
}

/** `apps` and `v1` of `apps/v1`; group '' for `v1`. */
export function splitApiVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return { group: '', version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(ref: Pick<ObjectRef, 'group' | 'version'>): string {
  return ref.group === '' ? ref.version : `${ref.group}/${ref.version}`;
}

/** The ref of an object as it is written; its namespace is '' where the manifest names none. */
export function refOf(object: KubeObject): ObjectRef {
  return {
    ...splitApiVersion(object.apiVersion),
    kind: object.kind,
    namespace: stringAt(object.metadata, 'namespace') ?? '',
    name: stringAt(object.metadata, 'name') ?? '',
  };
}

/** The string annotations of an object. */
export function annotationsOf(object: KubeObject): Readonly<Record<string, string>> {
  return strings(objectAt(object.metadata, 'annotations'));
}

/** The string labels of an object. */
export function labelsOf(object: KubeObject): Readonly<Record<string, string>> {
  return strings(objectAt(object.metadata, 'labels'));
}

function strings(map: JsonObject): Readonly<Record<string, string>> {
  const out: Record<string, string> = {};
  for (const [key, value] of Object.entries(map)) if (typeof value === 'string') out[key] = value;
  return out;
}

/** `Deployment web/frontend` or `Namespace web`: how an object is named in messages. */
export function describe(ref: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>): string {
  return ref.namespace === '' ? `${ref.kind} ${ref.name}` : `${ref.kind} ${ref.namespace}/${ref.name}`;
}
