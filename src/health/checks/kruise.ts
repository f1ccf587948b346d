// Health of OpenKruise: workloads, rollouts and game servers.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import { hasIn, itemsIn, metaOf, numberIn, objectIn, specOf, statusOf, textIn } from '../read.ts';
import { byWord, type Checks, firstOf, given, health, isStale, otherwise } from '../rules.ts';

const initializing: Health = health('Progressing', 'Waiting for initialization');

/** Checks of OpenKruise. */
export const kruise: Checks = {
  'apps.kruise.io/CloneSet': (object) => workload(object, 'Cloneset', objectIn(specOf(object), 'updateStrategy')),
  'apps.kruise.io/StatefulSet': (object) => workload(object, 'Statefulset', rolling(object)),
  'apps.kruise.io/DaemonSet': daemonSet,
  'apps.kruise.io/AdvancedCronJob': firstOf(
    given((object) => specOf(object).paused === true, 'Suspended', 'AdvancedCronJob is Paused'),
    given(
      (object) => itemsIn(statusOf(object), 'active').length > 0,
      'Progressing',
      'AdvancedCronJobs has active jobs',
    ),
    given((object) => hasIn(statusOf(object), 'lastScheduleTime'), 'Healthy', 'AdvancedCronJobs has run successfully'),
    given((object) => !hasIn(object, 'status'), 'Progressing', 'AdvancedCronJobs has not run successfully'),
    otherwise('Degraded', 'AdvancedCronJobs has not run successfully'),
  ),
  'apps.kruise.io/BroadcastJob': firstOf(
    byWord(['status', 'phase'], {
      completed: ['Healthy', 'BroadcastJob is completed successfully'],
      failed: ['Degraded', 'BroadcastJob failed'],
      paused: ['Suspended', 'BroadcastJob is Paused'],
    }),
    otherwise('Progressing', 'BroadcastJob is still running'),
  ),
  'rollouts.kruise.io/Rollout': kruiseRollout,
  'game.kruise.io/GameServer': gameServer,
  'game.kruise.io/GameServerSet': gameServerSet,
};

function workload(object: KubeObject, name: string, strategy: JsonObject): Health {
  const status = statusOf(object);
  if (!isObserved(object)) return initializing;
  if (strategy.paused === true || !hasIn(status, 'updatedAvailableReplicas')) {
    return health('Suspended', `${name} is paused`);
  }
  const partition = numberIn(strategy, 'partition');
  const wanted = numberIn(status, 'replicas');
  const updated = numberIn(status, 'updatedReplicas');
  if (partition !== 0 && numberIn(metaOf(object), 'generation') > 1) {
    const expected = numberIn(status, 'expectedUpdatedReplicas', wanted - partition);
    return updated >= expected ? health('Suspended', `${name} needs manual intervention`) : initializing;
  }
  if (numberIn(status, 'updatedAvailableReplicas') === wanted) {
    return health('Healthy', `All ${name} workloads are ready and updated`);
  }
  return health('Degraded', 'Some replicas are not ready or available');
}

function daemonSet(object: KubeObject): Health {
  const status = statusOf(object);
  if (!isObserved(object)) return initializing;
  const strategy = rolling(object);
  if (strategy.paused === true || !hasIn(status, 'updatedNumberScheduled')) {
    return health('Suspended', 'Daemonset is paused');
  }
  const wanted = numberIn(status, 'desiredNumberScheduled');
  const updated = numberIn(status, 'updatedNumberScheduled');
  const partition = numberIn(strategy, 'partition');
  if (partition !== 0 && numberIn(metaOf(object), 'generation') > 1) {
    return updated >= wanted - partition ? health('Suspended', 'Daemonset needs manual intervention') : initializing;
  }
  if (updated !== wanted) return initializing;
  if (numberIn(status, 'numberAvailable') === wanted) {
    return health('Healthy', 'All Daemonset workloads are ready and updated');
  }
  return health('Degraded', 'Some pods are not ready or available');
}

/** Kruise reports the generation it has seen; without one nothing is known. */
function isObserved(object: KubeObject): boolean {
  return hasIn(statusOf(object), 'observedGeneration') && !isStale(object);
}

function rolling(object: KubeObject): JsonObject {
  return objectIn(objectIn(specOf(object), 'updateStrategy'), 'rollingUpdate');
}

function kruiseRollout(object: KubeObject): Health {
  const status = statusOf(object);
  const running = health('Progressing', 'Rollout is still progressing');
  if (!isObserved(object)) return running;
  const phase = textIn(status, 'phase');
  if (phase === 'Healthy') return health('Healthy', 'Rollout is Completed');
  if (phase === 'Disabled' || phase === 'Terminating') return health('Degraded', 'Rollout is Disabled or Terminating');
  const steps = hasIn(status, 'blueGreenStatus') ? 'blueGreenStatus' : 'canaryStatus';
  const state = textIn(objectIn(status, steps), 'currentStepState');
  if (state === 'StepPaused') return health('Suspended', 'Rollout is Paused need manual intervention');
  return running;
}

function gameServer(object: KubeObject): Health {
  const status = statusOf(object);
  const current = textIn(status, 'currentState');
  const desired = textIn(status, 'desiredState');
  if (current === '') return health('Unknown', 'Waiting for GameServer to be ready');
  if (desired !== '' && current !== desired) return health('Progressing', `State change: ${current} → ${desired}`);
  const open = itemsIn(objectIn(status, 'podStatus'), 'conditions').find((it) => it.status === 'False');
  if (open !== undefined) return health('Degraded', `Pod is not ready: ${textIn(open, 'type')}`);
  const bad = itemsIn(status, 'conditions').find((it) => it.status === 'False');
  if (bad !== undefined)
    return health('Degraded', textIn(bad, 'message') || `GameServer is not ${textIn(bad, 'type')}`);
  return health('Healthy', `GameServer is ${current}`);
}

function gameServerSet(object: KubeObject): Health {
  const status = statusOf(object);
  const initializing = health('Progressing', 'Waiting for GameServerSet initialization');
  if (!isObserved(object)) return initializing;
  const strategy = rolling(object);
  if (strategy.paused === true) return health('Suspended', 'GameServerSet is paused');
  const wanted = numberIn(status, 'replicas');
  const partition = numberIn(strategy, 'partition');
  if (partition !== 0 && numberIn(status, 'updatedReplicas') >= wanted - partition) {
    return health('Suspended', `Partition=${partition}, waiting for manual intervention`);
  }
  if (numberIn(status, 'updatedReadyReplicas') === wanted) {
    return health('Healthy', 'All GameServerSet replicas are updated and ready');
  }
  const ready = numberIn(status, 'readyReplicas');
  return ready < wanted ? health('Progressing', `ReadyReplicas ${ready}/${wanted}, still progressing`) : initializing;
}
