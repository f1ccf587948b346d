/** What keeps a workload there: a budget for evictions, and a scaler where one is asked for. */
import type { JsonObject } from '../../model/index.ts';
import type { Workload } from './workload.ts';

/** A PodDisruptionBudget for two replicas or more: a node that is emptied takes one at a time. */
export function budgetOf(
  { name, traits }: Workload,
  metadata: JsonObject,
  selector: JsonObject,
): readonly JsonObject[] {
  if ((traits.autoscale?.min ?? traits.replicas) < 2) return [];
  const spec = {
    maxUnavailable: 1,
    // Pods that are broken anyway must not keep a node from being emptied.
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
    selector: { matchLabels: selector },
  };
  return [{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { ...metadata, name }, spec }];
}

/** A HorizontalPodAutoscaler by CPU. The Deployment then has no replicas of its own to fight over. */
export function scalerOf({ name, traits }: Workload, metadata: JsonObject): readonly JsonObject[] {
  if (traits.autoscale === undefined) return [];
  const { min, max, cpu } = traits.autoscale;
  const target = { type: 'Utilization', averageUtilization: cpu };
  const spec = {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: min,
    maxReplicas: max,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
  };
  return [{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { ...metadata, name }, spec }];
}
