// Health of the workloads of the apps group (and of extensions, where old manifests keep them): a rollout is done when
// the controller has seen the newest generation and as many updated pods are available as are wanted.

import type { Health, KubeObject } from '../../model/index.ts';
import { conditionOf, hasIn, metaOf, numberIn, objectIn, specOf, statusOf, textIn } from '../read.ts';
import { type Check, type Checks, health } from '../rules.ts';

const healthy: Health = Object.freeze({ status: 'Healthy' });

/** Checks of the apps group. */
export const apps: Checks = {
  'apps/Deployment': deployment,
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'apps/ReplicaSet': replicaSet,
  'extensions/Deployment': deployment,
  'extensions/DaemonSet': daemonSet,
  'extensions/ReplicaSet': replicaSet,
} satisfies Record<string, Check>;

function deployment(object: KubeObject): Health {
  const spec = specOf(object);
  const status = statusOf(object);
  if (spec.paused === true) return health('Suspended', 'Deployment is paused');
  if (isBehind(object)) return waits('observed deployment generation less than desired generation');
  const progressing = conditionOf(object, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return health('Degraded', `Deployment "${textIn(metaOf(object), 'name')}" exceeded its progress deadline`);
  }
  const updated = numberIn(status, 'updatedReplicas');
  const wanted = numberIn(spec, 'replicas', updated);
  if (updated < wanted) return waits(`${updated} out of ${wanted} new replicas have been updated...`);
  const old = numberIn(status, 'replicas') - updated;
  if (old > 0) return waits(`${old} old replicas are pending termination...`);
  const available = numberIn(status, 'availableReplicas');
  if (available < updated) return waits(`${available} of ${updated} updated replicas are available...`);
  return healthy;
}

function statefulSet(object: KubeObject): Health {
  const spec = specOf(object);
  const status = statusOf(object);
  const seen = numberIn(status, 'observedGeneration');
  if (seen === 0 || isBehind(object)) {
    return health('Progressing', 'Waiting for statefulset spec update to be observed...');
  }
  const ready = numberIn(status, 'readyReplicas');
  const wanted = numberIn(spec, 'replicas', ready);
  if (ready < wanted) return health('Progressing', `Waiting for ${wanted - ready} pods to be ready...`);
  const strategy = objectIn(spec, 'updateStrategy');
  const updated = numberIn(status, 'updatedReplicas');
  const partition = numberIn(objectIn(strategy, 'rollingUpdate'), 'partition');
  if (strategy.type !== 'OnDelete' && hasIn(strategy, 'rollingUpdate')) {
    if (updated < wanted - partition) {
      return health(
        'Progressing',
        `Waiting for partitioned roll out to finish: ${updated} out of ${wanted - partition} new pods have been updated...`,
      );
    }
    return health('Healthy', `partitioned roll out complete: ${updated} new pods have been updated...`);
  }
  if (strategy.type === 'OnDelete') return health('Healthy', `statefulset has ${ready} ready pods`);
  const revision = textIn(status, 'updateRevision');
  const current = textIn(status, 'currentRevision');
  if (revision !== current) {
    return health(
      'Progressing',
      `waiting for statefulset rolling update to complete ${updated} pods at revision ${revision}...`,
    );
  }
  const count = numberIn(status, 'currentReplicas');
  return health('Healthy', `statefulset rolling update complete ${count} pods at revision ${current}...`);
}

function daemonSet(object: KubeObject): Health {
  const status = statusOf(object);
  if (isBehind(object)) return waits('observed daemon set generation less than desired generation');
  const updated = numberIn(status, 'updatedNumberScheduled');
  const wanted = numberIn(status, 'desiredNumberScheduled');
  if (objectIn(specOf(object), 'updateStrategy').type === 'OnDelete') {
    return health('Healthy', `daemon set ${updated} out of ${wanted} new pods have been updated`);
  }
  const name = textIn(metaOf(object), 'name');
  if (updated < wanted) {
    return health(
      'Progressing',
      `Waiting for daemon set "${name}" rollout to finish: ${updated} out of ${wanted} new pods have been updated...`,
    );
  }
  const available = numberIn(status, 'numberAvailable');
  if (available < wanted) {
    return health(
      'Progressing',
      `Waiting for daemon set "${name}" rollout to finish: ${available} of ${wanted} updated pods are available...`,
    );
  }
  return healthy;
}

function replicaSet(object: KubeObject): Health {
  const status = statusOf(object);
  if (isBehind(object)) return waits('observed replica set generation less than desired generation');
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return health('Degraded', textIn(failure, 'message'));
  const available = numberIn(status, 'availableReplicas');
  const wanted = numberIn(specOf(object), 'replicas', available);
  if (available < wanted) return waits(`${available} out of ${wanted} new replicas are available...`);
  return healthy;
}

/** True while the controller has not seen the newest generation. */
function isBehind(object: KubeObject): boolean {
  return numberIn(statusOf(object), 'observedGeneration') < numberIn(metaOf(object), 'generation');
}

function waits(what: string): Health {
  return health('Progressing', `Waiting for rollout to finish: ${what}`);
}
