// Kinds of operators, by the forms that their controllers write.

import { conditions, kube, run } from './test-rows.ts';

run('Capsule', [
  { reason: 'nothing reported', object: kube('capsule.clastix.io/v1beta2', 'Tenant'), want: 'Progressing' },
  {
    reason: 'an older generation',
    object: kube('capsule.clastix.io/v1beta2', 'Tenant', {
      status: { observedGeneration: 1, conditions: conditions(['Ready', 'True']) },
    }),
    want: 'Progressing',
    says: /generation/,
  },
  {
    reason: 'cordoned goes before ready',
    object: kube('capsule.clastix.io/v1beta2', 'Tenant', {
      status: { conditions: conditions(['Ready', 'True'], ['Cordoned', 'True', 'Cordoned', 'no new pods']) },
    }),
    want: 'Suspended',
    says: /no new pods/,
  },
  {
    reason: 'replication stopped in the spec',
    object: kube('capsule.clastix.io/v1beta2', 'GlobalTenantResource', { spec: { cordoned: true } }),
    want: 'Suspended',
  },
  {
    reason: 'a claim without a pool',
    object: kube('capsule.clastix.io/v1beta2', 'ResourcePoolClaim', {
      status: { conditions: conditions(['Ready', 'False'], ['Bound', 'False', 'PoolExhausted', 'no pool']) },
    }),
    want: 'Suspended',
    says: /no pool/,
  },
  {
    reason: 'a pool given away',
    object: kube('capsule.clastix.io/v1beta2', 'ResourcePool', {
      status: { exhaustions: { memory: {}, cpu: {} }, conditions: conditions(['Ready', 'True']) },
    }),
    want: 'Degraded',
    says: /cpu, memory$/,
  },
  {
    reason: 'a pool with something left',
    object: kube('capsule.clastix.io/v1beta2', 'ResourcePool', {
      status: { exhaustions: {}, conditions: conditions(['Ready', 'True']) },
    }),
    want: 'Healthy',
  },
]);

run('Kyverno', [
  { reason: 'nothing yet', object: kube('policies.kyverno.io/v1', 'ValidatingPolicy'), want: 'Progressing' },
  {
    reason: 'the webhook is what is told',
    object: cel('ValidatingPolicy', {
      ready: true,
      conditions: conditions(['RBACPermissionsGranted', 'True', '', 'rbac'], ['WebhookConfigured', 'True', '', 'hook']),
    }),
    want: 'Healthy',
    says: /^hook$/,
  },
  {
    reason: 'a policy in the background has no webhook',
    object: cel('NamespacedDeletingPolicy', { ready: true, conditions: conditions(['Policy', 'True', '', 'loaded']) }),
    want: 'Healthy',
    says: /^loaded$/,
  },
  {
    reason: 'the condition that is not met',
    object: cel('MutatingPolicy', { conditions: conditions(['WebhookConfigured', 'False', '', 'no certificate']) }),
    want: 'Degraded',
    says: /^WebhookConfigured: no certificate$/,
  },
  {
    reason: 'an older generation',
    object: cel('GeneratingPolicy', {
      ready: true,
      conditions: [{ type: 'Policy', status: 'True', observedGeneration: 1 }],
    }),
    want: 'Progressing',
  },
  {
    reason: 'an exception reports nothing',
    object: kube('policies.kyverno.io/v1', 'PolicyException'),
    want: undefined,
  },
]);

function cel(kind: string, conditionStatus: Parameters<typeof kube>[2] & object) {
  return kube('policies.kyverno.io/v1', kind, { status: { conditionStatus } });
}

const current = (type: string, status: string, message = '') => ({ type, status, message, observedGeneration: 2 });

run('kro', [
  { reason: 'nothing reported', object: kube('kro.run/v1alpha1', 'WebApp'), want: 'Progressing' },
  {
    reason: 'a definition that is served',
    object: kube('kro.run/v1alpha1', 'ResourceGraphDefinition', { status: { conditions: [current('Ready', 'True')] } }),
    want: 'Healthy',
  },
  {
    reason: 'a definition that is not accepted',
    object: kube('kro.run/v1alpha1', 'ResourceGraphDefinition', {
      status: { conditions: [current('GraphAccepted', 'False', 'cycle'), current('Ready', 'False')] },
    }),
    want: 'Degraded',
    says: /cycle/,
  },
  {
    reason: 'what was said of an older generation does not count',
    object: kube('kro.run/v1alpha1', 'WebApp', {
      status: { state: 'ACTIVE', conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }] },
    }),
    want: 'Progressing',
  },
  {
    reason: 'an instance on its way',
    object: kube('kro.run/v1alpha1', 'WebApp', {
      status: { state: 'IN_PROGRESS', conditions: [current('ResourcesReady', 'False', '1 of 3')] },
    }),
    want: 'Progressing',
    says: /1 of 3/,
  },
  {
    reason: 'an instance that failed',
    object: kube('kro.run/v1alpha1', 'WebApp', {
      status: { state: 'ERROR', conditions: [current('ResourcesReady', 'False')] },
    }),
    want: 'Degraded',
    says: /ResourcesReady is False/,
  },
]);

const shift = 'hypershift.openshift.io/v1beta1';

