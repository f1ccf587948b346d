// Health of HorizontalPodAutoscaler, VerticalPodAutoscaler and PodDisruptionBudget.

import { type Health, isJsonObject, type Json, type JsonObject, type KubeObject } from '../../model/index.ts';
import { annotationIn, conditionsOf, textIn } from '../read.ts';
import { type Checks, find, firstOf, health, otherwise, when } from '../rules.ts';

/** Checks of autoscaling and of disruption budgets. */
export const autoscaling: Checks = {
  'autoscaling/HorizontalPodAutoscaler': horizontal,
  'policy/PodDisruptionBudget': firstOf(
    // Too few pods for any disruption can be just what is wanted.
    find((it) => it.status === 'False' && it.reason !== 'InsufficientPods', 'Degraded', saysBudget),
    find(() => true, 'Healthy', saysBudget),
    otherwise('Progressing', 'Waiting for status'),
  ),
  'autoscaling.k8s.io/VerticalPodAutoscaler': firstOf(
    when(
      ['ConfigUnsupported', 'NoPodsMatched'],
      'True',
      'Degraded',
      (it) => textIn(it, 'message') || textIn(it, 'reason'),
    ),
    when('RecommendationProvided', 'True', 'Healthy', 'VPA recommendation provided'),
    otherwise('Progressing', 'Waiting for VPA recommendation'),
  ),
};

/** Where v1, which has no conditions, keeps them. */
const conditionsAnnotation = 'autoscaling.alpha.kubernetes.io/conditions';
const failures = new Set([
  'AbleToScale/FailedGetScale',
  'AbleToScale/FailedUpdateScale',
  'ScalingActive/FailedGetResourceMetric',
  'ScalingActive/FailedGetContainerResourceMetric',
  'ScalingActive/FailedGetPodsMetric',
  'ScalingActive/FailedGetObjectMetric',
  'ScalingActive/FailedGetExternalMetric',
  'ScalingActive/FailedComputeMetricsReplicas',
  'ScalingActive/InvalidMetricSourceType',
  'ScalingActive/InvalidSelector',
]);
const waiting: Health = Object.freeze({ status: 'Progressing', message: 'Waiting to Autoscale' });

function horizontal(object: KubeObject): Health {
  const conditions = object.apiVersion === 'autoscaling/v1' ? fromAnnotation(object) : conditionsOf(object);
  const failed = conditions.find((it) => failures.has(`${textIn(it, 'type')}/${textIn(it, 'reason')}`));
  if (failed !== undefined) return health('Degraded', textIn(failed, 'message'));
  const able = conditions.find(
    (it) => it.status === 'True' && (it.type === 'AbleToScale' || it.type === 'ScalingLimited'),
  );
  return able === undefined ? waiting : health('Healthy', textIn(able, 'message'));
}

function fromAnnotation(object: KubeObject): readonly JsonObject[] {
  const text = annotationIn(object, conditionsAnnotation);
  if (text === '') return conditionsOf(object);
  try {
    const parsed = JSON.parse(text) as Json;
    return Array.isArray(parsed) ? (parsed as readonly Json[]).filter(isJsonObject) : [];
  } catch {
    return [];
  }
}

function saysBudget(condition: JsonObject): string {
  return `PodDisruptionBudget has ${textIn(condition, 'reason')}`;
}
