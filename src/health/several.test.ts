// Rules of kinds beside each other: what decides where several conditions speak.

import { conditions, kube, run } from './test-rows.ts';

run('others', [
  {
    reason: 'a record that is not published yet',
    object: kube('externaldns.k8s.io/v1alpha1', 'DNSEndpoint', { status: { observedGeneration: 1 } }),
    want: 'Progressing',
  },
  {
    reason: 'a record that is published',
    object: kube('externaldns.k8s.io/v1alpha1', 'DNSEndpoint', { status: { observedGeneration: 2 } }),
    want: 'Healthy',
  },
  {
    reason: 'a job of Ansible that failed',
    object: kube('tower.ansible.com/v1alpha1', 'AnsibleJob', {
      status: { isFinished: true, ansibleJobResult: { status: 'failed' } },
    }),
    want: 'Degraded',
  },
  {
    reason: 'a job of Ansible that is done',
    object: kube('tower.ansible.com/v1alpha1', 'AnsibleJob', {
      status: { isFinished: true, ansibleJobResult: { status: 'successful' } },
    }),
    want: 'Healthy',
  },
  {
    reason: 'the error of a connector says more than its count of tasks',
    object: kube('platform.confluent.io/v1beta1', 'Connector', {
      status: {
        state: 'ERROR',
        failedTasksCount: 1,
        conditions: conditions(['platform.confluent.io/app-ready', 'False', 'Failed', 'no such topic']),
      },
    }),
    want: 'Degraded',
    says: /no such topic/,
  },
  {
    reason: 'a bundle without its source',
    object: kube('trust.cert-manager.io/v1alpha1', 'Bundle', {
      status: { conditions: conditions(['Synced', 'False', 'SourceNotFound']) },
    }),
    want: 'Degraded',
    says: /SourceNotFound/,
  },
  {
    reason: 'a bucket on its way',
    object: kube('objectbucket.io/v1alpha1', 'ObjectBucketClaim', { status: { phase: 'Pending' } }),
    want: 'Progressing',
    says: /Pending/,
  },
  {
    reason: 'a broker that is not known of yet',
    object: kube('eventing.knative.dev/v1', 'Broker', { status: { conditions: conditions(['Ready', 'Unknown']) } }),
    want: 'Progressing',
  },
  {
    reason: 'a trigger without a broker',
    object: kube('eventing.knative.dev/v1', 'Trigger', {
      status: { conditions: conditions(['Ready', 'False', 'BrokerDoesNotExist']) },
    }),
    want: 'Degraded',
    says: /BrokerDoesNotExist/,
  },
  {
    reason: 'the newest condition of a ClusterExternalSecret comes last',
    object: kube('external-secrets.io/v1', 'ClusterExternalSecret', {
      status: { conditions: conditions(['Ready', 'True'], ['PartiallyReady', 'True', '', 'one namespace failed']) },
    }),
    want: 'Degraded',
    says: /one namespace/,
  },
  {
    reason: 'KEDA begins with Unknown and no word',
    object: kube('keda.sh/v1alpha1', 'ScaledJob', { status: { conditions: conditions(['Ready', 'Unknown']) } }),
    want: 'Progressing',
  },
  {
    reason: 'Unknown for a reason is a failure',
    object: kube('keda.sh/v1alpha1', 'ScaledJob', {
      status: { conditions: conditions(['Ready', 'Unknown', 'TriggerError', 'no queue']) },
    }),
    want: 'Degraded',
    says: /no queue/,
  },
  {
    reason: 'settings of Crossplane never report',
    object: kube('apiextensions.crossplane.io/v1beta1', 'EnvironmentConfig'),
    want: 'Healthy',
  },
  {
    reason: 'paused by a person',
    object: kube('sqs.aws.m.upbound.io/v1beta1', 'Queue', {
      status: { conditions: conditions(['Ready', 'True'], ['Synced', 'False', 'ReconcilePaused']) },
    }),
    want: 'Suspended',
  },
  {
    reason: 'a revision whose runtime is not healthy',
    object: kube('pkg.crossplane.io/v1', 'ProviderRevision', {
      status: { conditions: conditions(['RevisionHealthy', 'True'], ['Healthy', 'False', 'UnhealthyPackageRevision']) },
    }),
    want: 'Degraded',
    says: /UnhealthyPackageRevision/,
  },
  {
    reason: 'a fault at one parent goes before waiting at another',
    object: kube('gateway.networking.k8s.io/v1', 'HTTPRoute', {
      status: {
        parents: [
          { parentRef: { name: 'a' }, conditions: conditions(['Programmed', 'False', '', 'soon']) },
          { parentRef: { name: 'b' }, conditions: conditions(['Accepted', 'False', '', 'no such listener']) },
        ],
      },
    }),
    want: 'Degraded',
    says: /^Parent b: no such listener$/,
  },
  {
    reason: 'a TLSRoute of which half is reported',
    object: kube('gateway.networking.k8s.io/v1', 'TLSRoute', {
      status: { parents: [{ parentRef: { name: 'a' }, conditions: conditions(['Accepted', 'True']) }] },
    }),
    want: 'Progressing',
    says: /^Parent a: Waiting/,
  },
  {
    reason: 'listeners without a listener',
    object: kube('gateway.networking.k8s.io/v1', 'ListenerSet', {
      status: { conditions: conditions(['Accepted', 'True'], ['Programmed', 'True']) },
    }),
    want: 'Progressing',
  },
  {
    reason: 'Knative: deployments of the operator are on their way',
    object: kube('operator.knative.dev/v1beta1', 'KnativeServing', {
      status: { conditions: conditions(['DeploymentsAvailable', 'False'], ['Ready', 'False']) },
    }),
    want: 'Progressing',
  },
  {
    reason: 'Knative: nothing is on its way',
    object: kube('operator.knative.dev/v1beta1', 'KnativeServing', {
      status: { conditions: conditions(['InstallSucceeded', 'False'], ['Ready', 'False']) },
    }),
    want: 'Degraded',
  },
]);
