// Health of Gloo's kinds: each controller writes a state, by name or by number, at the top of the status or below its
// own namespace.

import { type Health, isJsonObject, type JsonObject, type KubeObject } from '../../model/index.ts';
import { objectIn, statusOf, textIn } from '../read.ts';
import { type Checks, eachKind, health } from '../rules.ts';

const states = new Map<string, Health['status']>([
  ['Pending', 'Suspended'],
  ['0', 'Suspended'],
  ['Accepted', 'Healthy'],
  ['1', 'Healthy'],
  ['Rejected', 'Degraded'],
  ['2', 'Degraded'],
  ['Warning', 'Degraded'],
  ['3', 'Degraded'],
]);
const progressing: Health = Object.freeze({ status: 'Progressing', message: 'Update in progress' });

/** Checks of Gloo Edge. */
export const gloo: Checks = {
  ...eachKind(
    'gateway.solo.io',
    [
      'Gateway',
      'MatchableHttpGateway',
      'MatchableTcpGateway',
      'RouteOption',
      'RouteTable',
      'VirtualHostOption',
      'VirtualService',
    ],
    edge,
  ),
  ...eachKind('gloo.solo.io', ['Proxy', 'Upstream', 'UpstreamGroup', 'Settings'], edge),
};

function edge(object: KubeObject): Health {
  const status = statusOf(object);
  const top = stateOf(status);
  if (top !== undefined) return top;
  let found: Health | undefined;
  for (const below of Object.values(objectIn(status, 'statuses'))) {
    const one = isJsonObject(below) ? stateOf(below) : undefined;
    if (one !== undefined && (found === undefined || one.status === 'Degraded')) found = one;
  }
  return found ?? progressing;
}

function stateOf(status: JsonObject): Health | undefined {
  const state = states.get(textIn(status, 'state'));
  if (state === undefined) return undefined;
  if (state === 'Healthy') return health(state, 'The resource has been validated');
  if (state === 'Suspended') return health(state, 'The resource has not yet been validated');
  return health(state, textIn(status, 'reason'));
}
