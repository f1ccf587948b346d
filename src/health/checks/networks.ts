// Health of what networks are made of: nmstate's node configuration, Calico's operator, DNS records, Google's managed
// certificates.

import type { KubeObject } from '../../model/index.ts';
import { conditionOf, hasIn, itemsIn, metaOf, statusOf, textIn } from '../read.ts';
import { type Checks, firstOf, given, otherwise, type Say, spoken, when } from '../rules.ts';

/** `SuccessfullyConfigured: 3/3 nodes successfully configured` */
const reasonAndMessage: Say = (it) =>
  [textIn(it, 'reason'), textIn(it, 'message')].filter((part) => part !== '').join(': ');

function messageOr(fallback: string): Say {
  return (it) => textIn(it, 'message') || textIn(it, 'reason') || fallback;
}

/** Checks of networks. */
export const networks: Checks = {
  'nmstate.io/NodeNetworkConfigurationPolicy': firstOf(
    when('Available', 'True', 'Healthy', reasonAndMessage),
    when('Degraded', 'True', 'Degraded', reasonAndMessage),
    when('Progressing', 'True', 'Progressing', reasonAndMessage),
    // It selects no node, which may be meant.
    when('Ignored', 'True', 'Suspended', reasonAndMessage),
    otherwise('Progressing', 'Waiting for policy to be applied'),
  ),
  'nmstate.io/NodeNetworkConfigurationEnactment': firstOf(
    given(isRetrying, 'Progressing', (_, object) =>
      spoken(reasonAndMessage, conditionOf(object, 'Failing') ?? {}, object),
    ),
    when('Available', 'True', 'Healthy', reasonAndMessage),
    when('Failing', 'True', 'Degraded', reasonAndMessage),
    when(['Progressing', 'Pending'], 'True', 'Progressing', reasonAndMessage),
    when('Aborted', 'True', 'Suspended', reasonAndMessage),
    otherwise('Progressing', 'Waiting for enactment to be applied'),
  ),
  'operator.tigera.io/Installation': firstOf(
    when('Degraded', 'True', 'Degraded', messageOr('Installation is degraded')),
    when('Available', 'True', 'Healthy', (it) => textIn(it, 'message') || 'All Calico components are available'),
    otherwise('Progressing', 'Waiting for Installation to become available'),
  ),
  'externaldns.k8s.io/DNSEndpoint': firstOf(
    given(
      (object) => textIn(statusOf(object), 'observedGeneration') !== textIn(metaOf(object), 'generation'),
      'Progressing',
      'Waiting for Sync',
    ),
    given((object) => hasIn(object, 'status'), 'Healthy', 'Healthy'),
    otherwise('Progressing', 'Waiting for Sync'),
  ),
  'networking.gke.io/ManagedCertificate': firstOf(
    given(
      (object) => itemsIn(statusOf(object), 'domainStatus').some((it) => textIn(it, 'status').startsWith('Failed')),
      'Degraded',
      'At least one certificate has failed to be provisioned',
    ),
    given((object) => statusOf(object).certificateStatus === 'Active', 'Healthy', 'All certificates are active'),
    otherwise('Progressing', 'At least one certificate is still being provisioned'),
  ),
};

/** Failing while it goes on: it is tried again. */
function isRetrying(object: KubeObject): boolean {
  return ['Failing', 'Progressing'].every((type) => conditionOf(object, type)?.status === 'True');
}
