// Health of KEDA's kinds.

import { type Check, type Checks, firstOf, otherwise, when } from '../rules.ts';

function scaled(waiting: string): Check {
  return firstOf(
    when('Ready', 'False', 'Degraded'),
    when('Fallback', 'True', 'Degraded'),
    when('Paused', 'True', 'Suspended'),
    when('Ready', 'True', 'Healthy'),
    otherwise('Progressing', waiting),
  );
}

/** Checks of KEDA. */
export const keda: Checks = {
  'keda.sh/ScaledObject': scaled('Creating HorizontalPodAutoscaler Object'),
  'keda.sh/ScaledJob': scaled('Waiting for ScaledJob'),
};
