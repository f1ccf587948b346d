// Health of Cluster API.

import type { Health, KubeObject } from '../../model/index.ts';
import {
  conditionOf,
  conditionsOf,
  hasIn,
  itemsIn,
  numberIn,
  objectIn,
  specOf,
  statusOf,
  textIn,
  typed,
} from '../read.ts';
import { byWord, type Checks, find, firstOf, given, health, otherwise, type Say, when } from '../rules.ts';

const isPaused = (object: KubeObject): boolean => specOf(object).paused === true;

/** Checks of Cluster API. */
export const clusterApi: Checks = {
  'cluster.x-k8s.io/Cluster': firstOf(
    given(isPaused, 'Suspended', 'Cluster is paused'),
    // Conditions of severity Info say what is being waited for, not what is wrong.
    find((it) => it.type === 'Ready' && it.status === 'False' && it.severity !== 'Info', 'Degraded'),
    byWord(['status', 'phase'], { Failed: 'Degraded' }),
    find((it) => it.type === 'Ready' && it.status === 'False', 'Progressing', 'Waiting for clusters'),
    byWord(['status', 'phase'], { Provisioned: ['Healthy', 'Cluster is running'] }),
    otherwise('Progressing', 'Waiting for clusters'),
  ),
  'cluster.x-k8s.io/Machine': machine,
  'cluster.x-k8s.io/MachineDeployment': firstOf(
    given(isPaused, 'Suspended', 'MachineDeployment is paused'),
    given(isRunning, 'Healthy', 'Machines are running under this deployment'),
    byWord(['status', 'phase'], {
      ScalingUp: ['Progressing', 'Cluster is spawning machines'],
      ScalingDown: ['Progressing', 'Cluster is stopping machines'],
      Failed: ['Degraded', 'MachineDeployment is failed'],
    }),
    otherwise('Progressing', 'Waiting for machines'),
  ),
  'cluster.x-k8s.io/MachinePool': byWord(
    ['status', 'phase'],
    {
      Running: 'Healthy',
      Scaling: 'Healthy',
      ScalingUp: 'Healthy',
      ScalingDown: 'Healthy',
      Failed: 'Degraded',
      Unknown: 'Degraded',
      Pending: 'Progressing',
      Provisioning: 'Progressing',
      Provisioned: 'Progressing',
      Deleting: 'Progressing',
      '': 'Progressing',
    },
    pool,
  ),
  'cluster.x-k8s.io/MachineHealthCheck': (object) => {
    const status = statusOf(object);
    if (!hasIn(status, 'currentHealthy')) return health('Progressing');
    const whole = numberIn(status, 'expectedMachines') === numberIn(status, 'currentHealthy');
    return health(whole ? 'Healthy' : 'Degraded');
  },
  'addons.cluster.x-k8s.io/ClusterResourceSet': firstOf(
    when('ResourcesApplied', 'True', 'Healthy', 'cluster resource set is applied'),
    when('ResourcesApplied', 'False', 'Degraded'),
    otherwise('Progressing', 'Initializing cluster resource set'),
  ),
  'controlplane.cluster.x-k8s.io/KubeadmControlPlane': kubeadm,
  'controlplane.cluster.x-k8s.io/AWSManagedControlPlane': eks,
};

function machine(object: KubeObject): Health {
  const phase = textIn(statusOf(object), 'phase');
  if (phase === 'Running') return health('Healthy', 'Machine is running');
  const ready = conditionOf(object, 'Ready');
  const why = ready?.status === 'False' ? textIn(ready, 'message') : 'Condition is unknown';
  return health(phase === 'Failed' ? 'Degraded' : 'Progressing', why);
}

function isRunning(object: KubeObject): boolean {
  const status = statusOf(object);
  const wanted = numberIn(status, 'replicas');
  return (
    status.phase === 'Running' &&
    numberIn(status, 'updatedReplicas') === wanted &&
    numberIn(status, 'readyReplicas') === wanted
  );
}

/** `MachinePool is Provisioning: Not Ready (WaitingForInfrastructure), …` */
function pool(...[status, object]: Parameters<Exclude<Say, string>>): string {
  const phase = textIn(status, 'phase');
  const open = conditionsOf(object)
    .filter((it) => it.status === 'False')
    .map((it) =>
      hasIn(it, 'reason') ? `Not ${textIn(it, 'type')} (${textIn(it, 'reason')})` : `Not ${textIn(it, 'type')}`,
    );
  const head = phase === '' ? '' : `MachinePool is ${phase}`;
  return open.length === 0 ? head : `${head}: ${open.join(', ')}`;
}

function kubeadm(object: KubeObject): Health {
  const status = statusOf(object);
  if (!hasIn(object, 'status')) return health('Progressing', 'Waiting for KubeadmControlPlane status');
  const newer = itemsIn(objectIn(status, 'v1beta2'), 'conditions');
  const conditions = conditionsOf(object);
  const isNot = (list: typeof newer, type: string): boolean => {
    const found = typed(list, type);
    return found !== undefined && found.status !== 'True';
  };
  if (isNot(conditions, 'EtcdClusterHealthy')) return health('Degraded', 'Etcd cluster is unhealthy');
  if (isNot(newer, 'MachinesReady')) return health('Progressing', 'Machines not ready');
  if (isNot(newer, 'MachinesUpToDate')) return health('Progressing', 'Updating machines');
  if (isNot(conditions, 'ControlPlaneComponentsHealthy')) {
    return health('Progressing', 'Control plane components unhealthy');
  }
  if (typed(newer, 'RollingOut')?.status === 'True') return health('Progressing', 'Rolling out');
  const wanted = numberIn(status, 'replicas');
  const updated = numberIn(status, 'updatedReplicas');
  const ready = numberIn(status, 'readyReplicas');
  if (updated < wanted) return health('Progressing', `Updating: ${updated}/${wanted} updated, ${ready} ready`);
  if (ready !== wanted) return health('Progressing', `${ready}/${wanted} ready`);
  return health('Healthy', 'Control plane is healthy');
}

function eks(object: KubeObject): Health {
  const status = statusOf(object);
  const conditions = conditionsOf(object);
  if (!hasIn(status, 'conditions')) return health('Progressing', 'Provisioning...');
  const failure = textIn(status, 'failureMessage');
  if (failure !== '') return health('Degraded', failure);
  if (typed(conditions, 'EKSControlPlaneUpdating')?.status === 'True') {
    return health('Progressing', 'EKS control plane is updating');
  }
  if (typed(conditions, 'Ready')?.status === 'True') return health('Healthy', 'Control plane is ready');
  const errors = conditions.filter((it) => it.status === 'False' && it.severity === 'Error');
  if (errors.length > 0) return health('Degraded', errors.map((it) => `${textIn(it, 'message')} `).join(''));
  if (status.ready === false) return health('Progressing', 'Control plane is not ready (.status.ready is false)');
  return health('Progressing', 'Control plane is not ready');
}
