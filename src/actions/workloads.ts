// Actions of the kinds that Kubernetes has built in.
import { isJsonObject, type Json, type JsonObject, type KubeObject, objectAt, stringAt } from '../model/index.ts';
import {
  type Action,
  type Actions,
  type Effect,
  patching,
  restart,
  scale,
  setting,
  specOf,
  suspendable,
} from './action.ts';

/** Deployments, StatefulSets, DaemonSets, CronJobs and Jobs. */
export const workloads: Actions = {
  'apps/Deployment': [
    { ...restart, hindered: (object) => (specOf(object).paused === true ? 'it is paused' : undefined) },
    setting('pause', 'Roll out nothing until it is resumed', 'paused', true, false),
    setting('resume', 'Go on with rolling out', 'paused', false, false),
    scale,
  ],
  'apps/StatefulSet': [restart, scale],
  'apps/DaemonSet': [restart],
  'batch/CronJob': [
    { name: 'create-job', about: 'Run it once, now', run: (object, { now }) => [jobOf(object, now)] },
    ...suspendable,
  ],
  'batch/Job': [
    ...suspendable.map(
      (action): Action => ({ ...action, hindered: (object) => ended(object) ?? action.hindered?.(object) }),
    ),
    patching('terminate', 'End it at once, as failed', () => ({ spec: { activeDeadlineSeconds: 1 } }), ended),
  ],
};

function ended(object: KubeObject): string | undefined {
  const conditions: Json | undefined = objectAt(object, 'status').conditions;
  if (!Array.isArray(conditions)) return undefined;
  const over = (conditions as readonly Json[]).some(
    (one) => isJsonObject(one) && ['Complete', 'Failed'].includes(String(one.type)) && one.status === 'True',
  );
  return over ? 'it has ended' : undefined;
}

const longestName = 63;

// What `kubectl create job --from` makes; the name says when.
function jobOf(object: KubeObject, now: string): Effect {
  const template = objectAt(object, 'spec', 'jobTemplate');
  const metadata: JsonObject = {
    name: nameAt(stringAt(object.metadata, 'name') ?? '', now),
    namespace: stringAt(object.metadata, 'namespace') ?? '',
    labels: objectAt(template, 'metadata', 'labels'),
    annotations: { ...objectAt(template, 'metadata', 'annotations'), 'cronjob.kubernetes.io/instantiate': 'manual' },
    ownerReferences: [ownerOf(object)],
  };
  return {
    kind: 'create',
    object: { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: objectAt(template, 'spec') },
  };
}

/** The name of what is made of an object at a time; a long name is cut. */
export function nameAt(name: string, now: string): string {
  const stamp = now.replace(/\D/g, '').slice(0, 14);
  return `${name.slice(0, longestName - stamp.length - 1).replace(/-+$/, '')}-${stamp}`;
}

/** A reference to an object as the owner of what an action makes. */
export function ownerOf(object: KubeObject): JsonObject {
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: stringAt(object.metadata, 'name') ?? '',
    uid: stringAt(object.metadata, 'uid') ?? '',
  };
}
