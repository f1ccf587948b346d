// Who an object says it belongs to: Argo CD's tracking annotation or label, read as Argo CD reads them.
import { type KubeObject, type ObjectRef, type Settings, stringAt } from '../model/index.ts';

/** The settings that decide tracking. */
export type TrackingRules = Pick<Settings, 'trackingMethod' | 'instanceLabelKey' | 'installationId'>;

/** `app` is '' when the object belongs to none; `raw` is what is written on it. */
export type Tracked = { readonly app: string; readonly raw: string };

const annotation = 'argocd.argoproj.io/tracking-id';
const installation = 'argocd.argoproj.io/installation-id';
const nothing: Tracked = { app: '', raw: '' };
// A label value holds 63 characters; Argo CD cuts the name.
const longestLabel = 63;

/** Reads the tracking of an object. A tracking id that names another object (a copy carries it along) does not count. */
export function trackingOf(object: KubeObject, ref: ObjectRef, rules: TrackingRules): Tracked {
  if (rules.trackingMethod === 'label') {
    const label = stringAt(object.metadata, 'labels', rules.instanceLabelKey) ?? '';
    return label === '' ? nothing : { app: label, raw: label };
  }
  const raw = stringAt(object.metadata, 'annotations', annotation) ?? '';
  if (raw === '') return nothing;
  if (rules.installationId !== '') {
    const installed = stringAt(object.metadata, 'annotations', installation) ?? '';
    if (installed !== rules.installationId) return { app: '', raw };
  }
  return { app: appOfTrackingId(raw, ref), raw };
}

/** The name under which `tracking` is found on objects. */
export function trackingKey(tracking: string, rules: TrackingRules): string {
  return rules.trackingMethod === 'label' ? tracking.slice(0, longestLabel) : tracking;
}

/** `<app>:<group>/<kind>:<namespace>/<name>` as it is written on this object by `app`. */
export function trackingId(app: string, ref: ObjectRef): string {
  return `${app}:${ref.group}/${ref.kind}:${ref.namespace}/${ref.name}`;
}

/** The application in a tracking id, '' unless the rest names this very object. */
function appOfTrackingId(raw: string, ref: ObjectRef): string {
  const first = raw.indexOf(':');
  const second = raw.indexOf(':', first + 1);
  if (first < 0 || second < 0) return '';
  if (raw.slice(first + 1, second) !== `${ref.group}/${ref.kind}`) return '';
  const place = raw.slice(second + 1);
  const slash = place.indexOf('/');
  if (slash < 0 || place.slice(slash + 1) !== ref.name) return '';
  // Cluster-scoped objects carry the destination namespace of their application.
  if (ref.namespace !== '' && place.slice(0, slash) !== ref.namespace) return '';
  return raw.slice(0, first);
}
