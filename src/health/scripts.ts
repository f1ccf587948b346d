// Health checks that people write themselves, in Lua: when one is asked, and what its answer means (Argo CD's rules).
// Running it is somebody else's work.
import { type Health, type HealthStatus, isJsonObject, type Json, type KubeObject } from '../model/index.ts';
import { assess, deletionOf, keyOfKind } from './assess.ts';
import { textIn } from './read.ts';

/** What came of running a script on an object: the JSON text of its result, or why it failed. */
export type ScriptRun =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly message: string };

const statuses: ReadonlySet<string> = new Set<HealthStatus>([
  'Healthy',
  'Suspended',
  'Progressing',
  'Missing',
  'Degraded',
  'Unknown',
]);
/** Kinds whose own check is asked when a script has nothing to say: those that Argo CD has built in. */
const builtIn: ReadonlySet<string> = new Set([
  '/PersistentVolumeClaim',
  '/Pod',
  '/Service',
  'apiregistration.k8s.io/APIService',
  'apps/DaemonSet',
  'apps/Deployment',
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'argoproj.io/Workflow',
  'autoscaling/HorizontalPodAutoscaler',
  'batch/Job',
  'extensions/Ingress',
  'networking.k8s.io/Ingress',
]);
const longestMessage = 4_096;

/** The health of an object before any script is asked, undefined when the script has the word. */
export function healthBeforeScript(object: KubeObject): Health | undefined {
  return deletionOf(object);
}

/** The health that a script's run means; undefined when it says nothing and no check of ours is asked in its place. */
export function healthFromScript(object: KubeObject, run: ScriptRun): Health | undefined {
  if (!run.ok) return { status: 'Unknown', message: run.message };
  const answer = parse(run.value);
  if (answer === null) return builtIn.has(keyOfKind(object)) ? assess(object) : undefined;
  // An empty table arrives as an empty list.
  if (Array.isArray(answer) && answer.length === 0) return undefined;
  if (!isJsonObject(answer)) {
    return { status: 'Unknown', message: 'the health check returned no table with a status and a message' };
  }
  const status = textIn(answer, 'status');
  if (!statuses.has(status)) return { status: 'Unknown', message: 'Lua returned an invalid health status' };
  const message = textIn(answer, 'message').slice(0, longestMessage);
  return { status: status as HealthStatus, ...(message === '' ? {} : { message }) };
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return '';
  }
}
