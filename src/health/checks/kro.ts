// Health of kro: the definitions of graphs, and their instances, which are of any kind in its group.

import type { Health, JsonObject, KubeObject } from '../../model/index.ts';
import { conditionsOf, metaOf, statusOf, textIn, typed } from '../read.ts';
import { type Checks, health } from '../rules.ts';

/** Checks of kro. */
export const kro: Checks = {
  'kro.run/ResourceGraphDefinition': definition,
  'kro.run/*': instance,
};

const graphTypes = ['GraphRevisionsResolved', 'GraphAccepted', 'KindReady', 'ControllerReady', 'Ready'];
const instanceTypes = ['InstanceManaged', 'GraphResolved', 'ResourcesReady', 'Ready'];
const unreported: Health = Object.freeze({ status: 'Progressing', message: 'Waiting for KRO to report status' });

function definition(object: KubeObject): Health {
  if (conditionsOf(object).length === 0) return unreported;
  const conditions = newest(object);
  if (typed(conditions, 'Ready')?.status === 'True') {
    return health('Healthy', 'ResourceGraphDefinition is active and serving instances');
  }
  const bad = conditions.find((it) => it.status === 'False' && graphTypes.includes(textIn(it, 'type')));
  if (bad !== undefined) return health('Degraded', textIn(bad, 'message') || `${textIn(bad, 'type')} is False`);
  return health('Progressing', 'Waiting for ResourceGraphDefinition to become ready');
}

/** A condition that is False may only not be there yet; the state says whether it is a fault. */
function instance(object: KubeObject): Health {
  if (conditionsOf(object).length === 0) return unreported;
  const conditions = newest(object);
  if (typed(conditions, 'Ready')?.status === 'True') return health('Healthy', 'Instance is active and running');
  const open = conditions.find((it) => it.status === 'False' && instanceTypes.includes(textIn(it, 'type')));
  const said = open === undefined ? '' : textIn(open, 'message');
  const type = open === undefined ? '' : textIn(open, 'type');
  const state = textIn(statusOf(object), 'state');
  if (open !== undefined && (state === 'FAILED' || state === 'ERROR')) {
    return health('Degraded', said || `${type} is False`);
  }
  if (open !== undefined && state === 'IN_PROGRESS') return health('Progressing', said || `${type} is in progress`);
  return health('Progressing', 'Waiting for instance to become ready');
}

/** The conditions of the newest generation. */
function newest(object: KubeObject): readonly JsonObject[] {
  const generation = textIn(metaOf(object), 'generation');
  return conditionsOf(object).filter((it) => textIn(it, 'observedGeneration') === generation);
}
