// Actions of Numaflow's pipelines and of Numaplane's rollouts of them.
import { type JsonObject, type KubeObject, objectAt } from '../model/index.ts';
import { type Action, type Actions, annotating, patching, statusOf } from './action.ts';

const alreadySo = 'it is so already';
const resumeStrategy = 'numaflow.numaproj.io/resume-strategy';
const dataLoss = 'numaplane.numaproj.io/allow-data-loss';

/** Kinds of Numaflow and Numaplane. */
export const numa: Actions = {
  'numaflow.numaproj.io/Pipeline': [...phased(['spec']), ...paced(['spec'], ['metadata'])],
  'numaflow.numaproj.io/MonoVertex': [...phased(['spec']), ...scaled(['spec'])],
  'numaplane.numaproj.io/PipelineRollout': [
    ...phased(['spec', 'pipeline', 'spec']),
    ...paced(['spec', 'pipeline', 'spec'], ['spec', 'pipeline', 'metadata']),
    ...promoted(),
    {
      ...annotating('allow-data-loss', 'Upgrade at once, without draining it first', dataLoss, () => 'true'),
      hindered: (object) =>
        losesData(object) ? alreadySo : isDraining(object) ? undefined : 'it is not being drained',
    },
    {
      ...annotating('disallow-data-loss', 'Drain it before it is upgraded', dataLoss, () => 'false'),
      hindered: (object) => (losesData(object) ? undefined : alreadySo),
    },
  ],
  'numaplane.numaproj.io/MonoVertexRollout': [
    ...phased(['spec', 'monoVertex', 'spec']),
    ...scaled(['spec', 'monoVertex', 'spec']),
    ...promoted(),
  ],
  'numaplane.numaproj.io/ISBServiceRollout': promoted(),
};

/** `pause` and `unpause` by the phase that is wished for, below `place`. */
function phased(place: readonly string[]): readonly Action[] {
  const become = (name: string, about: string, phase: string): Action =>
    patching(
      name,
      about,
      () => below(place, lifecycle(phase)),
      (object) => (phaseOf(object, place) === phase ? alreadySo : undefined),
    );
  return [become('pause', 'Stop it until it is resumed', 'Paused'), become('unpause', 'Let it go on', 'Running')];
}

/** Goes on with the least number of pods, or with as many as there were. `marks` is where annotations go. */
function paced(place: readonly string[], marks: readonly string[]): readonly Action[] {
  const goOn = (name: string, about: string, pace: string): Action =>
    patching(
      name,
      about,
      () => merged(below(place, lifecycle('Running')), below(marks, { annotations: { [resumeStrategy]: pace } })),
      (object) => (phaseOf(object, place) === 'Paused' ? undefined : 'it is not paused'),
    );
  return [
    goOn('unpause-gradual', 'Let it go on with the least number of pods', 'slow'),
    goOn('unpause-fast', 'Let it go on with as many pods as before', 'fast'),
  ];
}

/** The same for a MonoVertex, whose number of pods is its own field: without it scaling begins at the least. */
function scaled(place: readonly string[]): readonly Action[] {
  const goOn = (name: string, about: string, more: JsonObject): Action =>
    patching(
      name,
      about,
      () => below(place, { ...lifecycle('Running'), ...more }),
      (object) => (phaseOf(object, place) === 'Paused' ? undefined : 'it is not paused'),
    );
  return [
    goOn('unpause-gradual', 'Let it go on with the least number of pods', { replicas: null }),
    goOn('unpause-fast', 'Let it go on with as many pods as before', {}),
  ];
}

/** The newest version takes over, whatever its assessment says. */
function promoted(): readonly Action[] {
  const become = (name: string, about: string, value: boolean): Action =>
    patching(
      name,
      about,
      () => ({ spec: { strategy: { progressive: { forcePromote: value } } } }),
      (object) =>
        (objectAt(object, 'spec', 'strategy', 'progressive').forcePromote === true) === value ? alreadySo : undefined,
    );
  return [
    become('enable-force-promote', 'Promote its newest version, whatever its assessment says', true),
    become('disable-force-promote', 'Promote its newest version after it was assessed', false),
  ];
}

function isDraining(object: KubeObject): boolean {
  return statusOf(object).upgradeInProgress === 'PipelinePauseAndDrain';
}

function losesData(object: KubeObject): boolean {
  return objectAt(object.metadata, 'annotations')[dataLoss] === 'true';
}

function lifecycle(desiredPhase: string): JsonObject {
  return { lifecycle: { desiredPhase } };
}

function phaseOf(object: KubeObject, place: readonly string[]): string {
  return String(objectAt(object, ...place, 'lifecycle').desiredPhase ?? 'Running');
}

function below(place: readonly string[], value: JsonObject): JsonObject {
  return place.reduceRight<JsonObject>((inner, step) => ({ [step]: inner }), value);
}

function merged(a: JsonObject, b: JsonObject): JsonObject {
  const both = Object.keys(a).filter((key) => Object.hasOwn(b, key));
  return { ...a, ...b, ...Object.fromEntries(both.map((key) => [key, merged(objectAt(a, key), objectAt(b, key))])) };
}
