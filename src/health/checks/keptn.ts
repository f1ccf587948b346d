// Health of Keptn's kinds: one word decides.

import type { KubeObject } from '../../model/index.ts';
import { hasIn, statusOf, textIn } from '../read.ts';
import { byWord, type Check, type Checks, eachKind, firstOf, given, health } from '../rules.ts';

function lifecycle(key: string): Check {
  return firstOf(
    byWord(['status', key], {
      Succeeded: ['Healthy', (_, object) => `${object.kind} is healthy`],
      Failed: ['Degraded', (_, object) => `${object.kind} is degraded`],
    }),
    given(
      () => true,
      'Progressing',
      (_, object) => `${object.kind} is progressing`,
    ),
  );
}

/** Checks of Keptn. */
export const keptn: Checks = {
  ...eachKind(
    'lifecycle.keptn.sh',
    ['KeptnAppVersion', 'KeptnTask', 'KeptnWorkloadInstance', 'KeptnWorkloadVersion'],
    lifecycle('status'),
  ),
  'lifecycle.keptn.sh/KeptnEvaluation': lifecycle('overallStatus'),
  'metrics.keptn.sh/Analysis': (object: KubeObject) => {
    const { pass, warning } = statusOf(object);
    if (pass === true) return health('Healthy', 'Analysis is healthy');
    if (warning === true) return health('Healthy', 'Analysis is healthy with warnings');
    return pass === false
      ? health('Degraded', 'Analysis is degraded')
      : health('Progressing', 'Analysis is progressing');
  },
  'metrics.keptn.sh/KeptnMetric': (object: KubeObject) => {
    const status = statusOf(object);
    if (textIn(status, 'errMsg') !== '') return health('Degraded', 'KeptnMetric is degraded');
    if (hasIn(status, 'value') && textIn(status, 'value') !== '') return health('Healthy', 'KeptnMetric is healthy');
    return health('Progressing', 'KeptnMetric is progressing');
  },
};
