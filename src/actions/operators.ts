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
  'keda.sh/ScaledObject': marked('autoscaling.keda.sh/paused', 'pause', 'resume'),
  'keda.sh/ScaledJob': marked('autoscaling.keda.sh/paused', 'pause', 'resume'),
  'kafka.strimzi.io/Kafka': marked('strimzi.io/pause-reconciliation', 'pause-reconciliation', 'resume-reconciliation'),
  'kafka.strimzi.io/KafkaConnector': [
    annotating('restart', 'Restart the connector', 'strimzi.io/restart', () => 'true'),
    ...marked('strimzi.io/pause-reconciliation', 'pause-reconciliation', 'resume-reconciliation'),
  ],
  'postgresql.cnpg.io/Cluster': [
    annotating('restart', 'Restart its instances one by one', 'kubectl.kubernetes.io/restartedAt', ({ now }) => now),
    annotating('reload', 'Read the configuration again', 'cnpg.io/reloadedAt', ({ now }) => now),
  ],
  'numaflow.numaproj.io/Pipeline': phased(['spec', 'lifecycle']),
  'numaflow.numaproj.io/MonoVertex': phased(['spec', 'lifecycle']),
  'numaplane.numaproj.io/PipelineRollout': phased(['spec', 'pipeline', 'spec', 'lifecycle']),
  'numaplane.numaproj.io/MonoVertexRollout': phased(['spec', 'monoVertex', 'spec', 'lifecycle']),
};

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

/** `pause` and `unpause` by a field `desiredPhase` at a place. */
function phased(place: readonly string[]): readonly Action[] {
  const phase = (object: KubeObject): string => String(objectAt(object, ...place).desiredPhase ?? 'Running');
  const patch = (value: string): JsonObject =>
    place.reduceRight<JsonObject>((below, step) => ({ [step]: below }), { desiredPhase: value });
  const become = (name: string, about: string, value: string): Action =>
    patching(
      name,
      about,
      () => patch(value),
      (object) => (phase(object) === value ? 'it is so already' : undefined),
    );
  return [become('pause', 'Stop it until it is resumed', 'Paused'), become('unpause', 'Let it go on', 'Running')];
}
