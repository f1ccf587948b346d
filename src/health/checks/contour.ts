// Health of Contour's kinds: one condition, Valid, which counts only for the newest generation.

import type { KubeObject } from '../../model/index.ts';
import { conditionOf, itemsIn, metaOf, specOf, statusOf, textIn } from '../read.ts';
import { type Checks, firstOf, given, health, otherwise } from '../rules.ts';

/** Checks of Contour. */
export const contour: Checks = {
  'projectcontour.io/ExtensionService': firstOf(valid, otherwise('Progressing', 'Waiting for status')),
  'projectcontour.io/HTTPProxy': firstOf(
    given(
      (object) => statusOf(object).currentStatus === 'NotReconciled',
      'Progressing',
      (status) => textIn(status, 'description'),
    ),
    given(
      (object) => conditionOf(object, 'Valid') !== undefined && itemsIn(specOf(object), 'includes').length > 0,
      'Healthy',
      'HTTPProxy inclusions cannot be health checked',
    ),
    valid,
    otherwise('Progressing', 'Waiting for status'),
  ),
};

function valid(object: KubeObject) {
  const found = conditionOf(object, 'Valid');
  if (found === undefined) return undefined;
  if (textIn(found, 'observedGeneration') !== textIn(metaOf(object), 'generation')) return undefined;
  if (found.status === 'True') return health('Healthy', textIn(found, 'message'));
  return found.status === 'False' ? health('Degraded', textIn(found, 'message')) : undefined;
}
