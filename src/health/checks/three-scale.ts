// Health of Red Hat 3scale's kinds. Their conditions are all of one pattern; a condition that is True decides.

import type { Health, HealthStatus, KubeObject } from '../../model/index.ts';
import { conditionOf, conditionsOf, hasIn, numberIn, objectIn, statusOf, textIn } from '../read.ts';
import { type Check, type Checks, health } from '../rules.ts';

/** What a True condition means and what is said where it brings no message (`…` after the kind's name). */
type Faults = Readonly<Record<string, string>>;

const usual: Faults = { Invalid: 'configuration is invalid', Failed: 'synchronization failed' };
const orphan: Faults = { ...usual, Orphan: 'references non-existing resources' };

/** Checks of 3scale. */
export const threeScale: Checks = {
  'apps.3scale.net/APIManager': apiManager,
  'capabilities.3scale.net/Tenant': tenant,
  'capabilities.3scale.net/Backend': pattern('Synced', 'is synced', usual),
  'capabilities.3scale.net/Product': pattern('Synced', 'is synced', orphan),
  'capabilities.3scale.net/ActiveDoc': pattern('Ready', 'is ready', orphan),
  'capabilities.3scale.net/OpenAPI': pattern('Ready', 'is ready', usual),
  'capabilities.3scale.net/CustomPolicyDefinition': pattern('Ready', 'is ready', usual),
  'capabilities.3scale.net/ProxyConfigPromote': pattern('Ready', 'is ready', { Failed: 'promotion failed' }),
  'capabilities.3scale.net/ApplicationAuth': pattern('Ready', 'is ready', { Failed: 'failed' }),
  'capabilities.3scale.net/DeveloperAccount': pattern('Ready', 'is ready', usual, {
    Waiting: 'is waiting for approval',
  }),
  'capabilities.3scale.net/DeveloperUser': (object) =>
    statusOf(object).developerUserState === 'suspended'
      ? health('Suspended', '3scale Developer user is waiting for admin approval')
      : developerUser(object),
  'capabilities.3scale.net/Application': application,
};

const developerUser = pattern('Ready', 'is ready', orphan);

function pattern(good: string, saysGood: string, faults: Faults, waits: Faults = {}): Check {
  const meanings = new Map<string, readonly [HealthStatus, string]>([
    [good, ['Healthy', saysGood]],
    ...Object.entries(faults).map(([type, text]) => [type, ['Degraded', text]] as const),
    ...Object.entries(waits).map(([type, text]) => [type, ['Suspended', text]] as const),
  ]);
  return (object) => {
    const name = `3scale ${object.kind}`;
    for (const it of conditionsOf(object)) {
      const meaning = it.status === 'True' ? meanings.get(textIn(it, 'type')) : undefined;
      if (meaning === undefined) continue;
      const fallback = `${name} ${meaning[1]}`;
      return health(meaning[0], meaning[0] === 'Healthy' ? fallback : textIn(it, 'message') || fallback);
    }
    return waiting(object);
  };
}

function application(object: KubeObject): Health {
  const status = statusOf(object);
  if (status.state === 'suspended') return health('Suspended', '3scale Application is suspended');
  const ready = conditionOf(object, 'Ready');
  if (ready?.status === 'True') return health('Healthy', '3scale Application is ready');
  if (ready === undefined || numberIn(status, 'adminId') > 0) return waiting(object);
  return health('Degraded', textIn(ready, 'message') || '3scale Application is not ready');
}

function tenant(object: KubeObject): Health {
  const status = statusOf(object);
  const ready = conditionOf(object, 'Ready');
  if (ready === undefined) return waiting(object);
  if (ready.status !== 'True') return health('Degraded', textIn(ready, 'message') || '3scale Tenant is degraded');
  const known = numberIn(status, 'tenantId') > 0 && numberIn(status, 'adminId') > 0;
  return known ? health('Healthy', '3scale Tenant is ready') : waiting(object);
}

/** Available when every deployment is ready; a condition without a reason only says "not yet". */
function apiManager(object: KubeObject): Health {
  const deployments = objectIn(statusOf(object), 'deployments');
  const available = conditionOf(object, 'Available');
  const whole = hasIn(deployments, 'ready') && !hasIn(deployments, 'starting') && !hasIn(deployments, 'stopped');
  if (whole || available?.status === 'True') return health('Healthy', '3scale APIManager is available');
  const reason = available === undefined ? '' : textIn(available, 'reason');
  return reason === '' ? waiting(object) : health('Degraded', `3scale APIManager is degraded: ${reason}`);
}

function waiting(object: KubeObject): Health {
  return health('Progressing', `Waiting for 3scale ${object.kind} status...`);
}
