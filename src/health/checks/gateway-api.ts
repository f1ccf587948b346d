// Health of the Gateway API: routes report below each parent, policies below each ancestor, gateways below each
// listener. What a controller said of an older generation does not count.

import type { Health, HealthStatus, JsonObject, KubeObject } from '../../model/index.ts';
import { conditionsOf, itemsIn, metaOf, objectIn, statusOf, textIn, typed } from '../read.ts';
import { type Checks, eachKind, health } from '../rules.ts';

/** Checks of the Gateway API, of Envoy Gateway's and Airlock's policies. */
export const gatewayApi: Checks = {
  ...eachKind('gateway.networking.k8s.io', ['HTTPRoute', 'GRPCRoute'], (object) => route(object, [])),
  // These are younger than the rule that a controller has to report both.
  ...eachKind('gateway.networking.k8s.io', ['TLSRoute', 'TCPRoute', 'UDPRoute'], (object) =>
    route(object, ['Accepted', 'ResolvedRefs']),
  ),
  'gateway.networking.k8s.io/GatewayClass': accepted,
  'gateway.networking.k8s.io/Gateway': gateway,
  'gateway.networking.k8s.io/ListenerSet': gateway,
  'gateway.networking.x-k8s.io/XListenerSet': gateway,
  'gateway.networking.k8s.io/BackendTLSPolicy': policy,
  'gateway.envoyproxy.io/Backend': accepted,
  ...eachKind(
    'gateway.envoyproxy.io',
    ['BackendTrafficPolicy', 'ClientTrafficPolicy', 'EnvoyExtensionPolicy', 'EnvoyPatchPolicy', 'SecurityPolicy'],
    envoyPolicy,
  ),
  'microgateway.airlock.com/*': (object) => (object.kind.endsWith('Policy') ? policy(object) : saysHealthy(object)),
};

/** One verdict over conditions of one place: a False reference or acceptance is a fault, programming takes its time. */
function verdict(conditions: readonly JsonObject[], noun: string): Health | undefined {
  for (const type of ['ResolvedRefs', 'Accepted']) {
    const found = typed(conditions, type);
    if (found?.status === 'False') return health('Degraded', textIn(found, 'message') || `Failed condition: ${type}`);
  }
  const conflicted = typed(conditions, 'Conflicted');
  if (conflicted?.status === 'True') {
    return health('Degraded', textIn(conflicted, 'message') || `${noun} is conflicted`);
  }
  const programmed = typed(conditions, 'Programmed');
  if (programmed === undefined || programmed.status === 'True') return undefined;
  return health('Progressing', textIn(programmed, 'message') || `${noun} is still being programmed`);
}

/** The worst of its parents; healthy by one of which all `wanted` conditions are True. */
function route(object: KubeObject, wanted: readonly string[]): Health {
  const found: Health[] = [];
  for (const parent of itemsIn(statusOf(object), 'parents')) {
    const conditions = itemsIn(parent, 'conditions');
    if (conditions.length === 0 || isOld(object, conditions)) continue;
    const name = `Parent ${textIn(objectIn(parent, 'parentRef'), 'name')}`;
    const bad = verdict(conditions, 'Route');
    if (bad !== undefined) found.push(prefixed(name, bad));
    else if (wanted.every((type) => typed(conditions, type)?.status === 'True')) found.push(saysHealthy(object));
    else found.push(health('Unknown', `${name}: Waiting for ${object.kind} conditions`));
  }
  const worst = (['Degraded', 'Progressing', 'Healthy'] as const)
    .map((status) => found.find((it) => it.status === status))
    .find((it) => it !== undefined);
  if (worst !== undefined) return worst;
  return found[0] === undefined ? waiting(object) : health('Progressing', found[0].message);
}

