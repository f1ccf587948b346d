// Health of HyperShift: OpenShift clusters whose control planes run as pods of another cluster.

import type { KubeObject } from '../../model/index.ts';
import { conditionOf, conditionsOf, statusOf } from '../read.ts';
import {
  type Check,
  type Checks,
  find,
  firstOf,
  given,
  otherwise,
  when,
  whenStale,
  withoutConditions,
  withoutStatus,
} from '../rules.ts';

/** OpenShift's own pattern; a fault is told even of a cluster that still answers. */
const operated: Check = firstOf(
  when('Degraded', 'True', 'Degraded'),
  when('Available', 'True', 'Healthy'),
  when('Progressing', 'True', 'Progressing'),
);

/** What a node pool cannot be rolled out with, whatever else it reports. */
const valid = [
  'ValidGeneratedPayload',
  'ValidPlatformImage',
  'ValidReleaseImage',
  'ValidMachineConfig',
  'ValidTuningConfig',
  'ValidPlatformConfig',
  'ValidMachineTemplate',
  'UpdateManagementEnabled',
  'SupportedVersionSkew',
];

/** Checks of HyperShift. */
export const hypershift: Checks = {
  'hypershift.openshift.io/HostedCluster': firstOf(
    withoutConditions('Waiting for HostedCluster status'),
    operated,
    otherwise('Progressing', 'Waiting for HostedCluster to become available'),
  ),
  'hypershift.openshift.io/HostedControlPlane': firstOf(
    withoutStatus('Waiting for HostedControlPlane status'),
    operated,
    given((object) => statusOf(object).ready === true, 'Healthy', 'HostedControlPlane is ready'),
    otherwise('Progressing', 'Waiting for HostedControlPlane to become available'),
  ),
  'hypershift.openshift.io/NodePool': firstOf(
    withoutConditions('Waiting for NodePool status'),
    when(valid, 'False', 'Degraded'),
    when(['UpdatingVersion', 'UpdatingConfig'], 'True', 'Progressing'),
    when('Ready', 'True', 'Healthy'),
    otherwise('Progressing', 'Waiting for NodePool to become ready'),
  ),
  'hypershift.openshift.io/ControlPlaneComponent': firstOf(
    withoutStatus('Waiting for ControlPlaneComponent status'),
    whenStale('Waiting for spec update to be observed by controller'),
    withoutConditions('Waiting for ControlPlaneComponent conditions'),
    when('Available', 'False', 'Degraded'),
    when('RolloutComplete', 'False', 'Progressing'),
    given(
      (object) => areTrue(object, 'Available', 'RolloutComplete'),
      'Healthy',
      'Component is available and rollout is complete',
    ),
    otherwise('Progressing', 'Waiting for ControlPlaneComponent to become available'),
  ),
  'hypershift.openshift.io/HCPEtcdBackup': decided(
    'BackupCompleted',
    'BackupFailed',
    'HCPEtcdBackup',
    'backup to start',
  ),
  'hypershift.openshift.io/AWSEndpointService': firstOf(
    withoutConditions('Waiting for AWSEndpointService status'),
    find((it) => it.status === 'False' && it.reason === 'AWSError', 'Degraded'),
    given(
      (object) => areTrue(object, 'AWSEndpointServiceAvailable', 'AWSEndpointAvailable'),
      'Healthy',
      'AWS endpoint service and endpoint are available',
    ),
    otherwise('Progressing', 'Waiting for AWS endpoint service and endpoint to become available'),
  ),
  'hypershift.openshift.io/AzurePrivateLinkService': decided(
    'AzurePrivateLinkServiceAvailable',
    'AzureError',
    'AzurePrivateLinkService',
    'Azure Private Link Service to become available',
  ),
  'hypershift.openshift.io/GCPPrivateServiceConnect': decided(
    'GCPPrivateServiceConnectAvailable',
    'GCPError',
    'GCPPrivateServiceConnect',
    'GCP Private Service Connect to become available',
  ),
};

/** One condition decides, and one reason of it is a fault: any other passes by itself. */
function decided(type: string, fault: string, kind: string, waitsFor: string): Check {
  return firstOf(
    withoutConditions(`Waiting for ${kind} status`),
    when(type, 'True', 'Healthy'),
    find((it) => it.type === type && it.reason === fault, 'Degraded'),
    find((it) => it.type === type, 'Progressing'),
    otherwise('Progressing', `Waiting for ${waitsFor}`),
  );
}

function areTrue(object: KubeObject, ...types: readonly string[]): boolean {
  return conditionsOf(object).length > 0 && types.every((type) => conditionOf(object, type)?.status === 'True');
}
