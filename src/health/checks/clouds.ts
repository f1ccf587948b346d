// Health of the clouds' own operators: Google's Config Connector, AWS Controllers for Kubernetes, Apigee.

import type { KubeObject } from '../../model/index.ts';
import { statusOf, textIn } from '../read.ts';
import { byWord, type Checks, find, firstOf, given, isStale, otherwise, when, whenReason } from '../rules.ts';

/** Checks of Config Connector, ACK and Apigee. */
export const clouds: Checks = {
  '*.cnrm.cloud.google.com/*': firstOf(
    given(isStale, 'Progressing', 'Update in progress'),
    given(saysHealthy(true), 'Healthy', (_, object) => `${object.kind} is healthy`),
    given(saysHealthy(false), 'Degraded', (_, object) => `${object.kind} is not healthy`),
    find((it) => it.reason === 'UpToDate' && it.status === 'True', 'Healthy'),
    whenReason(['UpdateFailed', 'DeleteFailed', 'DependencyNotFound', 'DependencyInvalid'], 'Degraded'),
    whenReason(['DependencyNotReady'], 'Suspended'),
    otherwise('Progressing', 'Update in progress'),
  ),
  '*.services.k8s.aws/*': firstOf(
    when('ACK.Terminal', 'True', 'Degraded'),
    when('Ready', 'False', 'Progressing'),
    when('Ready', 'True', 'Healthy', ''),
    // Controllers before the Ready condition only said that they had synced.
    when('ACK.ResourceSynced', 'False', 'Progressing'),
    when('ACK.ResourceSynced', 'True', 'Healthy', ''),
    otherwise('Progressing', 'Waiting for resource to be ready'),
  ),
  // Azure Service Operator: a severity says whether a False Ready passes by itself.
  '*.azure.com/*': firstOf(
    when('Ready', 'True', 'Healthy'),
    find((it) => it.type === 'Ready' && it.severity === 'Error', 'Degraded'),
    find((it) => it.type === 'Ready', 'Progressing'),
    otherwise('Progressing', 'Waiting for resource to be ready'),
  ),
  'apigee.cloud.google.com/*': firstOf(
    byWord(['status', 'state'], {
      running: ['Healthy', (_, object) => `Install of ${apigee(object)} is done`],
      error: ['Degraded', (status) => textIn(status, 'errorMessage')],
    }),
    given(
      () => true,
      'Progressing',
      (_, object) => `An install plan for an ${apigee(object)} is pending installation`,
    ),
  ),
};

function saysHealthy(value: boolean): (object: KubeObject) => boolean {
  return (object) => object.kind.startsWith('ConfigConnector') && statusOf(object).healthy === value;
}

/** `Apigee Datastore` of `ApigeeDatastore`. */
function apigee(object: KubeObject): string {
  return object.kind.replace(/^Apigee/, 'Apigee ');
}
