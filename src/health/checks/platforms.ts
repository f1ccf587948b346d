// Health of kinds that stand alone in their group: virtual machines, nodes, identity, service brokers, multi-cluster.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import { conditionOf, itemsIn, labelIn, numberIn, specOf, statusOf, textIn } from '../read.ts';
import {
  byWord,
  type Check,
  type Checks,
  eachKind,
  find,
  firstOf,
  given,
  health,
  isConditionStale,
  isStale,
  otherwise,
  when,
  whenReason,
  whenStale,
  withoutConditions,
} from '../rules.ts';

/** Checks of platforms. */
export const platforms: Checks = {
  'kubevirt.io/VirtualMachine': virtualMachine,
  'kubevirt.io/VirtualMachineInstance': firstOf(
    byWord(['status', 'phase'], {
      Failed: ['Degraded', 'Failed'],
      Pending: ['Progressing', 'Pending'],
      Scheduling: ['Progressing', 'Scheduling'],
      Scheduled: ['Progressing', 'Scheduled'],
      Succeeded: ['Suspended', 'Succeeded'],
      Unknown: ['Unknown', 'Unknown'],
    }),
    when('Paused', 'True', 'Suspended'),
    when('Ready', 'True', 'Healthy', 'Running'),
    when('Ready', 'False', 'Degraded'),
    given(
      () => true,
      'Progressing',
      (status) => textIn(status, 'phase') || 'No status available',
    ),
  ),
  'karpenter.sh/NodeClaim': firstOf(
    whenStale('Waiting for NodeClaim spec to be reconciled'),
    when('Disrupting', 'True', 'Suspended'),
    when('Ready', 'True', 'Healthy'),
    when('Ready', 'False', 'Degraded'),
    when('Initialized', 'True', 'Progressing', 'Node initialized, waiting for Ready'),
    when('Registered', 'True', 'Progressing', 'Node registered, waiting for initialization'),
    when('Launched', 'True', 'Progressing', 'Node launched, waiting for registration'),
    otherwise('Progressing', 'Waiting for NodeClaim to be launched'),
  ),
  'karpenter.sh/NodePool': firstOf(
    when('Ready', 'False', 'Degraded'),
    when('Ready', 'True', 'Healthy'),
    when('NodeClassReady', 'False', 'Degraded'),
    otherwise('Progressing', 'Waiting for NodePool to be ready'),
  ),
  'karpenter.k8s.aws/EC2NodeClass': nodeClass('EC2NodeClass'),
  'karpenter.azure.com/AKSNodeClass': nodeClass('AKSNodeClass'),
  'k8s.keycloak.org/Keycloak': firstOf(
    withoutConditions('Waiting for Keycloak status conditions to exist'),
    when('Ready', 'True', 'Healthy', ''),
    when('HasErrors', 'True', 'Degraded', (it) => `Has Errors: ${textIn(it, 'message')}`),
    otherwise('Progressing'),
  ),
  'k8s.keycloak.org/KeycloakRealmImport': firstOf(
    when('Done', 'True', 'Healthy', ''),
    when('HasErrors', 'True', 'Degraded', (it) => `Has Errors: ${textIn(it, 'message')}`),
    otherwise('Progressing'),
  ),
  'services.cloud.sap.com/ServiceBinding': sap(),
  'services.cloud.sap.com/ServiceInstance': sap(),
  ...eachKind('work.karmada.io', ['ResourceBinding', 'ClusterResourceBinding'], karmada),
  'core.gardener.cloud/Shoot': firstOf(
    given((object) => gardener(object) === 'healthy', 'Healthy', 'Component state: Healthy'),
    given((object) => gardener(object) === 'progressing', 'Progressing', 'Component state: Update in progress'),
    given((object) => gardener(object) === 'unhealthy', 'Degraded', 'Component state: Unhealthy'),
    given((object) => gardener(object) === 'unknown', 'Unknown', 'Component state: Unknown'),
    otherwise('Progressing', 'Update in progress'),
  ),
  'install.istio.io/IstioOperator': firstOf(
    byWord(['status', 'status'], istioStates()),
    otherwise('Progressing', 'Waiting for Istio Control Plane'),
  ),
  'proclaim.dogmatiq.io/DNSSDServiceInstance': firstOf(
    when('Adopted', 'False', 'Degraded'),
    whenReason(['AdvertiseError', 'UnadvertiseError'], 'Degraded', undefined, 'Advertised'),
    whenReason(['DiscoveryError'], 'Unknown', undefined, 'Discoverable'),
    when('Discoverable', 'True', 'Healthy'),
    find((it) => it.type === 'Discoverable', 'Progressing'),
    otherwise('Progressing'),
  ),
  'pulumi.com/Stack': firstOf(
    given(
      (object) => isStale(object) || isConditionStale(object),
      'Progressing',
      'Waiting for the operator to observe the latest spec change',
    ),
    when('Stalled', 'True', 'Degraded'),
    when('Reconciling', 'True', 'Progressing'),
    when('Ready', 'True', 'Healthy'),
    otherwise('Progressing', 'Waiting for the stack to be reconciled'),
  ),
  'camel.apache.org/Integration': firstOf(
    when('Ready', 'False', 'Degraded'),
    when('Ready', 'True', 'Healthy'),
    otherwise('Progressing', 'Waiting for Integration'),
  ),
  'iammanager.keikoproj.io/Iamrole': iamRole,
  'argocd-image-updater.argoproj.io/ImageUpdater': firstOf(
    withoutConditions('Waiting for ImageUpdater to be reconciled'),
    whenStale('Waiting for ImageUpdater spec update to be observed'),
    when('Error', 'True', 'Degraded'),
    when('Reconciling', 'True', 'Progressing'),
    when('Ready', 'True', 'Healthy'),
    when('Ready', 'False', 'Degraded'),
    otherwise('Progressing', 'Waiting for ImageUpdater to report a Ready condition'),
  ),
};

