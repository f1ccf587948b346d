// Health of what computes: Spark, Flink, Tekton, Flagger's canaries, Ansible's jobs, Ray.

import { type Health, isJsonObject, type JsonObject, type KubeObject } from '../../model/index.ts';
import { conditionsOf, dig, numberIn, objectIn, specOf, statusOf, textIn } from '../read.ts';
import {
  byWord,
  type Check,
  type Checks,
  eachKind,
  find,
  firstOf,
  given,
  health,
  otherwise,
  type Say,
  when,
  words,
} from '../rules.ts';

const sparkError: Say = (status) => textIn(objectIn(status, 'applicationState'), 'errorMessage');
const flinkState: Say = (status) => textIn(objectIn(status, 'jobStatus'), 'state');
const statusError: Say = (status) => textIn(status, 'error');
const messageOrReason: Say = (it) => textIn(it, 'message') || textIn(it, 'reason');

const tekton: Check = firstOf(
  when('Succeeded', 'True', 'Healthy', messageOrReason),
  when('Succeeded', 'False', 'Degraded', messageOrReason),
  find((it) => it.type === 'Succeeded', 'Progressing', messageOrReason),
  otherwise('Progressing', 'Waiting for run to start'),
);

/** Checks of jobs. */
export const jobs: Checks = {
  'sparkoperator.k8s.io/SparkApplication': firstOf(
    given(hasExecutors, 'Healthy', 'SparkApplication is Running'),
    byWord(['status', 'applicationState', 'state'], {
      NEW: ['Progressing', 'SparkApplication was added, enqueuing it for submission'],
      SUBMITTED: ['Progressing', 'SparkApplication was submitted successfully'],
      COMPLETED: ['Healthy', 'SparkApplication was Completed'],
      ...words(['Degraded', sparkError], 'FAILED', 'SUBMISSION_FAILED', 'FAILING'),
      PENDING_RERUN: ['Progressing', 'SparkApplication is Pending Rerun'],
      INVALIDATING: ['Missing', 'SparkApplication is in InvalidatingState'],
      SUCCEEDING: ['Progressing', 'The driver pod has completed, the executor pods are being cleaned up'],
      SUSPENDED: ['Suspended', 'SparkApplication is suspended'],
      UNKNOWN: ['Progressing', 'The state of the driver or of an executor pod is not known'],
    }),
    otherwise('Progressing', 'Waiting for Executor pods'),
  ),
  'flink.apache.org/FlinkDeployment': firstOf(
    given(isFlinkDeployed, 'Healthy'),
    byWord(['status', 'jobManagerDeploymentStatus'], {
      ...words(['Progressing', 'Waiting for deploying'], 'DEPLOYED_NOT_READY', 'DEPLOYING'),
      ERROR: [
        'Degraded',
        (status) => textIn(objectIn(status, 'reconciliationStatus'), 'error') || textIn(status, 'error'),
      ],
    }),
    otherwise('Progressing', 'Waiting for Flink operator'),
  ),
  'flink.apache.org/FlinkSessionJob': firstOf(
    byWord(['status', 'jobStatus', 'state'], {
      ...words(['Healthy', flinkState], 'RUNNING', 'FINISHED'),
      ...words(['Progressing', flinkState], 'RECONCILING', 'CREATED'),
      ...words(['Suspended', flinkState], 'SUSPENDED', 'CANCELED'),
      FAILED: ['Degraded', (status) => textIn(status, 'error') || 'FlinkSessionJob failed'],
    }),
    given((object) => textIn(statusOf(object), 'error') !== '', 'Degraded', statusError),
    otherwise('Progressing', 'Waiting for FlinkSessionJob to be reconciled'),
  ),
  'flink.apache.org/FlinkBlueGreenDeployment': blueGreen,
  ...eachKind('tekton.dev', ['PipelineRun', 'TaskRun', 'CustomRun'], tekton),
  'flagger.app/Canary': canary,
  'tower.ansible.com/AnsibleJob': firstOf(
    byWord(['status', 'ansibleJobResult', 'status'], {
      ...words(['Progressing', 'Job is running'], 'new', 'pending', 'waiting', 'running'),
      ...words(['Degraded', 'Failed'], 'failed', 'error'),
      canceled: ['Degraded', 'Canceled'],
    }),
    given(
      (object) =>
        statusOf(object).isFinished === true && dig(object, ['status', 'ansibleJobResult', 'status']) === 'successful',
      'Healthy',
      'Done',
    ),
    otherwise('Progressing', 'No status available'),
  ),
  'ray.io/RayCluster': firstOf(
    byWord(['status', 'state'], { failed: ['Degraded', (status) => textIn(status, 'reason')], suspended: 'Suspended' }),
    when('HeadPodReady', 'False', 'Progressing'),
    byWord(['status', 'state'], { ready: 'Healthy' }),
    otherwise('Progressing', 'Waiting for RayCluster'),
  ),
  'ray.io/RayJob': firstOf(
    byWord(['status', 'jobStatus'], {
      SUCCEEDED: 'Healthy',
      FAILED: ['Degraded', (status) => textIn(status, 'message')],
      STOPPED: 'Suspended',
    }),
    byWord(['status', 'jobDeploymentStatus'], {
      Failed: ['Degraded', (status) => textIn(status, 'message')],
      Suspended: 'Suspended',
    }),
    otherwise('Progressing', 'Waiting for RayJob'),
  ),
  'ray.io/RayService': firstOf(
    when('Ready', 'True', 'Healthy'),
    byWord(['status', 'serviceStatus'], { Running: 'Healthy' }),
    otherwise('Progressing', 'Waiting for RayService'),
  ),
};

