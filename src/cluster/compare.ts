// The fields in which two versions of one object differ, for people: where, from what to what, and whose the live value is.
import {
  type FieldChange,
  fieldManager,
  isJsonObject,
  type Json,
  type JsonObject,
  type KubeObject,
  stringAt,
} from '../model/index.ts';
import { indexOf, managedFields } from './owned.ts';

const bookkeeping = new Set(['managedFields', 'resourceVersion', 'generation', 'uid', 'creationTimestamp', 'selfLink']);
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const mostChanges = 500;
const longestValue = 16_384;
// Different lengths, so that two different secrets do not look equal (Argo CD's habit).
const maskedLive = '"++++++++"';
const maskedDesired = '"+++++++++"';

/** The changes from `live` to `desired`; values of Secrets (and their `sensitive` annotations) are masked, long ones cut. */
export function fieldChanges(
  live: KubeObject,
  desired: KubeObject,
  sensitive: readonly string[] = [],
): readonly FieldChange[] {
  const differences: Difference[] = [];
  compare(visible(live), visible(desired), [], differences);
  const secret = live.kind === 'Secret' && live.apiVersion === 'v1';
  return differences
    .slice(0, mostChanges)
    .map((difference) => changeOf(difference, live, secret ? sensitive : undefined));
}

type Difference = {
  readonly path: readonly string[];
  readonly live: Json | undefined;
  readonly desired: Json | undefined;
};

function changeOf(
  { path, live, desired }: Difference,
  object: KubeObject,
  sensitive: readonly string[] | undefined,
): FieldChange {
  const hidden = sensitive !== undefined && isSecretPath(path, sensitive);
  const owner = live === undefined ? undefined : ownerOf(object, path);
  return {
    path: pointer(path),
    ...(live === undefined ? {} : { live: hidden ? maskedLive : text(live) }),
    ...(desired === undefined ? {} : { desired: hidden ? maskedDesired : text(desired) }),
    ...owner,
  };
}

function isSecretPath([first, second, third]: readonly string[], sensitive: readonly string[]): boolean {
  if (first === 'data' || first === 'stringData') return true;
  if (first !== 'metadata' || second !== 'annotations') return first === 'metadata' && second === undefined;
  return third === undefined || sensitive.includes(third);
}

function visible(object: KubeObject): JsonObject {
  const metadata: Record<string, Json> = {};
  for (const key in object.metadata) if (!bookkeeping.has(key)) metadata[key] = object.metadata[key] ?? null;
  const { annotations } = metadata;
  if (isJsonObject(annotations) && Object.hasOwn(annotations, lastApplied)) {
    // A copy of the manifest, kept by kubectl: it repeats every change, and the secrets.
    const { [lastApplied]: _copy, ...others } = annotations;
    if (Object.keys(others).length > 0) metadata.annotations = others;
    else delete metadata.annotations;
  }
  return { ...object, metadata };
}

function compare(live: Json | undefined, desired: Json | undefined, path: readonly string[], out: Difference[]): void {
  if (live === desired || out.length > mostChanges) return;
  if (isJsonObject(live) && isJsonObject(desired)) {
    for (const key of new Set([...Object.keys(live), ...Object.keys(desired)])) {
      compare(own(live, key), own(desired, key), [...path, key], out);
    }
    return;
  }
  if (Array.isArray(live) && Array.isArray(desired)) {
    compareLists(live as readonly Json[], desired as readonly Json[], path, out);
    return;
  }
  out.push({ path, live, desired });
}

function compareLists(
  live: readonly Json[],
  desired: readonly Json[],
  path: readonly string[],
  out: Difference[],
): void {
  if (!live.every(isJsonObject) || !desired.every(isJsonObject)) {
    if (JSON.stringify(live) !== JSON.stringify(desired)) out.push({ path, live, desired });
    return;
  }
  const key = identityKey(live, desired);
  if (key === undefined) {
    for (let i = 0; i < Math.max(live.length, desired.length); i++)
      compare(live[i], desired[i], [...path, `${i}`], out);
    return;
  }
  const there = new Map(live.map((item, index) => [item[key], index]));
  for (const [index, item] of desired.entries()) {
    const found = there.get(item[key]);
    there.delete(item[key]);
    compare(found === undefined ? undefined : live[found], item, [...path, `${found ?? index}`], out);
  }
  for (const index of there.values()) out.push({ path: [...path, `${index}`], live: live[index], desired: undefined });
}

const identities = ['name', 'key', 'mountPath', 'containerPort', 'port', 'ip', 'type', 'uid', 'topologyKey'];

/** The field by which the items of two lists can be told apart. */
function identityKey(a: readonly JsonObject[], b: readonly JsonObject[]): string | undefined {
  return identities.find((key) => distinct(a, key) && distinct(b, key));
}

function distinct(list: readonly JsonObject[], key: string): boolean {
  const values = new Set(list.map((item) => item[key]));
  return values.size === list.length && !values.has(undefined);
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function pointer(path: readonly string[]): string {
  return path.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function text(value: Json): string {
  const whole = JSON.stringify(value);
  return whole.length > longestValue ? `${whole.slice(0, longestValue)}…` : whole;
}

/** Who last set the live value at `path`, and when; another than us where several did. */
function ownerOf(object: KubeObject, path: readonly string[]): { owner?: string; since?: string } {
  let found: JsonObject | undefined;
  for (const entry of managedFields(object)) {
    if (!covers(entry.fieldsV1, object, path)) continue;
    if (found === undefined || found.manager === fieldManager) found = entry;
  }
  const owner = stringAt(found, 'manager');
  const since = stringAt(found, 'time');
  return { ...(owner === undefined ? {} : { owner }), ...(since === undefined ? {} : { since }) };
}

function covers(fields: Json | undefined, object: Json, path: readonly string[]): boolean {
  let here = fields;
  let value: Json | undefined = object;
  for (const step of path) {
    if (!isJsonObject(here)) return false;
    // A field that is owned as a whole covers everything below it.
    if (Object.keys(here).length === 0) return value !== object;
    if (Array.isArray(value)) {
      const list = value as readonly Json[];
      const element: string | undefined = Object.keys(here).find((key) => indexOf(key, list) === Number(step));
      here = element === undefined ? undefined : here[element];
      value = list[Number(step)];
    } else {
      here = here[`f:${step}`];
      value = isJsonObject(value) ? own(value, step) : undefined;
    }
  }
  return here !== undefined;
}
