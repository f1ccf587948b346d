// Actions of Argo's kinds: Rollouts, AnalysisRuns, Workflows, and the Applications themselves.
import { isJsonObject, type JsonObject, type KubeObject, numberAt, objectAt, stringAt } from '../model/index.ts';
import { type Actions, annotating, type Effect, patching, setting, specOf, statusOf, suspendable } from './action.ts';
import { ownerOf } from './workloads.ts';

const refreshing = 'argocd.argoproj.io/refresh';

/** Kinds of argoproj.io. */
export const argo: Actions = {
  'argoproj.io/Rollout': [
    patching(
      'restart',
      'Replace its pods, a few at a time',
      (_, { now }) => ({ spec: { restartAt: now } }),
      (object) => (isPaused(object) ? 'it is paused' : undefined),
    ),
    setting('pause', 'Stop before the next step', 'paused', true, false),
    patching(
      'resume',
      'Go on with the next step',
      (object) => ({ ...(specOf(object).paused === true ? { spec: { paused: false } } : {}), ...goOn(object) }),
      (object) => (isPaused(object) ? undefined : 'it is not paused'),
    ),
    patching(
      'abort',
      'Go back to the stable version',
      () => ({ status: { abort: true } }),
      (object) =>
        hasAborted(object) ? 'it has been aborted' : isComplete(object) ? 'nothing is being rolled out' : undefined,
    ),
    patching(
      'retry',
      'Try the aborted version again',
      () => ({ status: { abort: false } }),
      (object) => (hasAborted(object) ? undefined : 'it has not been aborted'),
    ),
    patching(
      'promote-full',
      'Skip all steps that are left',
      () => ({ status: { promoteFull: true } }),
      (object) => (isComplete(object) ? 'nothing is being rolled out' : undefined),
    ),
    patching('skip-current-step', 'Go on with the step after this one', skipped, (object) =>
      isComplete(object)
        ? 'nothing is being rolled out'
        : stepOf(object) < stepsOf(object)
          ? undefined
          : 'there is no further step',
    ),
  ],
  'argoproj.io/AnalysisRun': [setting('terminate', 'End the measurements', 'terminate', true, false)],
  'argoproj.io/Workflow': [
    ...suspendable,
    setting('stop', 'End it; exit handlers still run', 'shutdown', 'Stop', ''),
    setting('terminate', 'End it at once', 'shutdown', 'Terminate', ''),
  ],
  'argoproj.io/CronWorkflow': [
    { name: 'create-workflow', about: 'Run it once, now', run: (object, { now }) => [workflowOf(object, now)] },
    ...suspendable,
  ],
  'argoproj.io/WorkflowTemplate': [
    { name: 'create-workflow', about: 'Run it once, now', run: (object) => [templated(object)] },
  ],
  'argoproj.io/Application': [
    annotating('refresh', 'Look at it again', refreshing, () => 'normal'),
    annotating('hard-refresh', 'Look at it again, and render it anew', refreshing, () => 'hard'),
    patching('toggle-auto-sync', 'Turn automated sync on or off', toggled),
  ],
};

function isPaused(object: KubeObject): boolean {
  if (specOf(object).paused === true) return true;
  const { pauseConditions } = statusOf(object);
  return Array.isArray(pauseConditions) && pauseConditions.length > 0;
}

function goOn(object: KubeObject): JsonObject {
  const { pauseConditions, controllerPause } = statusOf(object);
  if (!Array.isArray(pauseConditions) || pauseConditions.length === 0) return {};
  return { status: { pauseConditions: null, ...(controllerPause === true ? { controllerPause: false } : {}) } };
}

/** A pause of the step that is left ends with it. */
function skipped(object: KubeObject): JsonObject {
  return { status: { ...objectAt(goOn(object), 'status'), currentStepIndex: stepOf(object) + 1 } };
}

function stepOf(object: KubeObject): number {
  return numberAt(object, 'status', 'currentStepIndex') ?? 0;
}

function stepsOf(object: KubeObject): number {
  const { steps } = objectAt(object, 'spec', 'strategy', 'canary');
  return Array.isArray(steps) ? steps.length : 0;
}

function hasAborted(object: KubeObject): boolean {
  return statusOf(object).abort === true;
}

function isComplete(object: KubeObject): boolean {
  const { currentPodHash, stableRS } = statusOf(object);
  return typeof currentPodHash === 'string' && currentPodHash === stableRS;
}

// A block that is there and turned off is turned on again with its options; none means off.
function toggled(object: KubeObject): JsonObject {
  const automated = objectAt(object, 'spec', 'syncPolicy').automated;
  const on = isJsonObject(automated) && automated.enabled !== false;
  return { spec: { syncPolicy: { automated: { enabled: !on } } } };
}

/** The label that says which controller of several a workflow is for. */
const instance = 'workflows.argoproj.io/controller-instanceid';

// What `argo submit --from` makes.
function workflowOf(object: KubeObject, now: string): Effect {
  const { workflowSpec, workflowMetadata } = specOf(object);
  const marks = isJsonObject(workflowMetadata) ? workflowMetadata : {};
  return made(object, isJsonObject(workflowSpec) ? workflowSpec : {}, {
    labels: {
      ...objectAt(marks, 'labels'),
      'workflows.argoproj.io/cron-workflow': stringAt(object.metadata, 'name') ?? '',
      ...instanceOf(object),
    },
    annotations: { ...objectAt(marks, 'annotations'), 'workflows.argoproj.io/scheduled-time': now },
    ...(Array.isArray(marks.finalizers) ? { finalizers: marks.finalizers } : {}),
    ownerReferences: [ownerOf(object)],
  });
}

function instanceOf(object: KubeObject): JsonObject {
  const id = stringAt(object.metadata, 'labels', instance);
  return id === undefined ? {} : { [instance]: id };
}

function templated(object: KubeObject): Effect {
  const name = stringAt(object.metadata, 'name') ?? '';
  return made(
    object,
    { workflowTemplateRef: { name } },
    { labels: { 'workflows.argoproj.io/workflow-template': name, ...instanceOf(object) } },
  );
}

function made(object: KubeObject, spec: JsonObject, more: JsonObject): Effect {
  const { name, namespace } = object.metadata;
  const metadata = { generateName: `${String(name)}-`, namespace: String(namespace ?? ''), ...more };
  return { kind: 'create', object: { apiVersion: object.apiVersion, kind: 'Workflow', metadata, spec } };
}