function virtualMachine(object: KubeObject): Health {
  const status = statusOf(object);
  const printed = textIn(status, 'printableStatus');
  if (conditionOf(object, 'Paused')?.status === 'True') return health('Suspended', 'Paused');
  const ready = conditionOf(object, 'Ready');
  if (ready === undefined) return health('Progressing', printed || 'No status available');
  if (ready.status === 'True') return health('Healthy', printed || 'Running');
  return status.created === true
    ? health('Progressing', printed || 'Starting')
    : health('Suspended', printed || 'Stopped');
}

function nodeClass(kind: string): Check {
  return firstOf(
    when('Ready', 'False', 'Degraded'),
    when('Ready', 'True', 'Healthy'),
    otherwise('Progressing', `Waiting for ${kind} to be ready`),
  );
}

function sap(): Check {
  return firstOf(
    given((object) => isConditionStale(object), 'Progressing', 'Waiting for spec update to be observed'),
    withoutConditions('Waiting for status'),
    find((it) => isSapFault(it), 'Degraded'),
    find((it) => it.type === 'Succeeded' && it.status !== 'True', 'Progressing'),
    given((object) => statusOf(object).ready === 'False', 'Progressing', 'Waiting for status'),
    otherwise('Healthy', 'Ready to use'),
  );
}

/** An operation that goes on is not Succeeded either; its reason says so. */
function isSapFault(condition: JsonObject): boolean {
  if (condition.type === 'Failed') return condition.status === 'True';
  return (
    condition.type === 'Succeeded' &&
    condition.status === 'False' &&
    !textIn(condition, 'reason').endsWith('InProgress')
  );
}

/** Every cluster that was chosen has to report; what could not be applied there is a fault. */
function karmada(object: KubeObject): Health {
  const wanted = itemsIn(specOf(object), 'clusters').length;
  const reports = itemsIn(statusOf(object), 'aggregatedStatus');
  if (wanted === 0 || reports.length !== wanted) {
    return health('Progressing', 'Current resource status is insufficient');
  }
  const bad = reports.some((it) => it.health === 'Unhealthy' || (it.health === 'Unknown' && it.applied !== true));
  return bad ? health('Degraded', 'Current resource status is unhealthy') : health('Healthy');
}

function gardener(object: KubeObject): string {
  return labelIn(object, 'shoot.gardener.cloud/status');
}

/** The states have numbers in old versions. */
function istioStates() {
  const states = [
    ['NONE', 'Unknown', 'Component is not present.'],
    ['UPDATING', 'Progressing', 'Component is being updated to a different version.'],
    [
      'RECONCILING',
      'Progressing',
      'Controller has started but not yet completed reconciliation loop for the component.',
    ],
    ['HEALTHY', 'Healthy', 'Component is healthy.'],
    ['ERROR', 'Degraded', 'Component is in an error state.'],
  ] as const;
  return Object.fromEntries(
    states.flatMap(([name, status, message], number) => [
      [name, [status, message] as const],
      [String(number), [status, message] as const],
    ]),
  );
}

const iamFaults = new Set(['Error', 'RolesMaxLimitReached', 'PolicyNotAllowed', 'RoleNameNotAvailable']);

function iamRole(object: KubeObject): Health {
  const status = statusOf(object);
  const state = textIn(status, 'state');
  const [name, arn, id] = ['roleName', 'roleARN', 'roleID'].map((key) => textIn(status, key) || '<none>');
  if (state === 'Ready') return health('Healthy', `Role '${name}' exists with ARN '${arn}' and ID '${id}'.`);
  if (!iamFaults.has(state)) return health('Progressing', 'Waiting for Iamrole to be reconciled');
  const count = numberIn(status, 'retryCount');
  const again = count > 0 ? `(retry ${count}) ` : '';
  const error = textIn(status, 'errorDescription');
  const why = error === '' ? '' : ` Reconciliation error was: ${error}`;
  return health(
    'Degraded',
    `Failed to reconcile the Iamrole ${again}for role '${name}' with ARN '${arn}' and ID '${id}'.${why}`,
  );
}
