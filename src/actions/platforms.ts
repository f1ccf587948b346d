// Actions of what runs clusters and tenants: Cluster API, Capsule, the GitOps Promoter.
import { type Actions, annotating, patching, setting } from './action.ts';

const pausable = [
  setting('pause', 'Reconcile it no more until it is resumed', 'paused', true, false),
  setting('resume', 'Reconcile it again', 'paused', false, false),
];
const cordonable = [
  setting('cordon', 'Change nothing in it until it is uncordoned', 'cordoned', true, false),
  setting('uncordon', 'Let it change again', 'cordoned', false, false),
];
const reconcile = annotating(
  'reconcile',
  'Look at it now',
  'reconcile.projectcapsule.dev/requestedAt',
  ({ now }) => now,
);

/** Kinds of Cluster API, Capsule and the GitOps Promoter. */
export const platforms: Actions = {
  'cluster.x-k8s.io/Cluster': pausable,
  'cluster.x-k8s.io/MachineDeployment': [
    patching('restart', 'Replace its machines, a few at a time', ({ apiVersion }, { now }) =>
      rolledOut(apiVersion, now),
    ),
    ...pausable,
  ],
  'controlplane.cluster.x-k8s.io/KubeadmControlPlane': [
    patching('restart', 'Replace its machines, one by one', ({ apiVersion }, { now }) => rolledOut(apiVersion, now)),
  ],
  'capsule.clastix.io/Tenant': cordonable,
  'capsule.clastix.io/TenantResource': [...cordonable, reconcile],
  'capsule.clastix.io/GlobalTenantResource': [...cordonable, reconcile],
  'promoter.argoproj.io/PullRequest': [
    setting('merge', 'Merge it, without waiting for its checks', 'state', 'merged', 'open'),
  ],
};

/** v1beta2 moved the field; what is older than the time is rolled out again. */
function rolledOut(apiVersion: string, now: string) {
  return { spec: apiVersion.endsWith('/v1beta2') ? { rollout: { after: now } } : { rolloutAfter: now } };
}
