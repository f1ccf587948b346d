// Health of core kinds: Pod, Service, PersistentVolumeClaim, Namespace. The rules of Argo CD's gitops-engine.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import { conditionOf, hasIn, itemsIn, numberIn, objectIn, specOf, statusOf, textIn } from '../read.ts';
import { byWord, type Checks, firstOf, given, health, otherwise } from '../rules.ts';

/** Checks of the core group. */
export const core: Checks = {
  '/Pod': pod,
  '/Service': firstOf(given(waitsForLoadBalancer, 'Progressing'), otherwise('Healthy')),
  '/PersistentVolumeClaim': firstOf(
    byWord(['status', 'phase'], { Bound: 'Healthy', Pending: 'Progressing', Lost: 'Degraded' }),
    otherwise('Unknown'),
  ),
  '/Namespace': byWord(['status', 'phase'], {
    Active: 'Healthy',
    Terminating: ['Progressing', (_, object) => messageOf(conditionOf(object, 'NamespaceContentRemaining'))],
  }),
};

/** True for a LoadBalancer Service that has no address yet. */
function waitsForLoadBalancer(object: KubeObject): boolean {
  if (specOf(object).type !== 'LoadBalancer') return false;
  return itemsIn(objectIn(statusOf(object), 'loadBalancer'), 'ingress').length === 0;
}

function pod(object: KubeObject): Health {
  const status = statusOf(object);
  const message = textIn(status, 'message');
  const restarts = textIn(specOf(object), 'restartPolicy') || 'Always';
  if (restarts === 'Always') {
    const stuck = stuckContainers(status);
    if (stuck !== undefined) return health('Degraded', stuck);
  }
  switch (status.phase) {
    case 'Pending':
      return health('Progressing', message);
    case 'Succeeded':
      return health('Healthy', message);
    case 'Failed':
      return health('Degraded', message || failure(status));
    case 'Running':
      return running(object, status, restarts, message);
    default:
      return health('Unknown', message);
  }
}

/** A pod with an end (a hook) is never Healthy while it runs; one without is when it is ready. */
function running(object: KubeObject, status: JsonObject, restarts: string, message: string): Health {
  if (restarts !== 'Always') return health('Progressing', message);
  if (conditionOf(object, 'Ready')?.status === 'True') return health('Healthy', message);
  const crashed = itemsIn(status, 'containerStatuses').some(
    (it) => hasIn(objectIn(it, 'lastTerminationState'), 'terminated') || hasIn(objectIn(it, 'lastState'), 'terminated'),
  );
  return health(crashed ? 'Degraded' : 'Progressing', message);
}

/** The messages of containers that wait for a reason that does not pass by itself, undefined where none does. */
function stuckContainers(status: JsonObject): string | undefined {
  let stuck: string[] | undefined;
  for (const container of itemsIn(status, 'containerStatuses')) {
    const waiting = objectIn(objectIn(container, 'state'), 'waiting');
    const reason = textIn(waiting, 'reason');
    if (reason.startsWith('Err') || reason.endsWith('Error') || reason.endsWith('BackOff')) {
      stuck ??= [];
      stuck.push(textIn(waiting, 'message'));
    }
  }
  return stuck?.join(', ');
}

function failure(status: JsonObject): string {
  for (const list of ['initContainerStatuses', 'containerStatuses']) {
    for (const container of itemsIn(status, list)) {
      const ended = objectIn(objectIn(container, 'state'), 'terminated');
      const message = textIn(ended, 'message');
      if (message !== '') return message;
      if (ended.reason === 'OOMKilled') return 'OOMKilled';
      const code = numberIn(ended, 'exitCode');
      if (code !== 0) return `container "${textIn(container, 'name')}" failed with exit code ${code}`;
    }
  }
  return '';
}

function messageOf(condition: JsonObject | undefined): string {
  return condition?.status === 'True' ? textIn(condition, 'message') : '';
}
