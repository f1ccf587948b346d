// Health of the Argo projects' own kinds, except Rollout, which has a file of its own.

import type { JsonObject, KubeObject } from '../../model/index.ts';
import { conditionsOf, objectIn, statusOf, textIn } from '../read.ts';
import {
  byWord,
  type Check,
  type Checks,
  firstOf,
  health,
  otherwise,
  type Say,
  when,
  withoutStatus,
} from '../rules.ts';

const statusMessage = (status: JsonObject): string => textIn(status, 'message');
const messageOrReason: Say = (it) => textIn(it, 'message') || textIn(it, 'reason');

/** Checks of Argo CD's, Argo Workflows', Argo Events' and Argo Rollouts' kinds. */
export const argoproj: Checks = {
  'argoproj.io/Application': application,
  'argoproj.io/ApplicationSet': firstOf(
    when('ErrorOccurred', 'True', 'Degraded'),
    when('ResourcesUpToDate', 'False', 'Degraded'),
    when('RolloutProgressing', 'True', 'Progressing'),
    when('ResourcesUpToDate', 'True', 'Healthy'),
    otherwise('Progressing', 'Waiting for the status to be reported'),
  ),
  'argoproj.io/Workflow': firstOf(
    byWord(
      ['status', 'phase'],
      {
        '': 'Progressing',
        Pending: 'Progressing',
        Running: 'Progressing',
        Succeeded: 'Healthy',
        Failed: 'Degraded',
        Error: 'Degraded',
      },
      statusMessage,
    ),
    unknown(statusMessage),
  ),
  'argoproj.io/CronWorkflow': firstOf(
    when(['SpecError', 'SubmissionError'], 'True', 'Degraded'),
    when('Completed', 'True', 'Healthy'),
    otherwise('Healthy', 'CronWorkflow is healthy.'),
  ),
  'argoproj.io/AnalysisRun': firstOf(
    withoutStatus('Waiting for analysis run to finish: status has not been reconciled.'),
    byWord(['status', 'phase'], {
      Pending: ['Progressing', 'Analysis run is running'],
      Running: ['Progressing', 'Analysis run is running'],
      Successful: ['Healthy', messageOr('Analysis run completed successfully')],
      Failed: ['Degraded', messageOr('Analysis run failed')],
      Error: ['Degraded', messageOr('Analysis run had an error')],
      Inconclusive: ['Unknown', messageOr('Analysis run was inconclusive')],
    }),
    otherwise('Progressing', 'Waiting for analysis run to finish: status has not been reconciled.'),
  ),
  'argoproj.io/Experiment': firstOf(
    byWord(['status', 'phase'], {
      Pending: ['Progressing', 'Experiment is pending'],
      Running: ['Progressing', 'Experiment is running'],
      Successful: ['Healthy', 'Experiment is successful'],
      Failed: ['Degraded', 'Experiment has failed'],
      Error: ['Degraded', 'Experiment had an error'],
    }),
    otherwise('Progressing', 'Waiting for experiment to finish: status has not been reconciled.'),
  ),
  'argoproj.io/EventBus': firstOf(
    when('Deployed', 'False', 'Degraded', messageOrReason),
    when('Deployed', 'True', 'Healthy', messageOrReason),
    otherwise('Progressing', 'Waiting for initialization'),
  ),
  'argoproj.io/EventSource': firstOf(allTrue, otherwise('Progressing', 'Waiting for initialization')),
  'argoproj.io/Sensor': firstOf(allTrue, otherwise('Progressing', 'Waiting for initialization')),
};

/** A child application is what its own engine says of it; one that has not been looked at yet is on its way. */
function application(object: KubeObject) {
  const own = objectIn(statusOf(object), 'health');
  switch (own.status) {
    case 'Healthy':
    case 'Suspended':
    case 'Progressing':
    case 'Missing':
    case 'Degraded':
    case 'Unknown':
      return health(own.status, textIn(own, 'message'));
    default:
      return health('Progressing');
  }
}

/** Argo Events: every condition has to be True. */
function allTrue(object: KubeObject) {
  const conditions = conditionsOf(object);
  if (conditions.length === 0) return undefined;
  const bad = conditions.find((it) => it.status === 'False');
  if (bad !== undefined) return health('Degraded', textIn(bad, 'message') || textIn(bad, 'reason'));
  return conditions.every((it) => it.status === 'True') ? health('Healthy') : undefined;
}

function messageOr(fallback: string): Say {
  return (status: JsonObject) => textIn(status, 'message') || fallback;
}

function unknown(say: (status: JsonObject, object: KubeObject) => string): Check {
  return (object) => health('Unknown', say(statusOf(object), object));
}
