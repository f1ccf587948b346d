// Health of Open Cluster Management's policies.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import { conditionOf, hasIn, itemsIn, metaOf, objectIn, specOf, statusOf, textIn } from '../read.ts';
import { type Checks, health, isStale } from '../rules.ts';

const unreported: Health = Object.freeze({ status: 'Progressing', message: 'Waiting for the status to be reported' });
const outdated: Health = Object.freeze({ status: 'Progressing', message: 'Waiting for the status to be updated' });

/** Checks of Open Cluster Management. */
export const policies: Checks = {
  'policy.open-cluster-management.io/Policy': policy,
  'policy.open-cluster-management.io/ConfigurationPolicy': configurationPolicy,
  'policy.open-cluster-management.io/CertificatePolicy': (object) => {
    const compliant = textIn(statusOf(object), 'compliant');
    if (compliant === '') return unreported;
    if (compliant === 'Compliant') return health('Healthy', 'All certificates found comply with the policy');
    return health('Degraded', 'At least once certificate does not comply with the policy');
  },
  'policy.open-cluster-management.io/OperatorPolicy': operatorPolicy,
};

/** A root policy sums up clusters, a replicated one templates; one that is placed nowhere has nothing to comply with. */
function policy(object: KubeObject): Health {
  if (specOf(object).disabled === true) return health('Healthy', 'Policy is disabled');
  const status = statusOf(object);
  const compliant = textIn(status, 'compliant');
  if (compliant === '') {
    const nowhere = !hasIn(status, 'status') && itemsIn(status, 'placement').length > 0;
    return nowhere ? health('Healthy', 'No clusters match this policy') : unreported;
  }
  const verdict = compliant === 'Compliant' ? 'Healthy' : 'Degraded';
  if (hasIn(status, 'status')) {
    return health(
      verdict,
      sum('clusters', status, 'status', (it) => textIn(it, 'clustername')),
    );
  }
  if (!hasIn(status, 'details')) return health(verdict);
  return health(
    verdict,
    sum('templates', status, 'details', (it) => textIn(objectIn(it, 'templateMeta'), 'name')),
  );
}

function sum(what: string, status: JsonObject, key: string, name: (it: JsonObject) => string): string {
  const bad = itemsIn(status, key).filter((it) => it.compliant !== 'Compliant');
  return bad.length === 0 ? `All ${what} are compliant` : `NonCompliant ${what}: ${bad.map(name).join(', ')}`;
}

function configurationPolicy(object: KubeObject): Health {
  const status = statusOf(object);
  const compliant = textIn(status, 'compliant');
  if (compliant === '') return unreported;
  if (textIn(status, 'lastEvaluatedGeneration') !== textIn(metaOf(object), 'generation')) return outdated;
  if (!hasIn(status, 'compliancyDetails')) return health('Progressing', 'Waiting for compliance');
  const said = itemsIn(status, 'compliancyDetails')
    .flatMap((it) => itemsIn(it, 'conditions'))
    .filter((it) => hasIn(it, 'message') && hasIn(it, 'type'))
    .map((it) => `${textIn(it, 'type')} - ${textIn(it, 'message')}`);
  return health(compliant === 'Compliant' ? 'Healthy' : 'Degraded', said.join('; '));
}

function operatorPolicy(object: KubeObject): Health {
  const compliant = textIn(statusOf(object), 'compliant');
  if (compliant === '') return unreported;
  if (isStale(object)) return outdated;
  const found = conditionOf(object, 'Compliant');
  if (found === undefined) return health('Progressing', 'Waiting for the compliance condition');
  return health(compliant === 'Compliant' ? 'Healthy' : 'Degraded', textIn(found, 'message'));
}
