// Which check judges which kind: exact kinds first, then wildcards in the order they are listed.

import { apiserver } from './checks/apiserver.ts';
import { apps } from './checks/apps.ts';
import { argoproj } from './checks/argoproj.ts';
import { autoscaling } from './checks/autoscaling.ts';
import { batch } from './checks/batch.ts';
import { capsule } from './checks/capsule.ts';
import { certManager } from './checks/cert-manager.ts';
import { clouds } from './checks/clouds.ts';
import { clusterApi } from './checks/cluster-api.ts';
import { clustersOfData } from './checks/clusters-of-data.ts';
import { contour } from './checks/contour.ts';
import { core } from './checks/core.ts';
import { crossplane } from './checks/crossplane.ts';
import { databases } from './checks/databases.ts';
import { elastic } from './checks/elastic.ts';
import { flux } from './checks/flux.ts';
import { gatewayApi } from './checks/gateway-api.ts';
import { gloo } from './checks/gloo.ts';
import { hypershift } from './checks/hypershift.ts';
import { jobs } from './checks/jobs.ts';
import { kafka } from './checks/kafka.ts';
import { keda } from './checks/keda.ts';
import { keptn } from './checks/keptn.ts';
import { kro } from './checks/kro.ts';
import { kruise } from './checks/kruise.ts';
import { kyverno } from './checks/kyverno.ts';
import { mariadb } from './checks/mariadb.ts';
import { networks } from './checks/networks.ts';
import { numa } from './checks/numa.ts';
import { observability } from './checks/observability.ts';
import { openshift } from './checks/openshift.ts';
import { platforms } from './checks/platforms.ts';
import { policies } from './checks/policies.ts';
import { promoter } from './checks/promoter.ts';
import { rollout } from './checks/rollout.ts';
import { secrets } from './checks/secrets.ts';
import { serverless } from './checks/serverless.ts';
import { storage } from './checks/storage.ts';
import { threeScale } from './checks/three-scale.ts';
import type { Check, Checks } from './rules.ts';

const families: readonly Checks[] = [
  core,
  apps,
  batch,
  autoscaling,
  apiserver,
  argoproj,
  rollout,
  certManager,
  flux,
  crossplane,
  clouds,
  secrets,
  gatewayApi,
  gloo,
  contour,
  kafka,
  elastic,
  databases,
  mariadb,
  clustersOfData,
  storage,
  observability,
  serverless,
  openshift,
  hypershift,
  policies,
  kyverno,
  capsule,
  networks,
  clusterApi,
  kruise,
  keda,
  keptn,
  numa,
  promoter,
  kro,
  threeScale,
  jobs,
  platforms,
];

/** A wildcard: `suffix` of the group where it begins with `*`, the whole group otherwise; `kind` '*' is any. */
type Wildcard = { readonly open: boolean; readonly group: string; readonly kind: string; readonly check: Check };

const exact = new Map<string, Check>();
const wildcards: Wildcard[] = [];

for (const family of families) {
  for (const [key, check] of Object.entries(family)) {
    const slash = key.indexOf('/');
    const group = key.slice(0, slash);
    const kind = key.slice(slash + 1);
    if (!key.includes('*')) exact.set(key, check);
    else wildcards.push({ open: group.startsWith('*'), group: group.replace(/^\*/, ''), kind, check });
  }
}

/** The check of a kind, undefined where none is written for it. */
export function checkFor(group: string, kind: string): Check | undefined {
  const found = exact.get(`${group}/${kind}`);
  if (found !== undefined) return found;
  for (const it of wildcards) {
    const fits = it.open ? group.endsWith(it.group) : group === it.group;
    if (fits && (it.kind === '*' || it.kind === kind)) return it.check;
  }
  return undefined;
}

/** Every kind and wildcard that has a check, as `group/Kind`, sorted. */
export function checkedKinds(): readonly string[] {
  return families.flatMap((family) => Object.keys(family)).sort();
}

/** True when a check is written for the kind; kinds without one get the generic rule. */
export function hasCheck(group: string, kind: string): boolean {
  return checkFor(group, kind) !== undefined;
}
