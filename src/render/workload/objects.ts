/** A workload as Kubernetes objects: names and labels are a function of the workload alone. */
import type { JsonObject } from '../../model/index.ts';
import { budgetOf, scalerOf } from './availability.ts';
import { deploymentOf } from './deployment.ts';
import { ingressesOf } from './ingress.ts';
import { serviceOf } from './service.ts';
import type { Workload } from './workload.ts';

/** The objects of a workload, what it mounts before itself, what leads to it behind. */
export function objectsOf(workload: Workload): readonly JsonObject[] {
  const selector = { 'app.kubernetes.io/name': workload.name };
  const metadata = {
    labels: { ...selector, ...versionOf(workload), 'app.kubernetes.io/managed-by': 'plumbline' },
    ...(Object.keys(workload.annotations).length === 0 ? {} : { annotations: workload.annotations }),
  };
  return [
    ...deploymentOf(workload, metadata, selector),
    ...serviceOf(workload, metadata, selector),
    ...ingressesOf(workload, metadata),
    ...budgetOf(workload, metadata, selector),
    ...scalerOf(workload, metadata),
  ];
}

/** The tag of the first container's image, where it can be a label. */
function versionOf({ containers }: Workload): JsonObject {
  const tag = /:([A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)(?:@|$)/.exec(containers[0]?.image ?? '')?.[1];
  return tag === undefined ? {} : { 'app.kubernetes.io/version': tag };
}
