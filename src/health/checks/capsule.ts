// Health of Capsule, which gives tenants their namespaces: Ready decides, and what a person has cordoned waits.

import type { KubeObject } from '../../model/index.ts';
import { hasIn, objectIn, specOf, statusOf } from '../read.ts';
import {
  type Check,
  type Checks,
  eachKind,
  firstOf,
  given,
  otherwise,
  when,
  whenStale,
  withoutConditions,
} from '../rules.ts';

const reported: Check = firstOf(
  withoutConditions('Waiting for status'),
  whenStale('Waiting for reconciliation (generation mismatch)'),
);
const ready: Check = firstOf(
  when('Ready', 'False', 'Degraded'),
  when('Ready', 'True', 'Healthy'),
  otherwise('Progressing', 'Waiting for Ready condition'),
);
const replication: Check = firstOf(
  given((object) => specOf(object).cordoned === true, 'Suspended', 'Replication is cordoned'),
  reported,
  ready,
);

/** Checks of Capsule and its proxy. */
export const capsule: Checks = {
  'capsule.clastix.io/Tenant': firstOf(reported, when('Cordoned', 'True', 'Suspended'), ready),
  'capsule.clastix.io/TenantResource': replication,
  'capsule.clastix.io/GlobalTenantResource': replication,
  // A claim that no pool has accepted waits for a person.
  'capsule.clastix.io/ResourcePoolClaim': firstOf(reported, when('Bound', 'False', 'Suspended'), ready),
  'capsule.clastix.io/ResourcePool': firstOf(
    reported,
    given(
      (object) => exhausted(object).length > 0,
      'Degraded',
      (_, object) => `Pool exhausted for: ${exhausted(object).join(', ')}`,
    ),
    ready,
  ),
  ...eachKind(
    'capsule.clastix.io',
    ['CapsuleConfiguration', 'CustomQuota', 'GlobalCustomQuota', 'GlobalProxySettings', 'ProxySetting', 'TenantOwner'],
    firstOf(reported, ready),
  ),
};

/** The resources that a pool has given away to the last. */
function exhausted(object: KubeObject): readonly string[] {
  const status = statusOf(object);
  return hasIn(status, 'exhaustions') ? Object.keys(objectIn(status, 'exhaustions')).sort() : [];
}