function gateway(object: KubeObject): Health {
  const status = statusOf(object);
  const conditions = conditionsOf(object);
  if (isOld(object, conditions)) return waiting(object);
  const bad = verdict(conditions, object.kind);
  if (bad !== undefined) return bad;
  const listeners = itemsIn(status, 'listeners');
  for (const listener of listeners) {
    const wrong = verdict(itemsIn(listener, 'conditions'), 'Listener');
    if (wrong !== undefined) return prefixed('Listener', wrong);
  }
  // A set of listeners is nothing without them; a gateway's may be all in sets.
  const told = listeners.length > 0 || (object.kind === 'Gateway' && conditions.length > 0);
  return told ? saysHealthy(object) : waiting(object);
}

function accepted(object: KubeObject): Health {
  const conditions = conditionsOf(object);
  const found = typed(conditions, 'Accepted');
  if (found === undefined) return waiting(object);
  if (isOld(object, [found])) {
    if (object.kind === 'GatewayClass') return waiting(object);
    return health('Progressing', `Waiting for ${object.kind} status to be updated`);
  }
  const message = textIn(found, 'message');
  if (found.status === 'True') return health('Healthy', message || `${object.kind} is accepted`);
  if (found.status === 'False') return health('Degraded', message || `${object.kind} is not accepted`);
  return health('Progressing', message || `Waiting for ${object.kind} status`);
}

function policy(object: KubeObject): Health {
  const ancestors = itemsIn(statusOf(object), 'ancestors').filter(isResponsible);
  if (ancestors.length === 0) return waiting(object);
  for (const ancestor of ancestors) {
    if (!isOld(object, itemsIn(ancestor, 'conditions'))) continue;
    return health('Progressing', `Waiting for ${ancestorName(ancestor)} to update ${object.kind} status`);
  }
  for (const ancestor of ancestors) {
    const conditions = itemsIn(ancestor, 'conditions');
    const found = typed(conditions, 'Accepted');
    const bad = [found, typed(conditions, 'ResolvedRefs')].find((it) => it !== undefined && it.status !== 'True');
    if (bad !== undefined) return health('Degraded', `${ancestorName(ancestor)}: ${textIn(bad, 'message')}`);
    if (found === undefined) return health('Degraded', `${ancestorName(ancestor)}: ${object.kind} is not accepted`);
  }
  return saysHealthy(object);
}

function envoyPolicy(object: KubeObject): Health {
  let healthy = false;
  for (const ancestor of itemsIn(statusOf(object), 'ancestors')) {
    const conditions = itemsIn(ancestor, 'conditions');
    if (conditions.length === 0 || isOld(object, conditions)) continue;
    const found = typed(conditions, 'Accepted');
    if (found?.status === 'False') return health('Degraded', textIn(found, 'message'));
    healthy = true;
  }
  return healthy ? saysHealthy(object) : waiting(object);
}

/** A controller that has no part in the target says so; its rejection is none. */
function isResponsible(ancestor: JsonObject): boolean {
  const found = typed(itemsIn(ancestor, 'conditions'), 'Accepted');
  return found === undefined || found.status === 'True' || found.reason !== 'TargetNotFound';
}

function isOld(object: KubeObject, conditions: readonly JsonObject[]): boolean {
  const generation = textIn(metaOf(object), 'generation');
  if (generation === '') return false;
  return conditions.some((it) => {
    const seen = textIn(it, 'observedGeneration');
    return seen !== '' && seen !== generation;
  });
}

function ancestorName(ancestor: JsonObject): string {
  return `Ancestor ${textIn(objectIn(ancestor, 'ancestorRef'), 'name')}`;
}

function prefixed(prefix: string, found: { readonly status: HealthStatus; readonly message?: string }): Health {
  return health(found.status, `${prefix}: ${found.message ?? ''}`);
}

function saysHealthy(object: KubeObject): Health {
  return health('Healthy', `${object.kind} is healthy`);
}

function waiting(object: KubeObject): Health {
  return health('Progressing', `Waiting for ${object.kind} status`);
}
