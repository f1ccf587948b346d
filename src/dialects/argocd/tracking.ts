// The tracking id: how an object says which application it belongs to.
import type { ObjectRef } from '../../model/index.ts';

/** A tracking id in its parts. */
export type TrackingId = {
  readonly tracking: string;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
};

/** `app:group/Kind:namespace/name`: the value of `argocd.argoproj.io/tracking-id`. */
export function trackingId(tracking: string, ref: Omit<ObjectRef, 'version'>): string {
  return `${tracking}:${ref.group}/${ref.kind}:${ref.namespace}/${ref.name}`;
}

/** The parts of a tracking id, undefined when it is none. Names of RBAC objects may hold colons: the first two count. */
export function parseTrackingId(text: string): TrackingId | undefined {
  const parts = /^([^:]+):([^/:]*)\/([^:/]+):([^/]*)\/(.+)$/.exec(text);
  if (parts === null) return undefined;
  const [, tracking = '', group = '', kind = '', namespace = '', name = ''] = parts;
  return { tracking, group, kind, namespace, name };
}

/** The name under which an application's objects are tracked: its namespace is part of it outside the control namespace. */
export function trackingName(namespace: string, name: string, controlNamespace: string): string {
  return namespace === controlNamespace ? name : `${namespace}_${name}`;
}
