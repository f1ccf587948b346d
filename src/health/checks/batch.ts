// Health of Job and CronJob.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import { conditionsOf, hasIn, itemsIn, specOf, statusOf, textIn, typed } from '../read.ts';
import { type Checks, health } from '../rules.ts';

/** Checks of the batch group. */
export const batch: Checks = { 'batch/Job': job, 'batch/CronJob': cronJob };

/** Only a condition that is True counts: a resumed Job keeps Suspended as False and runs on. */
function job(object: KubeObject): Health {
  const conditions = conditionsOf(object);
  const failed = whenTrue(conditions, 'Failed');
  if (failed !== undefined) return health('Degraded', textIn(failed, 'message'));
  const complete = whenTrue(conditions, 'Complete');
  if (complete !== undefined) return health('Healthy', textIn(complete, 'message'));
  const suspended = whenTrue(conditions, 'Suspended');
  if (suspended !== undefined) return health('Suspended', textIn(suspended, 'message'));
  return health('Progressing');
}

/** A CronJob is Degraded when its last run is known to have failed; what is not known counts as Healthy. */
function cronJob(object: KubeObject): Health {
  if (specOf(object).suspend === true) return health('Suspended', 'CronJob is Suspended');
  if (!hasIn(object, 'status')) return health('Progressing', 'Waiting for CronJob');
  const status = statusOf(object);
  const scheduled = textIn(status, 'lastScheduleTime');
  const succeeded = textIn(status, 'lastSuccessfulTime');
  if (scheduled === '') return health('Healthy', 'CronJob has not been scheduled yet');
  if (succeeded === '') {
    return health('Healthy', 'The Cronjob never completed succesfully. It may not be healthy');
  }
  if (itemsIn(status, 'active').length > 0) {
    return health('Healthy', 'The job is running. Its last execution may not have been successful');
  }
  // Times of one form (RFC 3339, UTC) order as texts.
  if (succeeded < scheduled) return health('Degraded', 'CronJob has not completed its last execution successfully');
  return health('Healthy', 'CronJob has completed its last execution successfully');
}

function whenTrue(conditions: readonly JsonObject[], type: string): JsonObject | undefined {
  const found = typed(conditions, type);
  return found?.status === 'True' ? found : undefined;
}
