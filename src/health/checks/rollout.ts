// Health of Argo Rollouts' Rollout and of spot.io's SpotDeployment, which reports in the same form. A rollout is healthy
// when the newest pod template has become the stable one.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import {
  annotationIn,
  conditionsOf,
  hasIn,
  itemsIn,
  metaOf,
  numberIn,
  objectIn,
  specOf,
  statusOf,
  textIn,
} from '../read.ts';
import { type Checks, firstOf, health, otherwise } from '../rules.ts';

/** Checks of progressive delivery. */
export const rollout: Checks = {
  'argoproj.io/Rollout': firstOf(notObserved, reported, failed, paused, unfinished, otherwise('Healthy')),
  // Its phase comes without a message, so the conditions that have one go first.
  'spot.io/SpotDeployment': firstOf(notObserved, failed, reported, paused, unfinished, otherwise('Healthy')),
};

/** Controllers before v1.0 report a hash where later ones report a number: what is no number counts as observed. */
function notObserved(object: KubeObject): Health | undefined {
  const status = statusOf(object);
  const waiting = health('Progressing', 'Waiting for rollout spec update to be observed');
  const seen = textIn(status, 'observedGeneration');
  if (seen === '') return waiting;
  const generation = numberIn(metaOf(object), 'generation', Number.NaN);
  const number = Number(seen);
  if (Number.isInteger(number) && number < generation) return waiting;
  if (!hasIn(specOf(object), 'workloadRef')) return undefined;
  const wanted = Number(annotationIn(object, 'rollout.argoproj.io/workload-generation') || Number.NaN);
  const observed = Number(textIn(status, 'workloadObservedGeneration') || Number.NaN);
  if (Number.isNaN(wanted) || Number.isNaN(observed) || wanted === observed) return undefined;
  return waiting;
}

function failed(object: KubeObject): Health | undefined {
  for (const it of conditionsOf(object)) {
    const stopped =
      it.type === 'Progressing' && (it.reason === 'RolloutAborted' || it.reason === 'ProgressDeadlineExceeded');
    if (stopped || it.type === 'InvalidSpec') return health('Degraded', textIn(it, 'message'));
  }
  return undefined;
}

function paused(object: KubeObject): Health | undefined {
  const waits = itemsIn(statusOf(object), 'pauseConditions').length > 0 || specOf(object).paused === true;
  return waits ? health('Suspended', 'Rollout is paused') : undefined;
}

/** Controllers from v1.0 on say it themselves. */
function reported(object: KubeObject): Health | undefined {
  const status = statusOf(object);
  switch (status.phase) {
    case 'Paused':
      return health('Suspended', sayStatus(status));
    case 'Healthy':
    case 'Progressing':
    case 'Degraded':
      return health(status.phase, sayStatus(status));
    default:
      return undefined;
  }
}

/** What an older controller's rollout still waits for. */
function unfinished(object: KubeObject): Health | undefined {
  const status = statusOf(object);
  const current = textIn(status, 'currentPodHash');
  if (current === '') return waits('Waiting for rollout to finish: status has not been reconciled.');
  const updated = numberIn(status, 'updatedReplicas');
  if (updated < numberIn(specOf(object), 'replicas', 1)) {
    return waits('Waiting for roll out to finish: More replicas need to be updated');
  }
  if (numberIn(status, 'availableReplicas') < updated) {
    return waits('Waiting for roll out to finish: updated replicas are still becoming available');
  }
  const strategy = objectIn(specOf(object), 'strategy');
  const stable = stableHash(status);
  if (hasIn(strategy, 'blueGreen')) {
    if (textIn(objectIn(status, 'blueGreen'), 'activeSelector') !== current)
      return waits('active service cutover pending');
    return stable !== '' && stable !== current ? waits('waiting for analysis to complete') : undefined;
  }
  if (!hasIn(strategy, 'canary')) return undefined;
  if (numberIn(status, 'replicas') > updated) {
    return waits('Waiting for roll out to finish: old replicas are pending termination');
  }
  return stable === current ? undefined : waits('Waiting for rollout to finish steps');
}

/** Before v0.8 the stable hash was kept below `canary`. */
function stableHash(status: JsonObject): string {
  return textIn(status, 'stableRS') || textIn(objectIn(status, 'canary'), 'stableRS');
}

function waits(message: string): Health {
  return health('Progressing', message);
}

function sayStatus(status: JsonObject): string {
  return textIn(status, 'message');
}
