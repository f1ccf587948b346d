// How an object says which application it belongs to: Argo CD's tracking annotation, label, or both.
import { idOf, type KubeObject, type Manifest, type ObjectRef, objectAt, type Settings } from '../model/index.ts';

/** Who marks the objects of one application, and how. */
export type Identity = {
  /** The application's tracking name: `app`, or `namespace_app` outside the control namespace. */
  readonly name: string;
  /** Destination namespace: cluster-scoped objects carry it in their tracking id, as in Argo CD. */
  readonly namespace?: string;
  readonly settings: Pick<Settings, 'trackingMethod' | 'instanceLabelKey' | 'installationId'>;
};

/** The annotation that carries the tracking id (Argo CD, resource tracking). */
export const trackingAnnotation = 'argocd.argoproj.io/tracking-id';
/** The annotation that tells installations apart that share a cluster. */
export const installationAnnotation = 'argocd.argoproj.io/installation-id';

/** `app:group/Kind:namespace/name`. */
export function trackingId(name: string, ref: ObjectRef): string {
  return `${name}:${ref.group}/${ref.kind}:${ref.namespace}/${ref.name}`;
}

function trackingIn({ name, namespace = '' }: Identity, ref: ObjectRef): string {
  return trackingId(name, ref.namespace === '' ? { ...ref, namespace } : ref);
}

/** The application's name in a tracking id or label value. */
export function trackedBy(tracking: string): string {
  const colon = tracking.indexOf(':');
  return colon < 0 ? tracking : tracking.slice(0, colon);
}

/** True when an object with this tracking value belongs to the application. Labels are cut at 63 characters. */
export function isOurs(identity: Identity, tracking: string): boolean {
  if (tracking === '') return false;
  const name = trackedBy(tracking);
  return name === identity.name || (name.length === 63 && identity.name.startsWith(name));
}

/** The manifest as it is sent to the cluster: with its namespace and the marks of its application. */
export function dress(manifest: Manifest, identity: Identity, more: Readonly<Record<string, string>> = {}): Manifest {
  const object = JSON.parse(manifest.body) as KubeObject;
  const { trackingMethod, instanceLabelKey, installationId } = identity.settings;
  const annotations: Record<string, unknown> = { ...objectAt(object.metadata, 'annotations'), ...more };
  const labels: Record<string, unknown> = { ...objectAt(object.metadata, 'labels') };
  if (trackingMethod !== 'label') annotations[trackingAnnotation] = trackingIn(identity, manifest.ref);
  if (trackingMethod !== 'annotation') labels[instanceLabelKey] = identity.name.slice(0, 63);
  if (installationId !== '') annotations[installationAnnotation] = installationId;
  const metadata = {
    ...object.metadata,
    name: manifest.ref.name,
    ...(manifest.ref.namespace === '' ? {} : { namespace: manifest.ref.namespace }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  return { ...manifest, body: JSON.stringify({ ...object, metadata }) };
}

/** Gives every namespaced manifest its namespace and takes it from the others; the digest says whose it is. */
export function localize(
  manifests: readonly Manifest[],
  identity: Identity,
  namespace: string,
  isNamespaced: (ref: ObjectRef) => boolean,
): readonly Manifest[] {
  const { trackingMethod, instanceLabelKey, installationId } = identity.settings;
  const mark = `${identity.name}|${identity.namespace ?? ''}|${trackingMethod}|${instanceLabelKey}|${installationId}`;
  return manifests.map((manifest) => {
    const wanted = isNamespaced(manifest.ref) ? manifest.ref.namespace || namespace : '';
    const ref = wanted === manifest.ref.namespace ? manifest.ref : { ...manifest.ref, namespace: wanted };
    return { ...manifest, ref, digest: `${manifest.digest}|${wanted}|${mark}` };
  });
}

/** The manifests by id; of two with one id the later wins, as in Argo CD. */
export function byId(manifests: readonly Manifest[]): ReadonlyMap<string, Manifest> {
  return new Map(manifests.map((manifest) => [idOf(manifest.ref), manifest]));
}
