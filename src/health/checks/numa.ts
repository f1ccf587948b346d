// Health of Numaflow's and Numaplane's kinds.

import type { Health, KubeObject } from '../../model/index.ts';
import { conditionOf, conditionsOf, labelIn, metaOf, statusOf, textIn } from '../read.ts';
import { type Checks, eachKind, health } from '../rules.ts';

/** Checks of Numaflow and Numaplane. */
export const numa: Checks = {
  ...eachKind('numaflow.numaproj.io', ['InterStepBufferService', 'MonoVertex', 'Pipeline', 'Vertex'], flow),
  ...eachKind(
    'numaplane.numaproj.io',
    ['ISBServiceRollout', 'MonoVertexRollout', 'NumaflowControllerRollout', 'PipelineRollout'],
    plane,
  ),
};

/** Pipelines sum up what is below them, the others say it. */
const sumsUp = new Set(['Pipeline', 'MonoVertex']);

function flow(object: KubeObject): Health {
  const status = statusOf(object);
  const phase = textIn(status, 'phase');
  if (!isObserved(object)) return health('Progressing', `Waiting for ${object.kind} status`);
  if (phase === 'Failed') return health('Degraded', textIn(status, 'message'));
  if (labelIn(object, 'numaplane.numaproj.io/progressive-result-state') === 'failed') {
    return health('Degraded', 'Failed progressive upgrade');
  }
  const bad = conditionsOf(object).filter((it) => it.status === 'False');
  const last = bad.at(-1);
  if (last !== undefined) {
    return health('Degraded', sumsUp.has(object.kind) ? 'Subresources are unhealthy' : textIn(last, 'message'));
  }
  if (phase === 'Paused' || phase === 'Pausing') return health('Healthy', `${object.kind} is paused`);
  if (phase === 'Running') return health('Healthy', `${object.kind} is healthy`);
  return health('Progressing', `Waiting for ${object.kind} status`);
}

function plane(object: KubeObject): Health {
  const status = statusOf(object);
  const phase = textIn(status, 'phase');
  if (!isObserved(object)) return health('Progressing', 'Not yet reconciled');
  if (phase === 'Failed') return health('Degraded', textIn(status, 'message'));
  const children = conditionOf(object, 'ChildResourcesHealthy');
  if (children?.status === 'False') {
    const failed = /(?:Failed|Degraded)$/.test(textIn(children, 'reason'));
    return failed ? health('Degraded', textIn(children, 'message')) : health('Progressing', 'Child Progressing');
  }
  if (phase === 'Pending' || phase === '') return health('Progressing', 'Update in progress');
  if (conditionOf(object, 'PipelinePausingOrPaused')?.status === 'True') {
    return health('Suspended', 'Pipeline is paused');
  }
  if (children?.status === 'True' && phase === 'Deployed') return health('Healthy', 'Healthy');
  return health('Progressing', 'Progressing');
}

function isObserved(object: KubeObject): boolean {
  return textIn(statusOf(object), 'observedGeneration') === textIn(metaOf(object), 'generation');
}
