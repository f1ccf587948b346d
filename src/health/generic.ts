// Health of a kind that nobody wrote a check for, read from the conditions that most controllers report (the rules of
// kstatus, where it has any). A kind without conditions says nothing about its health.

import type { Health, JsonObject, KubeObject } from '../model/index.ts';
import { conditionsOf, metaOf, textIn, typed } from './read.ts';
import { health, isStale } from './rules.ts';

/** Conditions that mean a fault when they are True. */
const faults = ['Stalled', 'Failed', 'Failure', 'Degraded', 'Error', 'ErrorOccurred', 'ReconcileError', 'HasErrors'];
/** Conditions that mean that somebody has stopped it when they are True. */
const stops = ['Suspended', 'Paused', 'ReconcilePaused'];
/** Conditions that sum an object up, the most telling first. */
const sums = [
  'Ready',
  'Available',
  'Healthy',
  'Succeeded',
  'Complete',
  'Completed',
  'Programmed',
  'Synced',
  'RemoteSynced',
  'Reconciled',
  'ReconcileSuccess',
  'Established',
  'Accepted',
  'Active',
  'Deployed',
  'Installed',
  'Applied',
  'Valid',
];
/** Reasons of a False condition that do not pass by themselves. */
const fatal =
  /fail|error|invalid|denied|forbidden|unauthori[sz]ed|notfound|missing|conflict|exceeded|timeout|timedout|crash|backoff|unsupported|rejected|refused|misconfigur/i;

/** The health that conditions speak of, undefined where there are none that speak of it. */
export function generic(object: KubeObject): Health | undefined {
  const conditions = conditionsOf(object);
  if (isStale(object)) {
    const generation = textIn(metaOf(object), 'generation');
    return health('Progressing', `Waiting for the controller to observe generation ${generation}`);
  }
  if (conditions.length === 0) return undefined;
  for (const type of faults) {
    const fault = typed(conditions, type);
    if (fault?.status === 'True') return health('Degraded', said(fault));
  }
  const synced = typed(conditions, 'Synced');
  if (synced?.status === 'False' && fatal.test(textIn(synced, 'reason'))) return health('Degraded', said(synced));
  for (const type of stops) {
    const stop = typed(conditions, type);
    if (stop?.status === 'True') return health('Suspended', said(stop));
  }
  const trying = typed(conditions, 'Reconciling');
  if (trying?.status === 'True') return health('Progressing', said(trying));
  for (const type of sums) {
    const sum = typed(conditions, type);
    if (sum !== undefined) return judged(sum, object);
  }
  const progressing = typed(conditions, 'Progressing');
  return progressing?.status === 'True' ? health('Progressing', said(progressing)) : undefined;
}

function judged(condition: JsonObject, object: KubeObject): Health {
  const seen = textIn(condition, 'observedGeneration');
  const generation = textIn(metaOf(object), 'generation');
  if (seen !== '' && generation !== '' && Number(seen) < Number(generation)) {
    return health('Progressing', `Waiting for the controller to observe generation ${generation}`);
  }
  switch (textIn(condition, 'status')) {
    case 'True':
      return health('Healthy', textIn(condition, 'message'));
    case 'False': {
      // Cluster API and Azure's operator mark with a severity what does not pass by itself.
      const severity = textIn(condition, 'severity');
      const bad = severity === '' ? fatal.test(textIn(condition, 'reason')) : severity === 'Error';
      return health(bad ? 'Degraded' : 'Progressing', said(condition));
    }
    default:
      return health('Progressing', said(condition));
  }
}

function said(condition: JsonObject): string {
  return textIn(condition, 'message') || textIn(condition, 'reason');
}