/** With dynamic allocation any number of executors from the least on is enough, without it all have to run. */
function hasExecutors(object: KubeObject): boolean {
  const status = statusOf(object);
  if (textIn(objectIn(status, 'applicationState'), 'state') !== 'RUNNING') return false;
  const running = Object.values(objectIn(status, 'executorState')).filter((it) => it === 'RUNNING').length;
  const spec = specOf(object);
  const conf = objectIn(spec, 'sparkConf');
  for (const prefix of ['spark.dynamicAllocation', 'spark.streaming.dynamicAllocation']) {
    if (textIn(conf, `${prefix}.enabled`).toLowerCase() !== 'true') continue;
    return within(running, conf[`${prefix}.minExecutors`], conf[`${prefix}.maxExecutors`]);
  }
  const dynamic = objectIn(spec, 'dynamicAllocation');
  if (dynamic.enabled === true) return within(running, dynamic.minExecutors, dynamic.maxExecutors);
  const wanted = objectIn(spec, 'executor').instances;
  return typeof wanted === 'number' ? running === wanted : running > 0;
}

function within(count: number, least: unknown, most: unknown): boolean {
  const [from, to] = [Number(least), Number(most)];
  if (count < (Number.isFinite(from) && least !== undefined ? from : 1)) return false;
  return !Number.isFinite(to) || most === undefined || count <= to;
}

function isFlinkDeployed(object: KubeObject): boolean {
  const status = statusOf(object);
  const reconciled = objectIn(status, 'reconciliationStatus');
  const manager = textIn(status, 'jobManagerDeploymentStatus');
  if (reconciled.success === true) return true;
  return reconciled.state === 'DEPLOYED' && (manager === '' || manager === 'READY');
}

function blueGreen(object: KubeObject): Health {
  const status = statusOf(object);
  const error = textIn(status, 'error');
  const reconciled = textIn(objectIn(status, 'reconciliationStatus'), 'state');
  if (reconciled === 'ROLLING_BACK') return health('Progressing', 'Rolling back to last stable spec');
  if (reconciled === 'ROLLED_BACK') {
    return health('Degraded', error === '' ? 'Deployment rolled back' : `Rolled back: ${error}`);
  }
  const state = textIn(status, 'blueGreenState');
  const job = textIn(objectIn(status, 'jobStatus'), 'state');
  if (state.startsWith('ACTIVE_')) {
    if (job === 'RESTARTING') return health('Degraded', `Job crash-looping (RESTARTING) in ${state}`);
    return health('Healthy', error === '' ? state : `${state} (warning: ${error})`);
  }
  if (state.startsWith('SAVEPOINTING_')) return health('Progressing', `Taking savepoint: ${state}`);
  if (state === 'INITIALIZING_BLUE') return health('Progressing', 'Initializing blue deployment');
  if (state === 'TRANSITIONING_TO_BLUE') return health('Progressing', 'Rolling back to blue deployment');
  if (state === 'TRANSITIONING_TO_GREEN') return health('Progressing', 'Transitioning to green deployment');
  const doing = job === 'FAILED' ? 'Job failed, operator recovering' : 'Operator processing';
  if (error !== '') return health('Progressing', `${doing}: ${error}`);
  return health('Progressing', job === 'FAILED' ? doing : 'Waiting for Flink operator');
}

/** `Progressing --- Canary Weight: 20 % --- New revision detected…` */
function canary(object: KubeObject): Health {
  const status = statusOf(object);
  if (!isJsonObject(dig(object, ['status']))) return health('Unknown', 'No status');
  const phase = textIn(status, 'phase');
  const weight = numberIn(status, 'canaryWeight');
  const said = conditionsOf(object).map((it: JsonObject) => textIn(it, 'message'));
  const parts = [phase, ...(weight > 0 ? [`Canary Weight: ${weight} %`] : []), ...said];
  const message = parts.join(' --- ');
  if (phase === 'Failed') return health('Degraded', message);
  if (phase === 'Succeeded' || phase === 'Initialized') return health('Healthy', message);
  const moving = ['Initializing', 'Waiting', 'Progressing', 'WaitingPromotion', 'Promoting', 'Finalising'];
  return health(moving.includes(phase) ? 'Progressing' : 'Unknown', message);
}
