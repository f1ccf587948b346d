// Health of KEDA's kinds.

import type { JsonObject } from '../../model/index.ts';
import { textIn } from '../read.ts';
import { type Check, type Checks, find, firstOf, otherwise, when } from '../rules.ts';

/** Conditions begin as Unknown without a word; an Unknown that says why comes from a failure. */
const unknown: Check = find(
  (it) => it.type === 'Ready' && it.status === 'Unknown' && said(it) !== '',
  'Degraded',
  said,
);

function said(condition: JsonObject): string {
  return textIn(condition, 'message') || textIn(condition, 'reason');
}

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
  'keda.sh/ScaledJob': firstOf(unknown, scaled('Waiting for ScaledJob')),
};
