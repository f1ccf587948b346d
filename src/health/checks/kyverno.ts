// Health of Kyverno's policies: those of the old group report Ready, those written in CEL sum their conditions up.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import { hasIn, itemsIn, metaOf, numberIn, objectIn, statusOf, textIn } from '../read.ts';
import { type Checks, eachKind, find, firstOf, health, otherwise, when } from '../rules.ts';

const celKinds = ['ValidatingPolicy', 'MutatingPolicy', 'ImageValidatingPolicy', 'GeneratingPolicy', 'DeletingPolicy'];
/** These only run in the background: no webhook is configured for them. */
const background = /(?:Generating|Deleting)Policy$/;

/** Checks of Kyverno. */
export const kyverno: Checks = {
  'kyverno.io/Policy': firstOf(
    find((it) => it.type === 'Ready' && it.status === 'True', 'Healthy', 'Policy is ready'),
    otherwise('Progressing', 'Waiting for Policy to be ready'),
  ),
  'kyverno.io/ClusterPolicy': firstOf(
    when('Ready', 'True', 'Healthy'),
    find((it) => it.type === 'Ready', 'Degraded'),
    otherwise('Progressing', 'Waiting for ClusterPolicy to become ready'),
  ),
  ...eachKind('policies.kyverno.io', [...celKinds, ...celKinds.map((kind) => `Namespaced${kind}`)], cel),
};

function cel(object: KubeObject): Health {
  if (!hasIn(statusOf(object), 'conditionStatus')) {
    return health('Progressing', `Waiting for ${object.kind} status`);
  }
  const sum = objectIn(statusOf(object), 'conditionStatus');
  const conditions = itemsIn(sum, 'conditions');
  const generation = numberIn(metaOf(object), 'generation');
  if (conditions.some((it) => numberIn(it, 'observedGeneration', generation) < generation)) {
    return health('Progressing', `Waiting for ${object.kind} status to reflect latest generation`);
  }
  if (sum.ready === true) {
    const told = conditions.find((it) => it.status === 'True' && tells(object, it));
    return health('Healthy', (told && textIn(told, 'message')) || textIn(sum, 'message') || 'Policy is ready');
  }
  const bad = conditions.find((it) => it.status === 'False');
  if (bad !== undefined) return health('Degraded', `${textIn(bad, 'type')}: ${textIn(bad, 'message')}`);
  return health('Degraded', textIn(sum, 'message') || 'Policy is not ready');
}

/** A policy at admission works when its webhook is configured; its other conditions say less. */
function tells(object: KubeObject, condition: JsonObject): boolean {
  return background.test(object.kind) || condition.type === 'WebhookConfigured';
}
