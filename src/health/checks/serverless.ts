// Health of Knative, KServe, OpenFaaS and SpinKube.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import { conditionOf, conditionsOf, metaOf, numberIn, objectIn, specOf, statusOf, textIn } from '../read.ts';
import { type Check, type Checks, eachKind, firstOf, given, health, isStale, otherwise, when } from '../rules.ts';

/** Checks of serverless platforms. */
export const serverless: Checks = {
  'serving.knative.dev/Service': knativeService,
  ...eachKind('eventing.knative.dev', ['Broker', 'Trigger'], duck),
  'operator.knative.dev/KnativeServing': knativeOperator,
  'operator.knative.dev/KnativeEventing': knativeOperator,
  'serving.kserve.io/InferenceService': inferenceService,
  'serving.kserve.io/LLMInferenceService': llmInferenceService,
  'openfaas.com/Function': firstOf(
    when('Ready', 'False', 'Degraded'),
    when('Stalled', 'True', 'Degraded'),
    given(
      (object) => conditionOf(object, 'Ready')?.status === 'True' && numberIn(statusOf(object), 'replicas') === 0,
      'Suspended',
      'No replicas available',
    ),
    when('Ready', 'True', 'Healthy'),
    otherwise('Progressing', 'Waiting for Function'),
  ),
  'core.spinkube.dev/SpinApp': spinApp,
};

/** Knative's duck type: Ready sums everything up. */
function duck(object: KubeObject): Health {
  const waiting = health('Progressing', 'Waiting for status update.');
  const ready = conditionOf(object, 'Ready');
  if (ready === undefined) return waiting;
  const message = textIn(ready, 'message');
  if (ready.status === 'True') return health('Healthy', message || `${object.kind} is ready`);
  const said = message || textIn(ready, 'reason');
  if (ready.status === 'False') return health('Degraded', said || `${object.kind} is not ready`);
  return said === '' ? waiting : health('Progressing', said);
}

function knativeService(object: KubeObject): Health {
  const open = conditionsOf(object).filter((it) => it.status === 'False' || it.status === 'Unknown');
  if (conditionsOf(object).length === 0) return health('Progressing', 'Waiting for status update.');
  const message = open.map((it) => `${why(it)}\n`).join('');
  if (open.some((it) => it.status === 'False')) return health('Degraded', message);
  if (open.length > 0 || conditionOf(object, 'Ready')?.status !== 'True') return health('Progressing', message);
  return health('Healthy', 'Knative Service is healthy.');
}

/** `Ready is False, since RevisionFailed. Container failed` */
function why(condition: JsonObject): string {
  const reason = textIn(condition, 'reason');
  const message = textIn(condition, 'message');
  const head = `${textIn(condition, 'type')} is ${textIn(condition, 'status')}`;
  return head + (reason === '' ? '' : `, since ${reason}.`) + (message === '' ? '' : ` ${message}`);
}

function knativeOperator(object: KubeObject): Health {
  const conditions = conditionsOf(object);
  if (conditions.length === 0) return health('Progressing', `Waiting for ${object.kind}`);
  const listing = conditions.map((it, i) => `${i + 1}: ${textIn(it, 'type')} | ${textIn(it, 'status')}\n`).join('');
  const waits = conditions.some(
    (it) => it.status === 'Unknown' || (it.type === 'DeploymentsAvailable' && it.status === 'False'),
  );
  if (waits) return health('Progressing', listing);
  const good = ['Ready', 'InstallSucceeded'].every((type) => conditionOf(object, type)?.status === 'True');
  return good ? health('Healthy', `${object.kind} is healthy.`) : health('Degraded', listing);
}

