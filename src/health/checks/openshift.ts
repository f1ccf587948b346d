// Health of OpenShift's kinds and of the Operator Lifecycle Manager.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import { conditionOf, conditionsOf, itemsIn, statusOf, textIn } from '../read.ts';
import { byWord, type Checks, find, firstOf, health, itsReason, otherwise, when, withoutConditions } from '../rules.ts';

/** Checks of OpenShift and OLM. */
export const openshift: Checks = {
  'apps.openshift.io/DeploymentConfig': deploymentConfig,
  'route.openshift.io/Route': route,
  'operator.openshift.io/IngressController': firstOf(
    when('Degraded', 'True', 'Degraded'),
    when('DeploymentReplicasAllAvailable', 'False', 'Progressing'),
    when('Progressing', 'True', 'Progressing', itsReason),
    when('Available', 'True', 'Healthy', 'IngressController is available'),
    otherwise('Progressing', 'Status of IngressController is not known yet'),
  ),
  'ocs.openshift.io/StorageCluster': firstOf(
    when('Degraded', 'True', 'Degraded'),
    when('Progressing', 'True', 'Progressing'),
    when(['Available', 'Upgradeable'], 'True', 'Healthy'),
    otherwise('Progressing', 'StorageCluster is still being initialized or is in an unknown state.'),
  ),
  'config.openshift.io/ClusterOperator': firstOf(
    when('Degraded', 'True', 'Degraded'),
    when('Available', 'False', 'Degraded'),
    when('Progressing', 'True', 'Progressing'),
    when('Available', 'True', 'Healthy', ''),
    otherwise('Progressing', 'Waiting for status'),
  ),
  'operators.coreos.com/Subscription': subscription,
  'operators.coreos.com/ClusterServiceVersion': byWord(
    ['status', 'phase'],
    {
      Succeeded: 'Healthy',
      Failed: 'Degraded',
      '': 'Progressing',
      None: 'Progressing',
      Pending: 'Progressing',
      InstallReady: 'Progressing',
      Installing: 'Progressing',
      Replacing: 'Progressing',
      Deleting: 'Progressing',
      Unknown: 'Unknown',
    },
    (status) => textIn(status, 'message'),
  ),
  'operators.coreos.com/InstallPlan': byWord(
    ['status', 'phase'],
    {
      Complete: 'Healthy',
      Failed: 'Degraded',
      RequiresApproval: ['Suspended', 'The install plan waits for approval'],
      '': 'Progressing',
      Planning: 'Progressing',
      Installing: 'Progressing',
    },
    (_, object) => textIn(conditionOf(object, 'Installed') ?? {}, 'message'),
  ),
  'operators.coreos.com/CatalogSource': byWord(['status', 'connectionState', 'lastObservedState'], {
    READY: 'Healthy',
    TRANSIENT_FAILURE: ['Degraded', 'The catalog source cannot be reached'],
    CONNECTING: ['Progressing', 'Connecting to the catalog source'],
    IDLE: ['Progressing', 'Connecting to the catalog source'],
  }),
  'machine.openshift.io/MachineHealthCheck': firstOf(
    withoutConditions('Waiting for status'),
    find((it) => it.type === 'RemediationAllowed' && it.status === 'False', 'Degraded'),
    otherwise('Healthy'),
  ),
};

/** A rolled-out DeploymentConfig keeps both its conditions True. */
function deploymentConfig(object: KubeObject): Health {
  const waiting = health('Progressing', 'replication controller is waiting for pods to run');
  if (conditionsOf(object).length === 0) return waiting;
  const good = ['Available', 'Progressing'].filter((type) => conditionOf(object, type)?.status === 'True').length;
  if (good === 2) return health('Healthy', 'replication controller successfully rolled out');
  return good === 1 ? waiting : health('Degraded', 'Deployment config is degraded');
}

function route(object: KubeObject): Health {
  const routers = itemsIn(statusOf(object), 'ingress');
  const admitted = routers.map((router) => itemsIn(router, 'conditions').find((it) => it.type === 'Admitted')?.status);
  if (routers.length > 0 && admitted.every((it) => it === 'True')) return health('Healthy', 'Route is healthy');
  if (admitted.includes('False')) return health('Degraded', 'Route is degraded');
  return health('Progressing', 'Route is still getting admitted');
}

const faults = new Set(['CatalogSourcesUnhealthy', 'InstallPlanFailed', 'ResolutionFailed']);

/** All conditions are listed, and the state: an upgrade that waits for approval is fine once something is installed. */
function subscription(object: KubeObject): Health {
  const status = statusOf(object);
  const conditions = conditionsOf(object);
  const state = textIn(status, 'state');
  const listing = conditions.map((it, i) => `${i + 1}: ${textIn(it, 'type')} | ${textIn(it, 'status')}\n`).join('');
  const message = `${listing}${state === '' ? '.status.state not yet known' : `.status.state is '${state}'`}\n`;
  if (conditions.some(isFault)) return health('Degraded', message);
  if (state === 'AtLatestKnown') return health('Healthy', message);
  const installed = textIn(status, 'installedCSV') !== '';
  const asks = conditions.some(
    (it) => it.type === 'InstallPlanPending' && it.status === 'True' && it.reason === 'RequiresApproval',
  );
  if (state === 'UpgradePending' && installed && asks) return health('Healthy', message);
  return health('Progressing', message);
}

function isFault(condition: JsonObject): boolean {
  if (condition.status !== 'True') return false;
  if (condition.type === 'InstallPlanMissing') return condition.reason !== 'ReferencedInstallPlanNotFound';
  return faults.has(textIn(condition, 'type'));
}