run('HyperShift', [
  { reason: 'nothing reported', object: kube(shift, 'HostedCluster'), want: 'Progressing' },
  {
    reason: 'a fault is told even while it answers',
    object: kube(shift, 'HostedCluster', {
      status: { conditions: conditions(['Available', 'True'], ['Degraded', 'True', '', 'etcd']) },
    }),
    want: 'Degraded',
    says: /etcd/,
  },
  {
    reason: 'ready before its conditions',
    object: kube(shift, 'HostedControlPlane', { status: { ready: true } }),
    want: 'Healthy',
  },
  {
    reason: 'an image that cannot be had, though nodes are ready',
    object: kube(shift, 'NodePool', {
      status: { conditions: conditions(['Ready', 'True'], ['ValidReleaseImage', 'False', '', 'not found']) },
    }),
    want: 'Degraded',
  },
  {
    reason: 'an update',
    object: kube(shift, 'NodePool', {
      status: { conditions: conditions(['Ready', 'True'], ['UpdatingConfig', 'True', '', 'rolling']) },
    }),
    want: 'Progressing',
  },
  {
    reason: 'available, rolled out',
    object: kube(shift, 'ControlPlaneComponent', {
      status: { conditions: conditions(['Available', 'True'], ['RolloutComplete', 'True']) },
    }),
    want: 'Healthy',
  },
  {
    reason: 'a backup that waits for etcd',
    object: kube(shift, 'HCPEtcdBackup', {
      status: { conditions: conditions(['BackupCompleted', 'False', 'EtcdUnhealthy', 'no leader']) },
    }),
    want: 'Progressing',
    says: /no leader/,
  },
  {
    reason: 'one endpoint of two',
    object: kube(shift, 'AWSEndpointService', {
      status: { conditions: conditions(['AWSEndpointAvailable', 'True']) },
    }),
    want: 'Progressing',
  },
  {
    reason: 'the cloud says no',
    object: kube(shift, 'GCPPrivateServiceConnect', {
      status: { conditions: conditions(['GCPPrivateServiceConnectAvailable', 'False', 'GCPError', 'quota']) },
    }),
    want: 'Degraded',
  },
]);

const at = (minute: number, type: string, status: string) => ({
  type,
  status,
  lastTransitionTime: `2026-01-01T00:0${minute}:00Z`,
});
const cassandra = (...list: readonly ReturnType<typeof at>[]) =>
  kube('cassandra.datastax.com/v1beta1', 'CassandraDatacenter', { status: { conditions: [...list] } });

run('clusters of data', [
  { reason: 'no condition', object: cassandra(), want: 'Unknown' },
  {
    reason: 'on its way',
    object: cassandra(at(1, 'Healthy', 'True'), at(2, 'ScalingUp', 'True')),
    want: 'Progressing',
  },
  { reason: 'arrived', object: cassandra(at(2, 'ScalingUp', 'False'), at(1, 'Healthy', 'True')), want: 'Healthy' },
  { reason: 'not ready', object: cassandra(at(1, 'Healthy', 'True'), at(2, 'Ready', 'False')), want: 'Degraded' },
  {
    reason: 'a node of Druid with an error',
    object: kube('druid.apache.org/v1alpha1', 'Druid', {
      status: {
        druidNodeStatus: { druidNodeConditionType: 'DruidNodeErrorState', druidNode: 'broker-0', reason: 'OOM' },
      },
    }),
    want: 'Degraded',
    says: /^Pod broker-0: OOM$/,
  },
  {
    reason: 'a node of Solr that is not ready',
    object: kube('solr.apache.org/v1beta1', 'SolrCloud', { status: { solrNodes: [{ ready: true }, { name: 'b' }] } }),
    want: 'Progressing',
  },
  {
    reason: 'no node of ZooKeeper is none too many',
    object: kube('zookeeper.pravega.io/v1beta1', 'ZookeeperCluster', { status: { replicas: 0, readyReplicas: 0 } }),
    want: 'Progressing',
  },
]);

run('networks', [
  {
    reason: 'a policy for no node',
    object: kube('nmstate.io/v1', 'NodeNetworkConfigurationPolicy', {
      status: { conditions: conditions(['Available', 'False'], ['Ignored', 'True', 'NoMatchingNode']) },
    }),
    want: 'Suspended',
    says: /^NoMatchingNode$/,
  },
  {
    reason: 'a failure that is tried again',
    object: kube('nmstate.io/v1beta1', 'NodeNetworkConfigurationEnactment', {
      status: { conditions: conditions(['Failing', 'True', 'Failed', 'no carrier'], ['Progressing', 'True']) },
    }),
    want: 'Progressing',
    says: /^Failed: no carrier$/,
  },
  {
    reason: 'a domain that its certificate cannot be had for',
    object: kube('networking.gke.io/v1', 'ManagedCertificate', {
      status: { certificateStatus: 'Provisioning', domainStatus: [{ domain: 'a.org', status: 'FailedCaaForbidden' }] },
    }),
    want: 'Degraded',
  },
  {
    reason: 'Calico, without a word',
    object: kube('operator.tigera.io/v1', 'Installation', {
      status: { conditions: conditions(['Available', 'True']) },
    }),
    want: 'Healthy',
    says: /Calico/,
  },
]);