/** What blocks a model is listed by number: 0 is the model, the others are conditions by their place. */
function inferenceService(object: KubeObject): Health {
  const conditions = conditionsOf(object);
  if (conditions.length === 0) return health('Progressing', 'Waiting for InferenceService to report status...');
  if (conditions.some((it) => it.type === 'Stopped' && it.status === 'True')) {
    return health('Suspended', 'InferenceService is Stopped');
  }
  const listing: string[] = [];
  const transition = textIn(objectIn(statusOf(object), 'modelStatus'), 'transitionStatus');
  if (transition !== '' && transition !== 'UpToDate') listing.push(`0: transitionStatus | ${transition}`);
  for (const [i, it] of conditions.entries()) {
    if (it.status === 'True' || it.type === 'Stopped') continue;
    const parts = [textIn(it, 'type'), textIn(it, 'status'), textIn(it, 'reason'), textIn(it, 'message')];
    listing.push(`${i + 1}: ${parts.filter((part) => part !== '').join(' | ')}`);
  }
  if (listing.length === 0) return health('Healthy', 'InferenceService is healthy.');
  // While a model is being loaded its conditions are False as well; only a load that is blocked is a fault then.
  const loading = transition === 'InProgress';
  const blocked = transition !== '' && transition !== 'UpToDate' && !loading;
  const failed = !loading && conditions.some((it) => it.status === 'False' && it.type !== 'Stopped');
  return health(blocked || failed ? 'Degraded' : 'Progressing', listing.join(' | '));
}

const waitsForNewest: Check = given(
  (object) => isStale(object) || isReadyStale(object),
  'Progressing',
  'Waiting for LLMInferenceService reconciliation (generation mismatch)',
);

function llmInferenceService(object: KubeObject): Health {
  const conditions = conditionsOf(object);
  if (conditions.length === 0) return health('Progressing', 'Waiting for LLMInferenceService to report status...');
  const stale = waitsForNewest(object);
  if (stale !== undefined) return stale;
  if (conditions.some((it) => it.reason === 'Stopped')) return health('Suspended', 'LLMInferenceService is Stopped');
  const ready = conditionOf(object, 'Ready');
  if (ready?.status === 'True') return health('Healthy', 'LLMInferenceService is healthy.');
  const open = conditions
    .filter((it) => it.type !== 'Ready' && it.status !== 'True')
    .map(brief)
    .join('; ');
  const message = open || (ready === undefined ? '' : textIn(ready, 'message'));
  return health(
    ready?.status === 'False' ? 'Degraded' : 'Progressing',
    message || 'Waiting for LLMInferenceService to report status...',
  );
}

function brief(condition: JsonObject): string {
  const more = [textIn(condition, 'reason'), textIn(condition, 'message')].filter((part) => part !== '');
  return [`${textIn(condition, 'type')}: ${textIn(condition, 'status')}`, ...more].join(' | ');
}

function isReadyStale(object: KubeObject): boolean {
  const seen = textIn(conditionOf(object, 'Ready') ?? {}, 'observedGeneration');
  const generation = textIn(metaOf(object), 'generation');
  return seen !== '' && generation !== '' && seen !== generation;
}

function spinApp(object: KubeObject): Health {
  const status = statusOf(object);
  if (conditionsOf(object).length === 0) return health('Progressing', 'Waiting for status to be available');
  const progressing = conditionOf(object, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return health('Degraded', textIn(progressing, 'message'));
  const available = conditionOf(object, 'Available');
  if (available?.status !== 'True') {
    if (progressing?.status === 'True') return health('Progressing', textIn(progressing, 'message'));
    return health('Degraded', available === undefined ? 'Application is not available' : textIn(available, 'message'));
  }
  const ready = numberIn(status, 'readyReplicas');
  const wanted = numberIn(specOf(object), 'replicas', 1);
  if (ready < wanted) return health('Progressing', `Waiting for replicas to be ready (${ready}/${wanted})`);
  if (progressing?.status === 'True' && progressing.reason !== 'NewReplicaSetAvailable') {
    return health('Progressing', textIn(progressing, 'message'));
  }
  return health('Healthy', `Application is healthy with ${ready}/${wanted} replicas ready`);
}
