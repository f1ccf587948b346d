// Actions of kinds that well-known operators bring: they are asked by an annotation or a field.
import type { JsonObject, KubeObject } from '../model/index.ts';
import { objectAt } from '../model/index.ts';
import { type Action, type Actions, annotating, patching, suspendable } from './action.ts';

const reconcile = annotating(
  'reconcile',
  'Look at its source now',
  'reconcile.fluxcd.io/requestedAt',
  ({ now }) => now,
);
const flux: readonly Action[] = [reconcile, ...suspendable];
const quietFlux: readonly Action[] = suspendable;

const paused = 'autoscaling.keda.sh/paused';
const pausedReplicas = 'autoscaling.keda.sh/paused-replicas';
/** KEDA is paused by either annotation: resuming takes both away. */
const pausedScaling: readonly Action[] = [
  patching(
    'pause',
    'Stop it until it is resumed',
    () => ({ metadata: { annotations: { [paused]: 'true' } } }),
    (object) => (isPaused(object) ? 'it is so already' : undefined),
  ),
  patching(
    'resume',
    'Let it go on',
    (object) => {
      const there = [paused, pausedReplicas].filter((key) => annotated(object, key));
      return { metadata: { annotations: Object.fromEntries(there.map((key) => [key, null])) } };
    },
    (object) => (isPaused(object) ? undefined : 'it is so already'),
  ),
];

/** Kinds of operators. */
export const operators: Actions = {
  'external-secrets.io/ExternalSecret': [forced('refresh', 'Read the secret from its store now')],
  'external-secrets.io/ClusterExternalSecret': [forced('refresh', 'Read the secret from its store now')],
  'external-secrets.io/PushSecret': [forced('push', 'Write the secret to its store now')],
  'source.toolkit.fluxcd.io/GitRepository': flux,
  'source.toolkit.fluxcd.io/OCIRepository': flux,
  'source.toolkit.fluxcd.io/Bucket': flux,
  'source.toolkit.fluxcd.io/HelmRepository': flux,
  'source.toolkit.fluxcd.io/HelmChart': flux,
  'kustomize.toolkit.fluxcd.io/Kustomization': flux,
  'helm.toolkit.fluxcd.io/HelmRelease': flux,
  'image.toolkit.fluxcd.io/ImageRepository': flux,
  'image.toolkit.fluxcd.io/ImageUpdateAutomation': flux,
  'notification.toolkit.fluxcd.io/Receiver': flux,
  'notification.toolkit.fluxcd.io/Alert': quietFlux,
  'notification.toolkit.fluxcd.io/Provider': quietFlux,
  'keda.sh/ScaledObject': [
    ...pausedScaling,
    {
      name: 'paused-replicas',
      about: 'Scale it to a number and leave it there',
      params: [{ name: 'replicas', about: 'How many; 0 or more', default: '0' }],
      run: (_, { params }) => {
        const replicas = params.replicas ?? '';
        if (!/^\d{1,6}$/.test(replicas)) return 'replicas must be a number, 0 or more';
        return [
          { kind: 'patch', patch: { metadata: { annotations: { [pausedReplicas]: String(Number(replicas)) } } } },
        ];
      },
    },
  ],
  'keda.sh/ScaledJob': marked(paused, 'pause', 'resume'),
  'kafka.strimzi.io/Kafka': marked('strimzi.io/pause-reconciliation', 'pause-reconciliation', 'resume-reconciliation'),
  'kafka.strimzi.io/KafkaConnector': [
    annotating('restart', 'Restart the connector', 'strimzi.io/restart', () => 'true'),
    ...marked('strimzi.io/pause-reconciliation', 'pause-reconciliation', 'resume-reconciliation'),
  ],
};

function isPaused(object: KubeObject): boolean {
  return objectAt(object.metadata, 'annotations')[paused] === 'true' || annotated(object, pausedReplicas);
}

function annotated(object: KubeObject, key: string): boolean {
  return Object.hasOwn(objectAt(object.metadata, 'annotations'), key);
}

function forced(name: string, about: string): Action {
  return annotating(name, about, 'force-sync', ({ now }) => now);
}

/** A pair of actions that set an annotation to `true` and take it away. */
function marked(key: string, on: string, off: string): readonly Action[] {
  const isOn = (object: KubeObject): boolean => objectAt(object.metadata, 'annotations')[key] === 'true';
  const annotation = (value: string | null): JsonObject => ({ metadata: { annotations: { [key]: value } } });
  return [
    patching(
      on,
      'Stop it until it is resumed',
      () => annotation('true'),
      (object) => (isOn(object) ? 'it is so already' : undefined),
    ),
    patching(
      off,
      'Let it go on',
      () => annotation(null),
      (object) => (isOn(object) ? undefined : 'it is so already'),
    ),
  ];
}
