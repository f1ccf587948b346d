// Health of what extends the API itself and of its ways in: APIService, CustomResourceDefinition, Ingress.

import type { JsonObject, KubeObject } from '../../model/index.ts';
import { conditionOf, itemsIn, metaOf, objectIn, statusOf, textIn } from '../read.ts';
import { type Checks, firstOf, given, otherwise, when, withoutConditions } from '../rules.ts';

const ingress = firstOf(given(hasAddress, 'Healthy'), otherwise('Progressing'));

/** Checks of API extensions and Ingress. */
export const apiserver: Checks = {
  'apiregistration.k8s.io/APIService': firstOf(
    when('Available', 'True', 'Healthy', reasonAndMessage),
    when('Available', 'False', 'Progressing', reasonAndMessage),
    otherwise('Progressing', 'Waiting to be processed'),
  ),
  'apiextensions.k8s.io/CustomResourceDefinition': firstOf(
    given((object) => metaOf(object).deletionTimestamp !== undefined, 'Progressing', 'CRD is terminating'),
    withoutConditions('Status conditions not found'),
    when('Terminating', 'True', 'Progressing', (it) => `CRD is terminating: ${textIn(it, 'message')}`),
    when('NamesAccepted', 'False', 'Degraded', (it) => `CRD names have not been accepted: ${textIn(it, 'message')}`),
    // Names accepted a moment ago: every new CRD passes through this on its way to being served.
    given(
      (object) => conditionOf(object, 'Established')?.reason === 'Installing',
      'Progressing',
      'CRD is being installed',
    ),
    given((object) => conditionOf(object, 'Established')?.status !== 'True', 'Degraded', 'CRD is not established'),
    when('NonStructuralSchema', 'True', 'Degraded', (it) => `Schema violations found: ${textIn(it, 'message')}`),
    otherwise('Healthy', 'CRD is healthy'),
  ),
  'networking.k8s.io/Ingress': ingress,
  'extensions/Ingress': ingress,
};

function hasAddress(object: KubeObject): boolean {
  return itemsIn(objectIn(statusOf(object), 'loadBalancer'), 'ingress').length > 0;
}

function reasonAndMessage(condition: JsonObject): string {
  return `${textIn(condition, 'reason')}: ${textIn(condition, 'message')}`;
}
